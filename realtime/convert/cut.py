"""What of a film is wanted, and which of its pictures are seen when: a part of it, or a constant rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

from stylecam.models.errors import OptionsError

__all__ = ["Cut", "Shown", "at_rate", "within"]

T = TypeVar("T")


@dataclass(frozen=True)
class Cut:
    """What of a video is wanted. Seconds count from the file's start. Raises `OptionsError` when nothing is left."""

    start: Fraction | None = None
    end: Fraction | None = None
    size: tuple[int, int] | None = None  # (width, height)
    fps: Fraction | None = None
    square: bool = False  # whether pixels that are no squares become some

    def __post_init__(self) -> None:
        if (self.start or 0) < 0 or (self.end is not None and self.end <= (self.start or 0)):
            raise OptionsError("--start must be 0 or more, and --end must be later")


@dataclass(frozen=True)
class Shown(Generic[T]):
    """Something that is seen from `time` until `end`, in seconds."""

    what: T
    time: Fraction
    end: Fraction


def within(film: Iterator[tuple[T, Fraction, Fraction]], from_zero: bool, stop: Fraction | None) -> Iterator[Shown[T]]:
    """What of a film, (picture, time, own duration) in order, is seen before `stop`, and `from_zero` on.

    A picture is seen until the next one comes, the last for its own duration: one that came before is still there at
    zero.
    """
    before: Shown[T] | None = None
    for what, time, duration in film:
        if before is not None:
            yield from _clipped(Shown(before.what, before.time, time), from_zero, stop)
        before = Shown(what, time, time + duration)
        if stop is not None and time >= stop:
            return
    if before is not None:
        yield from _clipped(before, from_zero, stop)


def _clipped(shown: Shown[T], from_zero: bool, stop: Fraction | None) -> Iterator[Shown[T]]:
    time = max(shown.time, Fraction(0)) if from_zero else shown.time
    end = shown.end if stop is None else min(shown.end, stop)
    if time < end:
        yield Shown(shown.what, time, end)


def at_rate(film: Iterator[Shown[T]], rate: Fraction) -> Iterator[tuple[T, int]]:
    """(picture, number) for each tick of 1 / `rate` seconds: what is seen then, repeated or left out as need be."""
    number: int | None = None
    for shown in film:
        if number is None:
            number = round(shown.time * rate)
        while number < shown.end * rate:
            yield shown.what, number
            number += 1
