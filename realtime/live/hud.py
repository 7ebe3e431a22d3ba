"""The figures of a session, as they are shown in its window."""

from __future__ import annotations

from dataclasses import dataclass

from stylecam.realtime.live.broadcast import Broadcast
from stylecam.realtime.live.report import Meter
from stylecam.realtime.live.session_sound import SessionSound
from stylecam.realtime.live.text import GREY, WHITE, Row
from stylecam.realtime.painting.painter import Painter

__all__ = ["Hud", "hud_of"]

STALE_SECONDS = 1.0  # without a new picture, after which the rate and the latency are of another time


@dataclass(frozen=True)
class Hud:
    """What the HUD shows. waiting: seconds since the last picture came, where they are many.

    level: of the microphone, in dB below the loudest; None without one.
    """

    style: str
    strength: float
    provider: str
    fps: float
    latency_ms: float
    size: tuple[int, int]
    recording: bool = False
    flags: tuple[str, ...] = ()
    steady: float = 0.0
    waiting: float | None = None
    level: float | None = None

    def lines(self) -> list[str]:
        """The text, line by line."""
        rate = f"{self.fps:.1f} fps   {self.latency_ms:.0f} ms"
        if self.waiting is not None:
            rate = f"no picture for {self.waiting:.0f} s"
        lines = [
            f"{self.style}   {self.strength:.0%}" + (f"   steady {self.steady:.0%}" if self.steady else ""),
            rate,
            f"{self.size[0]}x{self.size[1]}   {self.provider}",
        ]
        return [*lines, ", ".join(self.flags)] if self.flags else lines

    def rows(self) -> list[Row]:
        """The text as a panel's."""
        return [((line, GREY if number else WHITE),) for number, line in enumerate(self.lines())]


def hud_of(
    painter: Painter, meter: Meter, recording: bool, auto: str, broadcast: Broadcast, sound: SessionSound
) -> Hud:
    """The figures of a session; `auto` is a word for how styles change by themselves, empty where they do not."""
    stylizer = painter.stylizer
    flags = {
        "original": painter.original,
        "colours kept": painter.keep_colors,
        auto: bool(auto),
        "virtual camera": broadcast.on,
        "virtual camera paused": broadcast.paused,
        "sound": sound.heard and not sound.gone,
        "no sound": sound.gone,
        f"loading {painter.styles.title(painter.wanted)}": painter.wanted != painter.current,
    }
    size = (0, 0) if painter.picture is None else (painter.picture.shape[1], painter.picture.shape[0])
    since = meter.seconds_since_last
    return Hud(
        style=stylizer.style.title if stylizer else painter.styles.title(painter.current),
        strength=painter.strength,
        provider=stylizer.provider if stylizer else "",
        fps=meter.recent_fps,
        latency_ms=meter.recent_latency_ms,
        size=painter.painted_size or size,
        recording=recording,
        flags=tuple(name for name, on in flags.items() if on),
        steady=painter.steadiness.amount,
        waiting=since if since is not None and since > STALE_SECONDS else None,
        level=sound.level,
    )
