"""The training step of `pnpm bench --only step` in PyTorch: the peer that a user would run on the same processor.

usage: pytorch_step.py BATCH.safetensors [--threads N] [--seconds S] [--arms LIST]

The file holds one batch, as `src/step/pytorch-peer.ts` writes it: voxel features, the rulebook of every sparse layer, the
targets, and the configuration as JSON. Every choice is the faster of those tried: the layout of the maps, fused AdamW, sparse
convolution as gather, product and scatter in one autograd function, Gram matrices for the neighbours. Needs torch alone.

Arms, which take their steps in turn:
  float32            as it is
  bfloat16           the dense part under CPU autocast; sparse convolutions, losses and entropies in float32
  float32-compiled   the dense part through torch.compile (needs a C++ compiler), in the layout that was faster without
  bfloat16-compiled  both

Prints one JSON line: PyTorch's version and, with and without the Entropy Loss, of every arm the layout, the fastest and the median
step in milliseconds, or why it failed.
"""

import argparse
import json
import mmap
import struct
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

TYPES = {"F32": torch.float32, "I32": torch.int32}


def read_safetensors(path):
    with open(path, "rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        count = (end - begin) // 4
        flat = torch.frombuffer(data, dtype=TYPES[entry["dtype"]], count=count, offset=8 + size + begin) if count else torch.empty(0)
        tensors[name] = flat.reshape(entry["shape"])
    return tensors, metadata


class SparseConvolution(torch.autograd.Function):
    """out[o] += x[i] @ weight[tap] for every pair (i, o) of every tap."""

    @staticmethod
    def forward(ctx, x, weight, taps, out_rows):
        out = x.new_zeros(out_rows, weight.shape[2])
        for tap, (inputs, outputs) in enumerate(taps):
            if len(inputs):
                out.index_add_(0, outputs, x.index_select(0, inputs) @ weight[tap])
        ctx.save_for_backward(x, weight)
        ctx.taps = taps
        return out

    @staticmethod
    def backward(ctx, dy):
        x, weight = ctx.saved_tensors
        dx = torch.zeros_like(x) if ctx.needs_input_grad[0] else None
        dw = torch.zeros_like(weight)
        for tap, (inputs, outputs) in enumerate(ctx.taps):
            if len(inputs):
                rows = dy.index_select(0, outputs)
                torch.mm(x.index_select(0, inputs).t(), rows, out=dw[tap])
                if dx is not None:
                    dx.index_add_(0, inputs, rows @ weight[tap].t())
        return dx, dw, None, None


class SparseUnit(nn.Module):
    def __init__(self, taps, in_channels, out_channels, out_rows):
        super().__init__()
        self.taps, self.out_rows = taps, out_rows
        bound = (6 / (len(taps) * in_channels)) ** 0.5
        self.weight = nn.Parameter(torch.empty(len(taps), in_channels, out_channels).uniform_(-bound, bound))
        self.bn = nn.BatchNorm1d(out_channels, eps=1e-3, momentum=0.01)

    def forward(self, x):
        return F.relu(self.bn(SparseConvolution.apply(x, self.weight, self.taps, self.out_rows)), inplace=True)


def conv_unit(in_channels, out_channels, stride):
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False),
        nn.BatchNorm2d(out_channels, eps=1e-3, momentum=0.01),
        nn.ReLU(inplace=False),
    )


def up_unit(in_channels, out_channels, stride):
    return nn.Sequential(
        nn.ConvTranspose2d(in_channels, out_channels, stride, stride, bias=False),
        nn.BatchNorm2d(out_channels, eps=1e-3, momentum=0.01),
        nn.ReLU(inplace=True),
    )


class Dense(nn.Module):
    """Backbone, neck and head: [b, c, y, x] to taps and the head's maps."""

    def __init__(self, channels, blocks):
        super().__init__()
        self.blocks, self.necks = nn.ModuleList(), nn.ModuleList()
        for layers, stride, out, up, up_channels in blocks:
            units = [conv_unit(channels, out, stride)] + [conv_unit(out, out, 1) for _ in range(layers)]
            self.blocks.append(nn.ModuleList(units))
            self.necks.append(up_unit(out, up_channels, up))
            channels = out
        joined = sum(block[4] for block in blocks)
        self.cls = nn.Conv2d(joined, 18, 1)
        self.box = nn.Conv2d(joined, 42, 1)
        self.dir = nn.Conv2d(joined, 12, 1)

    def forward(self, x):
        taps, maps = [], []
        for block, neck in zip(self.blocks, self.necks):
            taps.append([])
            for unit in block:
                x = unit(x)
                taps[-1].append(x)
            maps.append(neck(x))
        x = torch.cat(maps, 1)
        return taps, self.cls(x), self.box(x), self.dir(x)


class Second(nn.Module):
    def __init__(self, config, batch, bfloat16):
        super().__init__()
        self.bfloat16 = bfloat16
        self.batch_size, (self.depth, self.height, self.width) = config["batchSize"], config["bevShape"]
        self.encoder = nn.ModuleList(
            SparseUnit(rulebook_taps(batch, i), layer["inChannels"], layer["outChannels"], layer["outRows"])
            for i, layer in enumerate(config["encoder"])
        )
        coords = batch["bev.coords"].long()
        self.cells = ((coords[:, 0] * self.depth + coords[:, 1]) * self.height + coords[:, 2]) * self.width + coords[:, 3]
        self.dense = Dense(config["encoder"][-1]["outChannels"] * self.depth, config["blocks"])

    def forward(self, x):
        for unit in self.encoder:
            x = unit(x)
        dense = x.new_zeros(self.batch_size * self.depth * self.height * self.width, x.shape[1])
        dense = dense.index_copy(0, self.cells, x)
        dense = dense.view(self.batch_size, self.depth, self.height, self.width, -1)
        # [b, z, y, x, c] to [b, c·D + d, y, x]
        x = dense.permute(0, 4, 1, 2, 3).reshape(self.batch_size, -1, self.height, self.width)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16):
            taps, *maps = self.dense(x)
        rows = lambda y, columns: y.float().permute(0, 2, 3, 1).reshape(self.batch_size, -1, columns)
        return taps, *(rows(y, columns) for y, columns in zip(maps, (3, 7, 2)))


def rulebook_taps(batch, layer):
    starts = batch[f"rulebook.{layer}.starts"].tolist()
    # index_add_ takes three times as long with 32-bit indices
    inputs, outputs = batch[f"rulebook.{layer}.inputs"].long(), batch[f"rulebook.{layer}.outputs"].long()
    return [(inputs[a:b], outputs[a:b]) for a, b in zip(starts, starts[1:])]


def detection_loss(cls, box, direction, batch):
    labels = batch["labels"]
    count = cls.shape[0]
    positives = (labels > 0).sum(1).clamp(min=1)
    target = F.one_hot(labels.clamp(min=0).long(), 4)[..., 1:].to(cls.dtype)
    p = cls.sigmoid()
    right = p * target + (1 - p) * (1 - target)
    alpha = 0.25 * target + 0.75 * (1 - target)
    bce = F.binary_cross_entropy_with_logits(cls, target, reduction="none")
    kept = (labels >= 0).to(cls.dtype) / positives[:, None]
    cls_loss = (alpha * (1 - right) ** 2 * bce * kept[..., None]).sum() / count
    sample, anchor = (labels > 0).nonzero(as_tuple=True)
    weight = 1 / positives[sample].to(cls.dtype)
    predicted, code = box[sample, anchor], batch["codes"]
    turn = predicted[:, 6:].sin() * code[:, 6:].cos() - predicted[:, 6:].cos() * code[:, 6:].sin()
    error = torch.cat([predicted[:, :6] - code[:, :6], turn], 1)
    box_loss = 2 * (F.smooth_l1_loss(error, torch.zeros_like(error), beta=1 / 9, reduction="none").sum(1) * weight).sum() / count
    cross = F.cross_entropy(direction[sample, anchor], batch["directions"].long(), reduction="none")
    return cls_loss + box_loss + 0.2 * (cross * weight).sum() / count


def tap_entropy(x):
    """Mean log distance to the k-th neighbour of each channel, over images: the part of H that has a gradient."""
    means = []
    for image in x:
        rows = image.float().flatten(1)
        centred = rows - rows.mean(0, keepdim=True).detach()
        gram = centred @ centred.t()
        norms = gram.diagonal()
        squared = norms[:, None] + norms[None] - 2 * gram
        squared = squared + torch.diag(torch.full_like(norms, float("inf")))
        k = len(rows) // 10
        nearest = squared.topk(k, largest=False).values[:, -1]
        means.append(0.5 * nearest.clamp(min=1e-12).log().mean())
    return torch.stack(means).mean()


def entropy_loss(taps):
    total = 0
    for block in taps:
        change = torch.stack([tap_entropy(tap) for tap in block]).diff()
        total = total + change.var(unbiased=False)
    return total


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("batch")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--seconds", type=float, default=20, help="for the steps of each arm")
    parser.add_argument("--arms", default=",".join(ARMS))
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    batch, metadata = read_safetensors(args.batch)
    config = json.loads(metadata["config"])
    arms, failed = {}, {}
    for name in args.arms.split(","):
        try:
            arms[name] = open_arm(name, config, batch, arms)
        except Exception as error:  # such as no compiler for torch.compile
            failed[name] = {"failed": (str(error).strip() or type(error).__name__).splitlines()[0][:200]}

    times = {(name, with_entropy): [] for name in arms for with_entropy in (False, True)}
    for step, _ in arms.values():
        step(True)
    started = time.perf_counter()
    rounds = 0
    while rounds < 3 or time.perf_counter() - started < args.seconds * len(arms):
        for (name, with_entropy), taken in times.items():
            taken.append(timed(arms[name][0], with_entropy))
        rounds += 1
    def figures(name, with_entropy):
        if name in failed:
            return {"name": name, **failed[name]}
        taken = sorted(times[name, with_entropy])
        return {"name": name, "layout": arms[name][1], "milliseconds": taken[0], "median": taken[len(taken) // 2]}
    names = args.arms.split(",")
    found = {key: [figures(name, key == "with") for name in names] for key in ("without", "with")}
    print(json.dumps({"version": torch.__version__, **found}))


LAYOUTS = {"channels-first": torch.contiguous_format, "channels-last": torch.channels_last}
ARMS = ("float32", "bfloat16", "float32-compiled", "bfloat16-compiled")


def open_arm(name, config, batch, others):
    """A step function, warm, and the layout of its maps: the faster one, for a compiled arm that of the arm without."""
    precision, _, compiled = name.partition("-")
    layouts = [others[precision][1]] if compiled and precision in others else LAYOUTS
    best = None
    for layout in layouts:
        step = trainer(config, batch, layout, precision == "bfloat16", bool(compiled))
        step(False)
        taken = min(timed(step, False) for _ in range(2))
        if best is None or taken < best[0]:
            best = (taken, step, layout)
    return best[1:]


def trainer(config, batch, layout, bfloat16, compiled):
    """A function that takes one training step of a new model."""
    model = Second(config, batch, bfloat16).to(memory_format=LAYOUTS[layout])
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.95, 0.99), weight_decay=0.01, fused=True)
    model.train()
    if compiled:
        model.dense.compile()

    def step(with_entropy):
        optimizer.zero_grad(set_to_none=True)
        taps, cls, box, direction = model(batch["features"])
        loss = detection_loss(cls, box, direction, batch)
        if with_entropy:
            loss = loss + entropy_loss(taps)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 10)
        optimizer.step()
        return loss.item()

    return step


def timed(step, with_entropy):
    begin = time.perf_counter()
    step(with_entropy)
    return 1000 * (time.perf_counter() - begin)


if __name__ == "__main__":
    sys.exit(main())
