"""The cases of `speed.ts` in other programs: what a user of Python would run on the same processor.

usage: peers.py [SECONDS]        seconds for each case, 3 if not given

Needs NumPy, SciPy, scikit-learn and PyTorch. Two workers or threads each. Prints rows of a Markdown table: the fastest and the
median run in milliseconds. Trees and searches are built anew in each run, as here; the two images are the maps of two taps.
"""

import sys
import time

import numpy as np
import torch
from scipy.spatial import cKDTree
from sklearn.neighbors import NearestNeighbors

THREADS = 2
K_OF_MAP = 12
FLOOR = 1e-2  # of a squared distance, as the published code has it


def squared_distances(rows):
    products = rows @ rows.transpose(-1, -2)
    norms = products.diagonal(dim1=-2, dim2=-1)
    return norms.unsqueeze(-1) + norms.unsqueeze(-2) - 2 * products


def entropy(maps):
    """Mean log distance of each channel to its k-th neighbour: all of the estimate that depends on the map."""
    centred = maps - maps.mean(1, keepdim=True)
    kth = squared_distances(centred).topk(K_OF_MAP + 1, largest=False).values[..., K_OF_MAP]
    return 0.5 * kth.clamp(min=FLOOR).log().mean()


def times(run, seconds):
    run()
    taken = []
    end = time.perf_counter() + seconds
    while len(taken) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        taken.append(1000 * (time.perf_counter() - start))
    return min(taken), float(np.median(taken))


def forward(estimate, maps):
    def run():
        with torch.no_grad():
            estimate(maps)

    return run


def with_gradient(estimate, maps):
    def run():
        maps.grad = None
        estimate(maps).backward()

    return run


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3
    torch.set_num_threads(THREADS)
    random = np.random.default_rng(1)
    low, high = random.standard_normal((10_000, 3)), random.standard_normal((4_000, 16))
    high_tensor = torch.from_numpy(high)
    maps = torch.relu(torch.from_numpy(random.standard_normal((2, 128, 100 * 88)).astype(np.float32)))
    maps.requires_grad_(True)
    search = lambda algorithm: NearestNeighbors(n_neighbors=5, algorithm=algorithm, n_jobs=THREADS)
    cases = {
        "10000 in R^3, k = 4: SciPy cKDTree": lambda: cKDTree(low).query(low, k=5, workers=THREADS),
        "10000 in R^3, k = 4: scikit-learn, k-d tree": lambda: search("kd_tree").fit(low).kneighbors(low),
        "4000 in R^16, k = 4: scikit-learn, brute force": lambda: search("brute").fit(high).kneighbors(high),
        "4000 in R^16, k = 4: PyTorch cdist and topk": lambda: torch.cdist(high_tensor, high_tensor).topk(5, largest=False),
        "2 images of 128×8800: PyTorch": forward(entropy, maps),
        "2 images of 128×8800: PyTorch, with gradient": with_gradient(entropy, maps),
    }
    for name, run in cases.items():
        fastest, median = times(run, seconds)
        print(f"| {name} | {fastest:.1f} | {median:.1f} |")


main()
