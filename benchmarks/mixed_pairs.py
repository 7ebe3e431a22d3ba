"""Is the middle between two painters a picture? A table of all pairs.

    python benchmarks/mixed_pairs.py PHOTO... --paintings paintings/ --vgg-weights vgg16.safetensors

Each photo is painted at 480 lines by every bundled style and by every mix of two, half and half; the figures are means
over the photos, the measures those of `realtime evaluate`. A mix is marked where its content distance is above 1.15
times the worse of its two painters', or its style distance to one of both paintings above 0.75.
"""

from __future__ import annotations

import argparse
from itertools import combinations
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from stylecam.models.catalog import BUNDLED, Style, StyleCatalog
from stylecam.realtime.painting.mixing import mix_styles
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.training.evaluate.evaluation_data import load_vgg, read_photos
from stylecam.training.losses.feature_distances import content_distance, gram_matrix, style_distance
from stylecam.training.losses.forms import CONTENT_LAYER, STYLE_LAYERS
from stylecam.training.painting import read_scan
from stylecam.training.tensors import to_tensor

MOST_CONTENT, MOST_STYLE = 1.15, 0.75


class Judge:
    """Measures styles on photos: the content distance, and the style distances to some of the paintings."""

    def __init__(self, vgg_weights: Path | None, photos: list[np.ndarray], paintings: dict[str, Path]) -> None:
        self.vgg, self.photos = load_vgg(vgg_weights, "cpu"), photos
        self.kept = [self._features(photo)[CONTENT_LAYER] for photo in photos]
        scans = {name: np.ascontiguousarray(read_scan(path)[..., ::-1]) for name, path in paintings.items()}
        self.grams = {name: self._grams(self._features(scan)) for name, scan in scans.items()}

    def measure(self, style: Style, names: list[str]) -> list[float]:
        """Content, and the style distance to each of the named paintings; means over the photos."""
        stylizer, rows = Stylizer(style, "cpu"), []
        for photo, kept in zip(self.photos, self.kept, strict=True):
            features = self._features(stylizer(photo))
            grams = self._grams(features)
            far = [
                np.mean([float(style_distance(a, b)) for a, b in zip(grams, self.grams[n], strict=True)]) for n in names
            ]
            rows.append([float(content_distance(features[CONTENT_LAYER], kept)), *far])
        return [float(value) for value in np.mean(rows, axis=0)]

    @torch.no_grad()
    def _features(self, picture: np.ndarray) -> dict[str, Tensor]:
        with torch.autocast("cpu", torch.bfloat16):  # three times as fast, and the same to two places
            found: dict[str, Tensor] = self.vgg(to_tensor(picture[..., ::-1]), (*STYLE_LAYERS, CONTENT_LAYER))
        return {layer: values.float() for layer, values in found.items()}

    @staticmethod
    def _grams(features: dict[str, Tensor]) -> list[Tensor]:
        return [gram_matrix(features[layer]) for layer in STYLE_LAYERS]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--paintings", type=Path, required=True, help="a folder with NAME.jpg for each style")
    parser.add_argument("--vgg-weights", type=Path)
    given = parser.parse_args()

    catalog = StyleCatalog([BUNDLED])
    styles = {name: catalog.find(name) for name in catalog.names}
    photos, _ = read_photos(given.photos, len(given.photos))
    judge = Judge(given.vgg_weights, photos, {name: given.paintings / f"{name}.jpg" for name in styles})
    alone = {name: judge.measure(style, [name]) for name, style in styles.items()}
    print("style", "content", "style distance", sep=" | ")
    for name, (content, far) in alone.items():
        print(name, f"{content:.2f}", f"{far:.2f}", sep=" | ", flush=True)
    print("mix", "content", "of the worse's", "to the first", "to the second", "", sep=" | ")
    marked = 0
    for pair in combinations(styles, 2):
        content, *far = judge.measure(mix_styles([(styles[name], 1) for name in pair]), list(pair))
        share = content / max(alone[name][0] for name in pair)
        bad = share > MOST_CONTENT or max(far) > MOST_STYLE
        marked += bad
        figures = (f"{value:.2f}" for value in (content, share, *far))
        print("+".join(pair), *figures, "*" if bad else "", sep=" | ", flush=True)
    print(f"marked: {marked}")


if __name__ == "__main__":
    main()
