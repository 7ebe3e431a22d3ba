"""Draws the overlays: figures, help, and what the user must know (a lost camera, a saved picture)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stylecam.realtime.live.hotkeys import HELP
from stylecam.realtime.live.report import Meter
from stylecam.realtime.painting.painter import Painter
from stylecam.realtime.video.libraries import cv2

__all__ = ["Hud", "draw_help", "draw_hud", "draw_message", "hud_of"]

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_WHITE, _GREY, _RED = (255, 255, 255), (200, 200, 200), (60, 60, 255)


@dataclass(frozen=True)
class Hud:
    """What the HUD shows."""

    style: str
    strength: float
    provider: str
    fps: float
    latency_ms: float
    size: tuple[int, int]
    recording: bool = False
    flags: tuple[str, ...] = ()
    steady: float = 0.0

    def lines(self) -> list[str]:
        """The text, line by line."""
        lines = [
            f"{self.style}   {self.strength:.0%}" + (f"   steady {self.steady:.0%}" if self.steady else ""),
            f"{self.fps:.1f} fps   {self.latency_ms:.0f} ms",
            f"{self.size[0]}x{self.size[1]}   {self.provider}",
        ]
        return [*lines, ", ".join(self.flags)] if self.flags else lines


def hud_of(painter: Painter, meter: Meter, picture: np.ndarray, recording: bool, cycling: bool) -> Hud:
    """The figures of a session that shows `picture`."""
    stylizer = painter.stylizer
    flags = {"original": painter.original, "colours kept": painter.keep_colors, "auto": cycling}
    return Hud(
        style=stylizer.style.title if stylizer else painter.name,
        strength=painter.strength,
        provider=stylizer.provider if stylizer else "",
        fps=meter.recent_fps,
        latency_ms=meter.recent_latency_ms,
        size=painter.painted_size or (picture.shape[1], picture.shape[0]),
        recording=recording,
        flags=tuple(name for name, on in flags.items() if on),
        steady=painter.steadiness.amount,
    )


def draw_hud(picture: np.ndarray, hud: Hud) -> int:
    """Draws the figures into the upper left corner of `picture` (uint8 BGR, in place); returns where they end, px."""
    bottom_right = _panel(picture, hud.lines(), (8, 8))
    if hud.recording:
        radius: int = max(4, picture.shape[0] // 80)
        cv2.circle(picture, (bottom_right[0] + 2 * radius, 8 + 2 * radius), radius, _RED, -1, cv2.LINE_AA)
        return bottom_right[0] + 4 * radius
    return bottom_right[0]


def draw_help(picture: np.ndarray, styles: Sequence[str], beside: int = 0) -> None:
    """Draws the table of keys and the numbered styles over the middle of `picture` (in place).

    Where it would hide figures that end at the column `beside`, it moves to the right as far as the picture goes.
    """
    rows = [*HELP, ("", ""), *((str(number), name) for number, name in enumerate(styles[:9], 1))]
    scale = min(_scale(picture), picture.shape[0] / (21 * (len(rows) + 1)), picture.shape[1] / 420)
    step = max(1, round(21 * scale))
    longest = max(cv2.getTextSize(text, _FONT, 0.5 * scale, 1)[0][0] for _, text in rows)
    width, height = round(124 * scale) + longest, step * (len(rows) + 1)
    spare = max(0, picture.shape[1] - width)
    left, top = min(spare, max(spare // 2, beside + 8)), max(0, (picture.shape[0] - height) // 2)
    _shade(picture, left, top, width, height)
    for number, (keys, text) in enumerate(rows, 1):
        y = top + number * step + step // 4
        _text(picture, keys, (left + round(14 * scale), y), 0.5 * scale, _WHITE)
        _text(picture, text, (left + round(110 * scale), y), 0.5 * scale, _GREY)


def draw_message(picture: np.ndarray, text: str) -> None:
    """Draws one sentence at the lower edge of `picture` (in place), wrapped to its width."""
    scale = _scale(picture)
    room = max(8, int(picture.shape[1] / (9.5 * scale)))
    lines = _wrap(text, room)
    height = round(20 * scale) * len(lines) + round(12 * scale)
    _panel(picture, lines, (8, max(0, picture.shape[0] - height - 8)))


def _wrap(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _scale(picture: np.ndarray) -> float:
    return float(np.clip(picture.shape[0] / 480, 0.6, 4.0))


def _panel(picture: np.ndarray, lines: Sequence[str], corner: tuple[int, int]) -> tuple[int, int]:
    """Shaded text from `corner`; returns the lower right corner."""
    scale = _scale(picture)
    step, pad = round(20 * scale), round(8 * scale)
    widths = [cv2.getTextSize(line, _FONT, 0.5 * scale, 1)[0][0] for line in lines]
    width, height = max(widths) + 2 * pad, step * len(lines) + pad
    _shade(picture, *corner, width, height)
    for number, line in enumerate(lines, 1):
        origin = corner[0] + pad, corner[1] + number * step - round(2 * scale)
        _text(picture, line, origin, 0.5 * scale, _WHITE)
    return corner[0] + width, corner[1] + height


def _shade(picture: np.ndarray, left: int, top: int, width: int, height: int) -> None:
    area = picture[max(0, top) : top + height, max(0, left) : left + width]
    area[:] = area // 3


def _text(picture: np.ndarray, text: str, origin: tuple[int, int], scale: float, colour: tuple[int, int, int]) -> None:
    cv2.putText(picture, text, origin, _FONT, scale, colour, max(1, round(2 * scale)), cv2.LINE_AA)
