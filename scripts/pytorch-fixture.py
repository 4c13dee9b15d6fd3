"""Small detectors with the names of OpenPCDet and MMDetection3D, saved by PyTorch: writes packages/second-detector/test/fixtures/pytorch/.

Every checkpoint is what torch.save writes, in the zip format or the legacy one; head.json holds digests of what each detector's
head says of the same input, its channels in our order of classes (Car, Pedestrian, Cyclist). Modules as in
openpcdet-fixture.py; MMDetection3D's names, paddings and pillar features from its documentation and behaviour. Beside them
layouts.pth (tensors of every type and layout) and hostile files. Needs torch and numpy: python3 scripts/pytorch-fixture.py
"""
import importlib.util
import json
import os
import pathlib
from collections import OrderedDict

import numpy as np
import torch
from torch import nn

HERE = pathlib.Path(__file__).parent
OUT = HERE.parent / "packages" / "second-detector" / "test" / "fixtures" / "pytorch"
spec = importlib.util.spec_from_file_location("openpcdet_fixture", HERE / "openpcdet-fixture.py")
theirs = importlib.util.module_from_spec(spec)
spec.loader.exec_module(theirs)
numbers, digest, norm1d, norm2d = theirs.numbers, theirs.digest, theirs.norm1d, theirs.norm2d

POINTS, SLOTS, CELLS, PILLAR_CHANNELS = 60, 2, 8, 4
CLASSES = ["Car", "Pedestrian", "Cyclist"]
MMDET3D_CLASSES = ["Pedestrian", "Cyclist", "Car"]


class Backbone(nn.Module):
    """blocks and deblocks with or without a layer of padding before the first convolution"""

    def __init__(self, cin, strides, padded):
        super().__init__()
        self.blocks, self.deblocks = nn.ModuleList(), nn.ModuleList()
        for i, c in enumerate([4, 6]):
            if padded:
                block = [nn.ZeroPad2d(1), nn.Conv2d(cin, c, 3, strides[i], bias=False)]
            else:
                block = [nn.Conv2d(cin, c, 3, strides[i], padding=1, bias=False)]
            block += [norm2d(c), nn.ReLU(), nn.Conv2d(c, c, 3, padding=1, bias=False), norm2d(c), nn.ReLU()]
            self.blocks.append(nn.Sequential(*block))
            up, side = [3, 4][i], [1, 2][i]
            self.deblocks.append(nn.Sequential(nn.ConvTranspose2d(c, up, side, side, bias=False), norm2d(up), nn.ReLU()))
            cin = c

    def forward(self, x):
        maps = []
        for block, deblock in zip(self.blocks, self.deblocks):
            x = block(x)
            maps.append(deblock(x))
        return torch.cat(maps, 1)


class PillarLayer(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.linear = nn.Linear(inputs, PILLAR_CHANNELS, bias=False)
        self.norm = norm1d(PILLAR_CHANNELS)

    def forward(self, x):  # [cells, slots, inputs]
        x = self.norm(self.linear(x).permute(0, 2, 1)).permute(0, 2, 1)
        return torch.relu(x).max(dim=1).values


def scan():
    """[n, 4] in x 0..8, y -4..4, z -2..2"""
    u = numbers("scan", 4 * POINTS).astype(np.float32).reshape(-1, 4)
    return (u * np.float32([4, 4, 2, 0.5]) + np.float32([4, 0, 0, 0.5])).astype(np.float32)


def pillar_map(layer, inputs, overwritten):
    """Columns of 1 m, two points each at most; with `overwritten` the place holds the offset from the centre."""
    cells = OrderedDict()
    for point in scan().astype(np.float64):
        x, y = int(point[0]), int(point[1] + 4)
        cells.setdefault((y, x), []).append(point)
    rows = torch.zeros(len(cells), SLOTS, inputs)
    for i, ((y, x), points) in enumerate(cells.items()):
        own = torch.tensor(np.array(points[:SLOTS]))
        offset = own[:, :3] - torch.tensor([x + 0.5, y - 3.5, 0.0])
        mean = own[:, :3] - own[:, :3].mean(0)
        axes = inputs - 7
        place = own.clone()
        if overwritten:
            place[:, :axes] = offset[:, :axes]
        rows[i, : len(own)] = torch.cat([place, mean, offset[:, :axes]], 1)
    columns = layer(rows)
    x = torch.zeros(1, PILLAR_CHANNELS, CELLS, CELLS)
    for column, (row, col) in zip(columns, cells):
        x[0, :, row, col] = column
    return x


def head(module, names, classes=3):
    for name, per_anchor in zip(names, (classes, 7, 2)):
        setattr(module, name, nn.Conv2d(7, 2 * classes * per_anchor, 1))
    return module


def openpcdet_second():
    model = theirs.Detector()
    return model, lambda: model.backbone_2d(model.backbone_3d(*theirs.voxels())), model.dense_head


def openpcdet_pillars():
    model = nn.Module()
    model.vfe = nn.Module()
    model.vfe.pfn_layers = nn.ModuleList([PillarLayer(10)])
    model.backbone_2d = Backbone(PILLAR_CHANNELS, [2, 2], True)
    model.dense_head = head(nn.Module(), ("conv_cls", "conv_box", "conv_dir_cls"))
    return model, lambda: model.backbone_2d(pillar_map(model.vfe.pfn_layers[0], 10, False)), model.dense_head


def split_backbone(model, cin, strides):
    whole = Backbone(cin, strides, False)
    model.backbone, model.neck = nn.Module(), nn.Module()
    model.backbone.blocks, model.neck.deblocks = whole.blocks, whole.deblocks
    return whole


def mmdet3d_second():
    model = nn.Module()
    encoder = theirs.VoxelBackBone8x()
    layers = nn.Module()
    for i in range(1, 5):
        layers.add_module(f"encoder_layer{i}", getattr(encoder, f"conv{i}"))
    model.middle_encoder = nn.Module()
    model.middle_encoder.conv_input, model.middle_encoder.conv_out = encoder.conv_input, encoder.conv_out
    model.middle_encoder.encoder_layers = layers
    whole = split_backbone(model, 8, [1, 2])
    model.bbox_head = head(nn.Module(), ("conv_cls", "conv_reg", "conv_dir_cls"))
    return model, lambda: whole(encoder(*theirs.voxels())), model.bbox_head


def mmdet3d_pillars():
    model = nn.Module()
    model.voxel_encoder = nn.Module()
    model.voxel_encoder.pfn_layers = nn.ModuleList([PillarLayer(10)])
    whole = split_backbone(model, PILLAR_CHANNELS, [2, 2])
    model.bbox_head = head(nn.Module(), ("conv_cls", "conv_reg", "conv_dir_cls"))
    return model, lambda: whole(pillar_map(model.voxel_encoder.pfn_layers[0], 10, True)), model.bbox_head


def evaluate(build, mmdet3d):
    """float32 state dict of named numbers, and digests of the head's maps, channels last, classes in our order"""
    model, run, heads = build()
    with torch.no_grad():
        for key, value in model.state_dict().items():
            if key.endswith("num_batches_tracked"):
                continue
            u = numbers(key, value.numel()).reshape(value.shape)
            value.copy_(torch.from_numpy(u if value.ndim > 1 else 1 + 0.5 * u).float().double())
        model.eval()
        x = run()
        maps = {}
        order = [MMDET3D_CLASSES.index(name) for name in CLASSES] if mmdet3d else [0, 1, 2]
        for name, conv, values in (("cls", heads.conv_cls, 3), ("box", getattr(heads, "conv_reg" if mmdet3d else "conv_box"), 7), ("dir", heads.conv_dir_cls, 2)):
            y = conv(x)
            y = y.reshape(3, 2, values, *y.shape[2:])[order]  # class, rotation, values, y, x
            y = y[:, :, order] if name == "cls" else y
            maps[name] = digest(y.reshape(-1, *y.shape[3:]).permute(1, 2, 0).numpy())
    state = model.state_dict()
    return OrderedDict((k, v.float() if v.is_floating_point() else v) for k, v in state.items()), maps


def like_spconv1(state):
    """[out, kz, ky, kx, in] -> [kz, ky, kx, in, out], as views that are not contiguous"""
    return OrderedDict((k, v.permute(1, 2, 3, 4, 0) if v.ndim == 5 else v) for k, v in state.items())


class Hostile:
    def __reduce__(self):
        return (os.system, ("touch /tmp/eloss-hostile-file-was-run",))


def save(name, value, legacy):
    torch.save(value, OUT / name, _use_new_zipfile_serialization=not legacy)


def layouts():
    shared = torch.arange(24, dtype=torch.float32)
    grid = torch.arange(12, dtype=torch.float64).reshape(3, 4) / 8
    floats = torch.tensor([0.0, -0.0, 1.0, -2.5, 65504.0, 2**-14, 2**-24, 1 / 3, float("inf"), float("nan")])
    return {
        "first": shared[:6].reshape(2, 3),
        "second": shared[6:18:2],
        "transposed": grid.t(),
        "inner": grid[1:, 1:3],
        "half": floats.half(),
        "bfloat": floats.bfloat16(),
        "long": torch.tensor([[1, -(2**62)], [3, 4]]),
        "int": torch.tensor([1, -2], dtype=torch.int32),
        "short": torch.tensor([-3], dtype=torch.int16),
        "char": torch.tensor([-4], dtype=torch.int8),
        "byte": torch.tensor([200], dtype=torch.uint8),
        "bool": torch.tensor([True, False]),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
        "parameter": nn.Parameter(torch.tensor([1.5, -1.5])),
        "plain": [1, -1, 300, 70000, 2**40, 2**80, 0.1, True, None, "ü", b"\x00\xff", (1, (2,)), {"k": [3]}],
        "size": torch.Size([2, 3]),
        "numpy": np.float64(0.25),
    }


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    heads = {}
    state, heads["openpcdet-second.pth"] = evaluate(openpcdet_second, False)
    save("openpcdet-second.pth", {"epoch": 80, "it": 37120, "model_state": state, "optimizer_state": None, "version": "pcdet+0.6"}, False)
    state, heads["openpcdet-pillars.pth"] = evaluate(openpcdet_pillars, False)
    save("openpcdet-pillars.pth", {"model_state": OrderedDict((f"module.{k}", v) for k, v in state.items())}, True)
    state, heads["mmdet3d-second.pth"] = evaluate(mmdet3d_second, True)
    save("mmdet3d-second.pth", {"meta": {"mmdet3d_version": "1.0.0rc4", "CLASSES": MMDET3D_CLASSES}, "state_dict": like_spconv1(state)}, True)
    state, heads["mmdet3d-pillars.pth"] = evaluate(mmdet3d_pillars, True)
    save("mmdet3d-pillars.pth", {"meta": {"dataset_meta": {"classes": tuple(MMDET3D_CLASSES)}}, "state_dict": state}, False)
    save("layouts.pth", layouts(), False)
    save("layouts-legacy.pth", layouts(), True)
    save("hostile.pth", {"model_state": Hostile()}, False)
    save("hostile-legacy.pth", Hostile(), True)
    (OUT / "head.json").write_text(theirs.camera.compact_json({"torch": torch.__version__, "points": POINTS, "head": heads}))
    print(sum(path.stat().st_size for path in OUT.iterdir()), "bytes in", OUT)


if __name__ == "__main__":
    main()
