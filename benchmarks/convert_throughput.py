"""Frames per second of `realtime convert` against bare inference, in one run.

    python benchmarks/convert_throughput.py [--clip VIDEO] [--frames 150] [--size 1280x720] [--steady 0.9]

Bare inference is the style's session on decoded frames, one after the other on all cores, and nothing else; the
conversion decodes, paints, encodes and writes. They take turns, on the same film: the clip, or else the demo scene.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np

from stylecam.realtime.commands.options import parse_size
from stylecam.realtime.convert.conversion import ConvertOptions, convert
from stylecam.realtime.convert.jobs import Job
from stylecam.realtime.convert.video_reader import VideoReader
from stylecam.realtime.live.recorder import RecorderSink
from stylecam.realtime.painting.repainter import Look, Repainter, parallel_threads
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.realtime.painting.usual import STEADY
from stylecam.realtime.sources.demo_scene import draw_scene

ROUNDS = 3


def demo_film(path: Path, frames: int, size: tuple[int, int], distinct: int) -> Path:
    """The demo scene as a video; after `distinct` frames it begins again."""
    scenes = [draw_scene(n, size) for n in range(min(frames, distinct))]
    with RecorderSink(path, Fraction(1, 25), Fraction(25)) as recorder:
        for n in range(frames):
            recorder.show(scenes[n % len(scenes)], Fraction(n, 25))
    return path


def bare_rate(style: str, images: list[np.ndarray]) -> float:
    """Frames per second of inference alone."""
    stylizer = Stylizer.load(style)
    stylizer(images[0])
    start = time.perf_counter()
    for image in images:
        stylizer(image)
    return len(images) / (time.perf_counter() - start)


def convert_rate(style: str, film: Path, target: Path, steady: float) -> float:
    """Frames per second of a conversion, from opening the file to its result's name."""
    at_once, threads = parallel_threads(Look().lines)
    repainter = Repainter([Stylizer.load(style, threads=threads)], Look(steady=steady))
    target.unlink(missing_ok=True)
    (outcome,) = convert([Job(film, (target,))], repainter, ConvertOptions(at_once=at_once))
    if outcome.exit_code:
        raise SystemExit(outcome.problem)
    return outcome.frames / outcome.seconds


def main() -> None:
    """Prints both rates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", type=Path)
    parser.add_argument("--style", default="hokusai")
    parser.add_argument("--frames", type=int, default=150)
    parser.add_argument("--size", type=parse_size, default=(1280, 720))
    parser.add_argument("--steady", type=float, default=STEADY)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        film = given.clip or demo_film(place / "film.mp4", given.frames, given.size, 150)
        with VideoReader(film) as reader:
            images = [picture.image for picture, _ in zip(reader.pictures(), range(60), strict=False)]
        rates = [
            (bare_rate(given.style, images), convert_rate(given.style, film, place / "o.mp4", given.steady))
            for _ in range(ROUNDS)
        ]
        bare, whole = (statistics.median(rate) for rate in zip(*rates, strict=True))
        height, width = images[0].shape[:2]
        print(f"{width}x{height}: bare inference {bare:.1f}, convert {whole:.1f} frames a second: {whole / bare:.2f}")


if __name__ == "__main__":
    main()
