"""What every source gives: frames, and the protocol by which they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np

__all__ = ["EndOfSource", "Frame", "FrameSource", "rate"]


class EndOfSource(Exception):  # noqa: N818 - an event like StopIteration, not an error
    """The source has given its last frame."""


@dataclass(frozen=True)
class Frame:
    """One picture of a source. Nobody else writes to `image` once it has been handed over.

    image: uint8 [H, W, 3], BGR, contiguous.
    index: its number in the source, from 0; in a live source, gaps are frames that were dropped.
    time: `time.monotonic()` in seconds when it was captured (camera) or decoded (file).
    pts: when a file shows it, in seconds, exactly; only differences count. None in a live source.
    """

    image: np.ndarray
    index: int
    time: float
    pts: Fraction | None = None


class FrameSource(Protocol):
    """A context manager that gives frames; entering it opens the device or file, leaving it joins its thread.

    Its threads' names begin with ``capture `` or ``decode ``: the command ends by them.
    """

    @property
    def name(self) -> str:
        """As shown to the user: "camera 0", a path, a URL without its credentials, "demo"."""

    @property
    def live(self) -> bool:
        """Whether only the newest frame counts (camera, URL); otherwise every frame comes, in order."""

    @property
    def mirrors(self) -> bool:
        """Whether it looks at its user, as a webcam does: who is in front of it expects a mirror."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels, as really delivered; valid once the source is entered."""

    @property
    def fps(self) -> Fraction | None:
        """The nominal or average frame rate, as really given; None where it is unknown."""

    @property
    def time_base(self) -> Fraction | None:
        """The unit of the frames' `pts` in seconds; None where they have none, and in a picture."""

    @property
    def sound(self) -> Callable[[], Any] | None:
        """Opens what is played once more, for its sound, at the times of the frames' `pts`; None where it has none.

        Gives PyAV's container; raises its errors.
        """

    @property
    def captured(self) -> int:
        """Frames taken from the device or decoded so far."""

    @property
    def dropped(self) -> int:
        """Frames captured but replaced by a newer one before anyone read them."""

    @property
    def problem(self) -> str | None:
        """One sentence while a live source is lost and being looked for, else None."""

    @property
    def still(self) -> bool:
        """Whether it has ended after one picture: that one stays in its window until the user leaves."""

    @property
    def notes(self) -> Sequence[str]:
        """A sentence for each thing that is shown in another way than it is; they are added as they are met."""

    @property
    def damaged(self) -> str | None:
        """One sentence once it has ended, where pictures or its own end are missing or damaged, else None."""

    def read(self, timeout: float) -> Frame | None:
        """Live: a frame newer than the last one; otherwise the next frame. None when none came in `timeout` seconds.

        What a key changes is seen with the next frame: a source whose picture stays gives it again, 25 times a second.

        Raises:
            EndOfSource: after the last frame.
        """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def rate(fps: float | None) -> Fraction | None:
    """`fps` as the fraction it stands for (29.97 is 30000/1001), or None where it is no rate at all."""
    if fps is None or not 0 < fps < 100_000:
        return None
    whole = round(fps)
    ntsc = Fraction(whole * 1000, 1001)
    # Drivers and users round NTSC rates to two digits; the exact value is what keeps picture and sound together.
    return ntsc if whole and abs(fps - ntsc) < 0.006 else Fraction(fps).limit_denominator(1001)
