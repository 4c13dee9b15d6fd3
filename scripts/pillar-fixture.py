"""PointPillars' encoder in PyTorch, as OpenPCDet's PillarVFE and PointPillarScatter have it, on three small columns.

Writes packages/second-detector/test/fixtures/pillars.json: decorated points, weights, outputs in training and evaluation
mode, and gradients of sum(output * probe). float64 inside, so the numbers are right to the last printed digit.

    python3 scripts/pillar-fixture.py
"""

import json
import pathlib

import torch

torch.manual_seed(20260001)
torch.set_default_dtype(torch.float64)

SLOTS, CHANNELS, OUT = 3, 10, 4
COUNTS = [1, 3, 2, 3]


def pillar_features(linear, norm, padded):
    """[cells, slots, channels] with zeros behind the last point -> [cells, out]"""
    x = linear(padded)
    x = norm(x.permute(0, 2, 1)).permute(0, 2, 1)  # statistics over cells and slots, the empty ones among them
    return torch.relu(x).max(dim=1).values


def plain(tensor):
    return tensor.detach().reshape(-1).tolist()


def main():
    points = torch.randn(sum(COUNTS), CHANNELS)
    probe = torch.randn(len(COUNTS), OUT)
    linear = torch.nn.Linear(CHANNELS, OUT, bias=False)
    norm = torch.nn.BatchNorm1d(OUT, eps=1e-3, momentum=0.01)
    with torch.no_grad():
        norm.weight.copy_(torch.rand(OUT) + 0.5)
        norm.bias.copy_(torch.randn(OUT) * 0.5)
        norm.running_mean.copy_(torch.randn(OUT) * 0.2)
        norm.running_var.copy_(torch.rand(OUT) + 0.5)
    state = {
        "weight": plain(linear.weight.t()),  # [in, out]
        "gamma": plain(norm.weight),
        "beta": plain(norm.bias),
        "mean": plain(norm.running_mean),
        "var": plain(norm.running_var),
    }
    padded = torch.zeros(len(COUNTS), SLOTS, CHANNELS)
    rows = torch.split(points, COUNTS)
    for cell, own in enumerate(rows):
        padded[cell, : len(own)] = own

    norm.eval()
    evaluation = plain(pillar_features(linear, norm, padded))
    norm.train()
    out = pillar_features(linear, norm, padded)
    (out * probe).sum().backward()
    fixture = {
        "slots": SLOTS,
        "counts": COUNTS,
        "points": plain(points),
        "probe": plain(probe),
        **state,
        "evaluation": evaluation,
        "training": plain(out),
        "meanAfter": plain(norm.running_mean),
        "varAfter": plain(norm.running_var),
        "gradients": {
            "weight": plain(linear.weight.grad.t()),
            "gamma": plain(norm.weight.grad),
            "beta": plain(norm.bias.grad),
        },
        "torch": torch.__version__,
    }
    root = pathlib.Path(__file__).resolve().parent.parent
    target = root / "packages/second-detector/test/fixtures/pillars.json"
    target.write_text(json.dumps(fixture, indent=1) + "\n")


main()
