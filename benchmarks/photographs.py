"""How well photographs are told from paintings; makes the classifier that `realtime learn` warns by.

    python benchmarks/photographs.py --paintings paintings/ --photos photos/ -o training/photograph.npy

Ridge regression to 1 for paintings and -1 for photographs, both weighted alike, judged by a cross-validation of nine
parts over pictures.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from stylecam.training.data import find_pictures, read_picture
from stylecam.training.losses.vgg import VGGFeatures
from stylecam.training.photograph import LAYERS, SURE, statistics

RIDGE, PARTS = 1000.0, 9


def fit(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The bias and the weights of the classifier, `[1 + D]`, of `[N, D]` and N labels 1 or -1."""
    mean, spread = values.mean(0), values.std(0) + 1e-6
    x = (values - mean) / spread
    weight = np.where(labels > 0, (labels < 0).sum() / (labels > 0).sum(), 1.0)
    centre, middle = (weight[:, None] * x).sum(0) / weight.sum(), (weight * labels).sum() / weight.sum()
    x = x - centre
    slope = x.T @ np.linalg.solve(x @ x.T + RIDGE * np.diag(1 / weight), labels - middle)
    return np.concatenate([[middle - slope @ (centre + mean / spread)], slope / spread])


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paintings", type=Path, required=True)
    parser.add_argument("--photos", type=Path, nargs="+", required=True)
    parser.add_argument("--count", type=int, default=100, help="photographs of each folder")
    parser.add_argument("--vgg-weights", type=Path)
    parser.add_argument("-o", "--output", type=Path, help="where to write the classifier of all pictures")
    args = parser.parse_args()
    paintings = find_pictures(args.paintings)
    photos = []
    for folder in args.photos:
        files = find_pictures(folder)
        photos += files[:: max(1, len(files) // args.count)][: args.count]
    vgg = VGGFeatures(LAYERS, args.vgg_weights)
    values = np.array([statistics(vgg, read_picture(file)) for file in [*paintings, *photos]], np.float64)
    labels = np.repeat([1.0, -1.0], [len(paintings), len(photos)])
    scores, part = np.zeros(len(labels)), np.arange(len(labels)) % PARTS
    for left_out in range(PARTS):
        solution = fit(values[part != left_out], labels[part != left_out])
        scores[part == left_out] = values[part == left_out] @ solution[1:] + solution[0]
    for name, label in (("paintings", 1), ("photographs", -1)):
        told = scores[labels == label] < SURE
        print(f"{name}: {told.sum()} of {len(told)} are taken for photographs")
    if args.output:
        np.save(args.output, fit(values, labels).astype(np.float32))


if __name__ == "__main__":
    main()
