"""How good paintings are after so much learning: `realtime learn` without a window, stopped at several moments.

    python benchmarks/learning.py wave.jpg hat.jpg --content photos/ --seconds 30 60 180 --test other-photos/ -o styles/

Writes NAME-MOMENT.onnx for each painting and moment into the folder, and prints a table of the measures of
`realtime evaluate` on pictures that were not learnt on. `--film FILE` learns on frames of a film, one every 0.4 s as
from a camera, in place of photographs. `--steps` counts steps in place of seconds, for a machine that is busy.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from stylecam.models.catalog import Style
from stylecam.realtime.commands.learn_input import read_painting
from stylecam.realtime.commands.learn_style import learn_task
from stylecam.realtime.live.lesson import FRAME_SECONDS
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.training.data import at_most, find_pictures, read_picture
from stylecam.training.evaluate.evaluation_data import LINES
from stylecam.training.evaluate.likeness import Target
from stylecam.training.frame_pool import FramePool
from stylecam.training.live_training import LiveTraining
from stylecam.training.live_worker import photographs
from stylecam.training.losses.forms import STYLE_LAYERS
from stylecam.training.losses.vgg import VGGFeatures


def film_frames(path: Path) -> Iterator[np.ndarray]:
    """A frame every `FRAME_SECONDS`, uint8 RGB, again from the start after the end."""
    while True:
        film = cv2.VideoCapture(str(path))
        every = max(1, round(FRAME_SECONDS * film.get(cv2.CAP_PROP_FPS)))
        number = 0
        while (got := film.read())[0]:
            if number % every == 0:
                yield np.ascontiguousarray(got[1][..., ::-1])
            number += 1


def learn(painting: Path, args: argparse.Namespace) -> None:
    """Learns one painting and writes its style at each moment."""
    picture = read_painting(painting, print)
    task = learn_task(painting.stem, picture, 0, painting.stem, vgg_weights=args.vgg_weights)
    pool = FramePool(photographs(args.content) if args.content else task.scene)
    frames = film_frames(args.film) if args.film else None
    training = LiveTraining(task.subject, pool, args.vgg_weights, **{name: float(value) for name, value in args.set})
    given = -1
    for moment in args.moments:
        while (now := training.steps if args.steps else training.seconds) < moment:
            seconds = now / args.rate if args.steps else now
            if frames is not None and int(seconds / FRAME_SECONDS) > given:
                given = int(seconds / FRAME_SECONDS)
                pool.add(next(frames))
            training.step()
        (args.output / f"{painting.stem}-{moment}.onnx").write_bytes(training.style().data)
    print(f"{painting.stem}: {training.steps} steps in {training.seconds:.0f} s", flush=True)


def measure(args: argparse.Namespace) -> None:
    """Prints the table."""
    files = find_pictures(args.test)
    photos = [at_most(read_picture(file), LINES)[..., ::-1] for file in files[:: max(1, len(files) // args.count)]]
    photos = [np.ascontiguousarray(photo) for photo in photos[: args.count]]
    vgg = VGGFeatures(STYLE_LAYERS, args.vgg_weights)
    print("painting moment content style swd sharp")
    means = dict.fromkeys(args.moments, np.zeros(4))
    for painting in args.paintings:
        target = Target.read(vgg, painting)
        for moment in args.moments:
            style = Style.read(args.output / f"{painting.stem}-{moment}.onnx")
            found = target.mean_likeness(Stylizer(style, "cpu"), photos)
            means[moment] = means[moment] + np.array(found) / len(args.paintings)
            print(painting.stem, moment, *(f"{value:.3f}" for value in found), flush=True)
    for moment, mean in means.items():
        print("mean", moment, *(f"{value:.3f}" for value in mean))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paintings", nargs="+", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--content", type=Path, help="photographs to learn on")
    parser.add_argument("--film", type=Path, help="a film to learn on")
    moments = parser.add_mutually_exclusive_group(required=True)
    moments.add_argument("--seconds", nargs="+", type=int)
    moments.add_argument("--steps", nargs="+", type=int)
    parser.add_argument("--rate", type=float, default=4.0, help="steps a second, by which a film's frames come")
    parser.add_argument("--test", type=Path, help="photographs to measure on")
    parser.add_argument("--count", type=int, default=12, help="how many of them")
    parser.add_argument("--set", nargs=2, action="append", default=[], metavar=("SETTING", "NUMBER"))
    parser.add_argument("--vgg-weights", type=Path)
    args = parser.parse_args()
    args.moments = args.steps or args.seconds
    args.output.mkdir(parents=True, exist_ok=True)
    for painting in args.paintings:
        if not all((args.output / f"{painting.stem}-{moment}.onnx").exists() for moment in args.moments):
            learn(painting, args)
    if args.test:
        measure(args)


if __name__ == "__main__":
    main()
