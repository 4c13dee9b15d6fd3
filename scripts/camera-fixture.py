"""The camera branch and its fusions in PyTorch, float64: writes test/fixtures/camera.json.

Written from the published descriptions (ResNet-18 in torchvision's layout, MMDetection's FPN, the paper's fusion
modules), not from this package's code. Inputs and weights are pseudo-random numbers that the test makes again from their
names; of each stage and gradient the file holds a digest. Needs torch and numpy: python3 scripts/camera-fixture.py
"""
import json
import math
import pathlib
import re

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
MASK = 0xFFFFFFFF
BATCH, MAP_HEIGHT, MAP_WIDTH, MAP_CHANNELS = 2, 20, 14, 6
IMAGE_HEIGHT, IMAGE_WIDTH = 48, 80
RESNET_WIDTH, FPN_CHANNELS, EMBEDDING = 2, 6, {"width": 2, "dimensions": 10}
# x, y range of the bird's-eye view, and height at which cells are projected
RANGE, CELL_HEIGHT = [0, -20, 28, 20], -1.2
CAMERAS = [
    # a matrix from LiDAR to homogeneous pixels, the filled part of the image, and where its pixels came from
    {"matrix": [40, -60, 0, 4, 24, 0, -60, 3, 1, 0, 0, 0.3], "size": [80, 45], "x": [1, 0], "y": [1, 0]},
    {"matrix": [36, -50, 1, 4, 20, 1, -50, 3, 1, 0.01, 0, 0.3], "size": [70, 48], "x": [-0.9, 68.5], "y": [1.1, 0.05]},
]
VARIANTS = {
    "concat": {"alignment": "resize", "fusion": {"kind": "concat", "channels": 5}},
    "correlation": {"alignment": "resize", "fusion": {"kind": "graph", "channels": 4, "layers": 0, "join": "last"}},
    "gnn": {"alignment": "resize", "fusion": {"kind": "graph", "channels": 4, "layers": 3, "join": "last"}},
    "fpn": {"alignment": "project", "fusion": {"kind": "graph", "channels": 4, "layers": 3, "join": "all"}},
}


def numbers(name, count):
    """`count` numbers in [-1, 1) that depend on the name alone (mulberry32 seeded by FNV-1a), rounded to float32."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x01000193) & MASK
    out = np.empty(count)
    for i in range(count):
        seed = (seed + 0x6D2B79F5) & MASK
        t = ((seed ^ (seed >> 15)) * (seed | 1)) & MASK
        t ^= (t + ((t ^ (t >> 7)) * (t | 61) & MASK)) & MASK
        out[i] = 2 * ((t ^ (t >> 14)) / 2**32) - 1
    return out.astype(np.float32).astype(np.float64)


def digest(array):
    """First values, length of the whole, and its products with four pseudo-random vectors."""
    flat = np.ascontiguousarray(array).reshape(-1)
    short = lambda x: float(f"{x:.10g}")
    products = [short(flat @ numbers(f"digest {j}", flat.size)) for j in range(4)]
    return {"size": flat.size, "first": [short(x) for x in flat[:4]], "length": short(np.linalg.norm(flat)), "products": products}


def compact_json(value):
    """Indented JSON with lists of numbers on one line."""
    text = json.dumps(value, indent=1)
    return re.sub(r"\[\s+([^\[\]{}]+?)\s+\]", lambda m: "[" + re.sub(r"\s+", " ", m[1]) + "]", text) + "\n"


def channels_last(x):
    return x.detach().permute(0, 2, 3, 1).numpy()


class Block(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.downsample = None
        if stride != 1 or cin != cout:
            self.downsample = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet18(nn.Module):
    def __init__(self, cin, width):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        for s in range(4):
            c = width * 2**s
            first = Block(c // 2, c, 2) if s else Block(c, c, 1)
            setattr(self, f"layer{s + 1}", nn.Sequential(first, Block(c, c, 1)))

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        outputs = []
        for s in range(4):
            x = getattr(self, f"layer{s + 1}")(x)
            outputs.append(x)
        return outputs


class Unit(nn.Sequential):
    def __init__(self, cin, cout):
        super().__init__(nn.Conv2d(cin, cout, 1, bias=False), nn.BatchNorm2d(cout, eps=1e-3), nn.ReLU())


class Branch(nn.Module):
    def __init__(self, fusion):
        super().__init__()
        c, p = fusion["channels"], MAP_CHANNELS
        self.fusion = fusion
        self.resnet = ResNet18(3, RESNET_WIDTH)
        finer, coarser = RESNET_WIDTH * 2, RESNET_WIDTH * 8
        self.lateral = nn.ModuleList([nn.Conv2d(finer, FPN_CHANNELS, 1), nn.Conv2d(coarser, FPN_CHANNELS, 1)])
        self.output = nn.ModuleList([nn.Conv2d(FPN_CHANNELS, FPN_CHANNELS, 3, 1, 1) for _ in range(2)])
        self.reduceImage, self.reduceLidar = Unit(FPN_CHANNELS, c), Unit(p, c)
        if fusion["kind"] == "concat":
            self.mix, joined = Unit(2 * c, c), 3 * c
        else:
            self.embedding = ResNet18(1, EMBEDDING["width"])
            self.project = nn.Linear(8 * EMBEDDING["width"], EMBEDDING["dimensions"])
            self.graph = nn.ModuleList([Unit(2 * c, 2 * c) for _ in range(fusion["layers"])])
            joined = 2 * c * (1 + (fusion["layers"] if fusion["join"] == "all" else 1))
        self.join = Unit(joined, p)

    def forward(self, pixels, lidar, sample, show):
        stages = self.resnet(pixels)
        coarse = self.lateral[1](stages[3])
        fine = self.lateral[0](stages[1])
        fine = fine + F.interpolate(coarse, size=fine.shape[2:], mode="nearest")
        levels = [self.output[0](fine), self.output[1](coarse)]
        for i, level in enumerate(levels):
            show(f"camera.fpn.output{i}", level)
        up = F.interpolate(levels[1], size=levels[0].shape[2:], mode="bilinear", align_corners=False)
        image = show("camera.image", sample(levels[0] + up))
        x = torch.cat([self.reduceImage(image), self.reduceLidar(lidar)], 1)
        if self.fusion["kind"] == "concat":
            return show("camera.join", self.join(torch.cat([x, self.mix(x)], 1)))
        b, c, h, w = x.shape
        embedded = self.project(self.embedding(x.reshape(b * c, 1, h, w))[3].mean((2, 3))).reshape(b, c, -1)
        graph = torch.stack([F.relu(torch.corrcoef(v) * (1 - torch.eye(c))) for v in embedded])
        show("camera.graph", graph)
        along = lambda y: torch.einsum("bij,bjhw->bihw", graph, y)
        if not self.graph:
            messages = [show("camera.message", along(x))]
        else:
            messages, y = [], x
            for i, unit in enumerate(self.graph):
                y = show(f"camera.message{i}", along(unit(y)))
                messages.append(y)
            if self.fusion["join"] == "last":
                messages = messages[-1:]
        return show("camera.join", self.join(torch.cat([x, *messages], 1)))


def our_name(key):
    """Name of this package for a parameter or buffer of Branch."""
    name = key.replace("resnet.", "camera.resnet.", 1) if key.startswith("resnet.") else f"camera.{key}"
    for i in range(3):
        name = name.replace(f"graph.{i}.", f"graph{i}.")
    for i in range(2):
        name = name.replace(f"lateral.{i}", f"fpn.lateral{i}").replace(f"output.{i}", f"fpn.output{i}")
    for s in range(1, 5):
        name = name.replace(f"layer{s}.", f"stage{s}.")
    name = name.replace("project.", "embedding.project.")
    inside = name.startswith(("camera.resnet.", "camera.embedding.")) and ".project." not in name
    if inside and ".stage" in name:
        for ours, conv, norm in (("first", "conv1", "bn1"), ("second", "conv2", "bn2"), ("skip", "downsample.0", "downsample.1")):
            name = name.replace(f"{conv}.", f"{ours}.").replace(f"{norm}.", f"{ours}.bn.")
    elif inside:
        name = name.replace("conv1.", "stem.").replace("bn1.", "stem.bn.")
    elif ".fpn." not in name:
        name = name.replace(".0.weight", ".weight").replace(".1.", ".bn.")
    if ".bn." in name:
        for theirs, ours in (("weight", "gamma"), ("bias", "beta"), ("running_mean", "mean"), ("running_var", "var")):
            name = name.replace(f".bn.{theirs}", f".bn.{ours}")
    return name


def to_ours(x):
    """[out, in, kh, kw] → [kh, kw, in, out]; linear [out, in] → [in, out]."""
    if x.ndim == 4:
        return x.permute(2, 3, 1, 0)
    return x.permute(1, 0) if x.ndim == 2 else x


def fill(tensor, name):
    """Pseudo-random values by name, in our layout."""
    shape = to_ours(tensor).shape
    u = numbers(name, tensor.numel()).reshape(shape)
    if name.endswith((".bn.gamma", ".bn.var")):
        u = 1 + 0.5 * u
    elif name.endswith((".bn.beta", ".bn.mean", ".bias")):
        u = 0.5 * u
    else:
        u = u * math.sqrt(6 / math.prod(shape[:-1]))
    u = torch.from_numpy(u.astype(np.float32).astype(np.float64))
    back = u.permute(3, 2, 0, 1) if u.ndim == 4 else u.permute(1, 0) if u.ndim == 2 else u
    tensor.copy_(back)


def images():
    pixels = np.zeros((BATCH, IMAGE_HEIGHT, IMAGE_WIDTH, 3))
    for i, camera in enumerate(CAMERAS):
        width, height = camera["size"]
        pixels[i, :height, :width] = numbers(f"image {i}", height * width * 3).reshape(height, width, 3)
    return torch.from_numpy(pixels).permute(0, 3, 1, 2)


def projected(features):
    """Features at the pixel of each cell's centre, feature i centred on pixel 8i; zeros where the camera sees nothing."""
    b, c, h, w = features.shape
    x0, y0, x1, y1 = RANGE
    xs = x0 + (np.arange(MAP_WIDTH) + 0.5) / MAP_WIDTH * (x1 - x0)
    ys = y0 + (np.arange(MAP_HEIGHT) + 0.5) / MAP_HEIGHT * (y1 - y0)
    grid_y, grid_x = np.meshgrid(ys, xs, indexing="ij")
    points = np.stack([grid_x, grid_y, np.full_like(grid_x, CELL_HEIGHT), np.ones_like(grid_x)], -1)
    out = []
    for i, camera in enumerate(CAMERAS):
        m = np.array(camera["matrix"], float).reshape(3, 4)
        u, v, d = np.moveaxis(points @ m.T, -1, 0)
        u = camera["x"][0] * u / d + camera["x"][1]
        v = camera["y"][0] * v / d + camera["y"][1]
        seen = (d > 0) & (u >= 0) & (u <= camera["size"][0] - 1) & (v >= 0) & (v <= camera["size"][1] - 1)
        assert 20 < seen.sum() < seen.size
        grid = np.stack([2 * (u / 8) / (w - 1) - 1, 2 * (v / 8) / (h - 1) - 1], -1)
        taken = F.grid_sample(features[i : i + 1], torch.from_numpy(grid)[None], padding_mode="border", align_corners=True)
        out.append(taken * torch.from_numpy(seen.astype(float)))
    return torch.cat(out)


def run(variant):
    branch = Branch(variant["fusion"])
    with torch.no_grad():
        for key, value in branch.state_dict().items():
            if not key.endswith("num_batches_tracked"):
                fill(value, our_name(key))
    branch.train()
    branch.resnet.eval()
    lidar = numbers("lidar", BATCH * MAP_HEIGHT * MAP_WIDTH * MAP_CHANNELS)
    lidar = torch.from_numpy(lidar.reshape(BATCH, MAP_HEIGHT, MAP_WIDTH, MAP_CHANNELS)).permute(0, 3, 1, 2)
    lidar = lidar.contiguous().requires_grad_()
    stages = {}

    def show(name, x):
        stages[name] = digest(x.detach().numpy() if x.ndim == 3 else channels_last(x))
        return x

    resized = lambda m: F.interpolate(m, size=(MAP_HEIGHT, MAP_WIDTH), mode="bilinear", align_corners=False)
    fused = branch(images(), lidar, projected if variant["alignment"] == "project" else resized, show)
    direction = numbers("direction", fused.numel()).reshape(BATCH, MAP_HEIGHT, MAP_WIDTH, MAP_CHANNELS)
    loss = (fused * torch.from_numpy(direction).permute(0, 3, 1, 2)).sum()
    loss.backward()
    gradients = {"lidar": digest(channels_last(lidar.grad))}
    for key, parameter in branch.named_parameters():
        name = our_name(key)
        frozen = name.startswith("camera.resnet.") and (".bn." in name or ".stem." in name or ".stage1." in name)
        if not frozen:
            gradients[name] = digest(to_ours(parameter.grad).numpy())
    return {**variant, "loss": loss.item(), "stages": stages, "gradients": gradients}


def main():
    torch.manual_seed(0)
    fixture = {
        "torch": torch.__version__,
        "batch": BATCH,
        "map": {"height": MAP_HEIGHT, "width": MAP_WIDTH, "channels": MAP_CHANNELS},
        "image": {"height": IMAGE_HEIGHT, "width": IMAGE_WIDTH},
        "resnetWidth": RESNET_WIDTH,
        "fpnChannels": FPN_CHANNELS,
        "embedding": EMBEDDING,
        "cellHeight": CELL_HEIGHT,
        "cameras": CAMERAS,
        "variants": {name: run(variant) for name, variant in VARIANTS.items()},
    }
    path = pathlib.Path(__file__).parent.parent / "packages" / "second-detector" / "test" / "fixtures" / "camera.json"
    path.write_text(compact_json(fixture))
    print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
