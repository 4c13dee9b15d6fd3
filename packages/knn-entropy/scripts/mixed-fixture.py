"""Writes test/fixtures/mixed-information.json: mixed and locally corrected mutual information, and discrete entropies, by
NumPy and SciPy in float64, from all distances, after the equations of Gao, Kannan, Oh and Viswanath 2017 and of Gao, Ver Steeg
and Galstyan 2015. Usage: python3 scripts/mixed-fixture.py"""

import json
import pathlib

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import digamma

rng = np.random.default_rng(20260002)
N = 60


def apart(x):
    """All distances by the max norm, infinite to itself."""
    d = cdist(x, x, "chebyshev")
    np.fill_diagonal(d, np.inf)
    return d


def mixed(x, y, k):
    dx, dy = apart(x), apart(y)
    d = np.maximum(dx, dy)
    rho = np.sort(d, axis=1)[:, k - 1]
    local = []
    for i, r in enumerate(rho):
        if r == 0:
            counts = [np.sum(each[i] == 0) + 1 for each in (d, dx, dy)]
        else:
            counts = [k, np.sum(dx[i] < r) + 1, np.sum(dy[i] < r) + 1]
        local.append(digamma(counts[0]) + np.log(len(x)) - digamma(counts[1]) - digamma(counts[2]))
    return np.mean(local)


def lnc(x, y, k, threshold):
    dx, dy = apart(x), apart(y)
    order = np.argsort(np.maximum(dx, dy), axis=1, kind="stable")[:, :k]
    z = np.hstack([x, y])
    total = 0
    for i, near in enumerate(order):
        ex, ey = dx[i, near].max(), dy[i, near].max()
        total += digamma(k) - 1 / k + digamma(len(x)) - digamma(np.sum(dx[i] <= ex)) - digamma(np.sum(dy[i] <= ey))
        offsets = z[near] - z[i]
        axes = np.linalg.eigh(offsets.T @ offsets)[1]
        turned = np.log(np.abs(offsets @ axes).max(axis=0)).sum()
        box = x.shape[1] * np.log(ex) + y.shape[1] * np.log(ey)
        if turned - box < np.log(threshold):
            total += box - turned
    return total / len(x)


def plug_in(x):
    counts = np.unique(x, axis=0, return_counts=True)[1]
    return -np.sum(counts / len(x) * np.log(counts / len(x))), len(counts)


def column(values):
    return np.asarray(values, dtype=float).reshape(len(values), -1)


coin = rng.integers(0, 2, N)
levels = rng.integers(0, 5, N)
noise = rng.standard_normal((N, 3))
inflated = np.where(rng.random(N) < 0.3, 0.0, rng.exponential(size=N))
mixed_pairs = {
    "a coin with itself": (coin, coin),
    "integers, and a uniform number more": (levels, levels + 2 * rng.random(N)),
    "zero-inflated exponential and Poisson": (inflated, np.where(inflated == 0, 0, rng.poisson(inflated))),
    "half a Gaussian, half a lattice": (
        np.where(rng.random(N) < 0.5, noise[:, 0], np.round(noise[:, 0])),
        np.column_stack([np.round(noise[:, 0] + noise[:, 1]), levels]),
    ),
    "no ties": (noise[:, 0], noise[:, 0] + noise[:, 1]),
}
near = {
    "correlation 0.9999": (noise[:, 0], 0.9999 * noise[:, 0] + np.sqrt(1 - 0.9999**2) * noise[:, 1]),
    "a noisy parabola": (noise[:, 0], noise[:, 0] ** 2 + 1e-3 * noise[:, 1]),
    "three dimensions near a plane": (noise[:, :2], noise[:, 0] - noise[:, 1] + 1e-2 * noise[:, 2]),
}
cases = []
for name, (x, y) in mixed_pairs.items():
    x, y = column(x), column(y)
    results = [{"estimator": "mixed", "k": k, "I": mixed(x, y, k)} for k in (1, 3, 7)]
    cases.append({"name": name, "shapes": [x.shape, y.shape], "x": x.ravel().tolist(), "y": y.ravel().tolist(), "results": results})
for name, (x, y) in near.items():
    x, y = column(x), column(y)
    results = [{"estimator": "lnc", "k": k, "threshold": a, "I": lnc(x, y, k, a)} for k, a in ((3, 0.25), (5, 0.25), (5, 1.0), (8, 0.05))]
    cases.append({"name": name, "shapes": [x.shape, y.shape], "x": x.ravel().tolist(), "y": y.ravel().tolist(), "results": results})
discrete = []
for name, x in {"a coin": coin, "five levels": levels, "a lattice in the plane": np.round(noise[:, :2])}.items():
    x = column(x)
    h, m = plug_in(x)
    discrete.append({"name": name, "shape": x.shape, "x": x.ravel().tolist(), "H": h, "millerMadow": h + (m - 1) / (2 * N)})
out = pathlib.Path(__file__).parent.parent / "test/fixtures/mixed-information.json"
out.write_text(json.dumps({"numpy": np.__version__, "cases": cases, "discrete": discrete}, indent=None, separators=(",", ":")) + "\n")
