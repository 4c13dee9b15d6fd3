"""A small SECOND with OpenPCDet's parameter names, in PyTorch, float64: writes test/fixtures/openpcdet.json.

Modules are nested and named as in OpenPCDet's VoxelBackBone8x, HeightCompression, BaseBEVBackbone and AnchorHeadSingle, so
that the names of the state dict are theirs; sparse convolutions are dense ones on a grid with a mask, their kernels stored
[out, kz, ky, kx, in] as spconv 2 does. Weights and voxels are pseudo-random numbers that the test makes again from their
names; of the head's outputs the file holds digests. Needs torch and numpy: python3 scripts/openpcdet-fixture.py
"""
import importlib.util
import pathlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).parent
spec = importlib.util.spec_from_file_location("camera_fixture", HERE / "camera-fixture.py")
camera = importlib.util.module_from_spec(spec)
spec.loader.exec_module(camera)
numbers, digest = camera.numbers, camera.digest

GRID = [41, 32, 32]
CHANNELS = [2, 3, 3, 4, 4]
DRAWN_VOXELS = 80
norm1d = lambda c: nn.BatchNorm1d(c, eps=1e-3)
norm2d = lambda c: nn.BatchNorm2d(c, eps=1e-3)


class SparseConv(nn.Module):
    def __init__(self, cin, cout, kernel, stride, padding, subm):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(cout, *kernel, cin))
        self.stride, self.padding, self.subm = stride, padding, subm

    def forward(self, x, mask):
        y = F.conv3d(x, self.weight.permute(0, 4, 1, 2, 3), stride=self.stride, padding=self.padding)
        if self.subm:
            return y * mask, mask
        ones = torch.ones(1, 1, *self.weight.shape[1:4])
        reached = (F.conv3d(mask, ones, stride=self.stride, padding=self.padding) > 0).double()
        return y * reached, reached


def unit(*args):
    return nn.Sequential(SparseConv(*args), norm1d(args[1]), nn.ReLU())


def run_unit(layers, x, mask):
    x, mask = layers[0](x, mask)
    b, c, *size = x.shape
    normed = layers[1](x.reshape(b, c, -1)).reshape(x.shape)
    return layers[2](normed) * mask, mask


class VoxelBackBone8x(nn.Module):
    def __init__(self):
        super().__init__()
        subm = lambda a, b: unit(a, b, (3, 3, 3), 1, 1, True)
        c = CHANNELS
        self.conv_input = subm(4, c[0])
        self.conv1 = nn.Sequential(subm(c[0], c[0]))
        for i, padding in ((2, 1), (3, 1), (4, (0, 1, 1))):
            open_ = unit(c[i - 2], c[i - 1], (3, 3, 3), 2, padding, False)
            setattr(self, f"conv{i}", nn.Sequential(open_, subm(c[i - 1], c[i - 1]), subm(c[i - 1], c[i - 1])))
        self.conv_out = unit(c[3], c[4], (3, 1, 1), (2, 1, 1), 0, False)

    def forward(self, x, mask):
        x, mask = run_unit(self.conv_input, x, mask)
        for i in range(1, 5):
            for layers in getattr(self, f"conv{i}"):
                x, mask = run_unit(layers, x, mask)
        x, mask = run_unit(self.conv_out, x, mask)
        return x.reshape(1, -1, *x.shape[3:])


class BaseBEVBackbone(nn.Module):
    def __init__(self, cin):
        super().__init__()
        layers, strides, channels, ups, up_channels = [1, 1], [1, 2], [4, 6], [1, 2], [3, 4]
        self.blocks, self.deblocks = nn.ModuleList(), nn.ModuleList()
        for i, c in enumerate(channels):
            block = [nn.ZeroPad2d(1), nn.Conv2d(cin, c, 3, strides[i], bias=False), norm2d(c), nn.ReLU()]
            for _ in range(layers[i]):
                block += [nn.Conv2d(c, c, 3, padding=1, bias=False), norm2d(c), nn.ReLU()]
            self.blocks.append(nn.Sequential(*block))
            up = nn.ConvTranspose2d(c, up_channels[i], ups[i], ups[i], bias=False)
            self.deblocks.append(nn.Sequential(up, norm2d(up_channels[i]), nn.ReLU()))
            cin = c

    def forward(self, x):
        maps = []
        for block, deblock in zip(self.blocks, self.deblocks):
            x = block(x)
            maps.append(deblock(x))
        return torch.cat(maps, 1)


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone_3d = VoxelBackBone8x()
        self.backbone_2d = BaseBEVBackbone(8)
        self.dense_head = nn.Module()
        for name, channels in (("cls", 18), ("box", 42), ("dir_cls", 12)):
            setattr(self.dense_head, f"conv_{name}", nn.Conv2d(7, channels, 1))


def voxels():
    places = [((u + 1) / 2 * n).astype(int) for u, n in zip(np.split(numbers("places", 3 * DRAWN_VOXELS), 3), GRID)]
    features = numbers("features", 4 * DRAWN_VOXELS).reshape(-1, 4)
    x, mask = torch.zeros(1, 4, *GRID), torch.zeros(1, 1, *GRID)
    for i, (z, y, row) in enumerate(zip(*places)):
        if mask[0, 0, z, y, row] == 0:
            x[0, :, z, y, row] = torch.from_numpy(features[i])
            mask[0, 0, z, y, row] = 1
    return x, mask


def main():
    model = Detector()
    shapes = {}
    with torch.no_grad():
        for key, value in model.state_dict().items():
            if key.endswith("num_batches_tracked"):
                continue
            shapes[key] = list(value.shape)
            u = numbers(key, value.numel()).reshape(value.shape)
            value.copy_(torch.from_numpy(u if value.ndim > 1 else 1 + 0.5 * u).float().double())
    model.eval()
    x = model.backbone_2d(model.backbone_3d(*voxels()))
    heads = {name: getattr(model.dense_head, f"conv_{name}")(x) for name in ("cls", "box", "dir_cls")}
    fixture = {
        "torch": torch.__version__,
        "drawnVoxels": DRAWN_VOXELS,
        "shapes": shapes,
        "head": {name: digest(camera.channels_last(y)) for name, y in heads.items()},
    }
    path = HERE.parent / "packages" / "second-detector" / "test" / "fixtures" / "openpcdet.json"
    path.write_text(camera.compact_json(fixture))
    print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
