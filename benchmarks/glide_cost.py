"""What a glide from painter to painter costs: frames a second with it over those without, in one run.

python benchmarks/glide_cost.py --seconds 20 --rounds 4
"""

from __future__ import annotations

import argparse
import statistics
import time

from stylecam.realtime.painting.glide import Glide
from stylecam.realtime.painting.loaded_styles import LoadedStyles
from stylecam.realtime.painting.painter import Painter
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.realtime.sources.demo_scene import draw_scene


def rate(painter: Painter, frames: list, seconds: float, glide: Glide | None) -> float:
    """Frames painted in a second, over so many seconds."""
    began, count = time.monotonic(), 0
    while (now := time.monotonic()) - began < seconds:
        if glide is not None:
            glide.follow(now)
        painter.switch()
        painter.paint(frames[count % len(frames)])
        count += 1
    return count / seconds


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("styles", nargs="*", default=["hokusai", "scream", "udnie", "shipwreck"])
    parser.add_argument("--seconds", type=float, default=20.0, help="from style to style, and of each turn")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--steady", type=float, default=0.9)
    args = parser.parse_args()
    frames = [draw_scene(n, (640, 480)) for n in range(60)]
    ratios = []
    with LoadedStyles(args.styles, args.styles[0], Stylizer.load) as styles:
        styles.wait(None)
        painter = Painter(styles, 1.0, False, False, steady=args.steady)
        rate(painter, frames, 2.0, None)
        for _ in range(args.rounds):
            painter.mix.end()
            without = rate(painter, frames, args.seconds, None)
            gliding = rate(painter, frames, args.seconds, Glide(painter, args.seconds))
            ratios.append(gliding / without)
            print(f"without {without:.1f}, gliding {gliding:.1f} frames a second: {ratios[-1]:.3f}", flush=True)
        painter.close()
    print(f"median {statistics.median(ratios):.3f}")


if __name__ == "__main__":
    main()
