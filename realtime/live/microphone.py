"""Microphones, through PortAudio. Nothing else imports sounddevice."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np

from stylecam.models.errors import DeviceError, OptionsError
from stylecam.realtime.common.extras import needs_extra
from stylecam.realtime.live.sound_timeline import GONE, SoundTimeline
from stylecam.realtime.live.sound_tracks import MicrophoneTrack
from stylecam.realtime.video.sound_encoding import encoder_rate

__all__ = ["Microphone", "MicrophoneInfo", "check_library", "find_microphone", "list_microphones"]

STARTS = 5.0  # seconds until the first: a wireless one takes a while
OLDEST = 2.0  # seconds: a block whose time is said to be longer ago has no time
FALL = 24.0  # dB a second by which the level falls after a loud sound
SILENT = -90.0  # dB
NO_LIBRARY = "PortAudio is missing: sudo apt install libportaudio2 (Fedora: portaudio)"


@dataclass(frozen=True)
class MicrophoneInfo:
    """A microphone: its number, its name, the system's interface to it, and whether it is the usual one."""

    index: int
    name: str
    interface: str
    default: bool
    rate: int
    channels: int


def check_library() -> Any:
    """The module sounddevice. Raises `StylecamError`, with the line that installs it, where it or PortAudio lacks."""
    with needs_extra("sound", "the microphone needs sounddevice"):
        try:
            import sounddevice
        except OSError as error:  # the package is there, and the system's library is not
            raise DeviceError(NO_LIBRARY) from error
    return sounddevice


def list_microphones() -> list[MicrophoneInfo]:
    """Those that are connected, in the order of their numbers. Raises as `check_library` does."""
    sounddevice = check_library()
    with _portaudio(sounddevice, "the microphones cannot be listed"):
        devices, interfaces = sounddevice.query_devices(), sounddevice.query_hostapis()
    usual = {interface["default_input_device"] for interface in interfaces[:1]}
    with contextlib.suppress(Exception):
        usual = {sounddevice.query_devices(kind="input")["index"]}
    return [
        MicrophoneInfo(
            device["index"],
            device["name"],
            interfaces[device["hostapi"]]["name"],
            device["index"] in usual,
            int(device["default_samplerate"]),
            device["max_input_channels"],
        )
        for device in devices
        if device["max_input_channels"] > 0
    ]


def find_microphone(name: str | None, known: Sequence[MicrophoneInfo]) -> MicrophoneInfo:
    """The one of that number, or with that in its name; None: the usual one. Raises `DeviceError` or `OptionsError`.

    Systems with several interfaces list a microphone once for each: of these the first one is taken.
    """
    if not known:
        raise DeviceError("no microphone found: plug one in, or leave out --microphone")
    there = ", ".join(f"{one.index} ({one.name})" for one in known)
    if name is None:
        return next((one for one in known if one.default), known[0])
    if name.isdecimal():
        found = [one for one in known if one.index == int(name)]
    else:
        exact = [one for one in known if one.name.lower() == name.lower()]
        found = exact or [one for one in known if name.lower() in one.name.lower()]
    if not found:
        raise OptionsError(f"there is no microphone {name}: connected are {there}")
    # Some interfaces cut long names off.
    shortest = min((one.name for one in found), key=len)
    if any(not one.name.startswith(shortest) for one in found):
        names = ", ".join(f"{one.index} ({one.name})" for one in found)
        raise OptionsError(f"--microphone {name} could be several: {names}; give a number")
    return next((one for one in found if one.default), found[0])


class Microphone:
    """An open microphone, which is heard until it is closed. Recordings ask for its `track`.

    Raises `StylecamError` where there is none of that name, or no library for it.
    """

    def __init__(self, name: str | None = None) -> None:
        self._wanted, self._sounddevice = name, check_library()
        self._stream: Any = None
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def problem(self) -> str | None:
        """One sentence while it is gone, else None."""
        if time.monotonic() - self._heard <= self._patience:
            return None
        return f"the microphone {self.name} is gone: recordings are silent; plug it in and record anew"

    @property
    def level(self) -> float:
        """How loud it is now, in dB below the loudest that it can tell: 0 down to `SILENT`."""
        since = time.monotonic() - self._heard
        return SILENT if since > GONE else max(SILENT, self._loudness)

    def track(self, origin: Callable[[], float]) -> MicrophoneTrack:
        """The sound of a recording, see `MicrophoneTrack`. One that is gone is looked for once more."""
        if self.problem is not None:
            with contextlib.suppress(DeviceError, OptionsError):  # the recording is silent then, as `problem` says
                self._look_again()
        return MicrophoneTrack(self._timeline, origin)

    def close(self) -> None:
        """Ends it; again does nothing."""
        if self._stream is not None:
            with contextlib.suppress(Exception):  # it may be gone
                self._stream.close()
            self._stream = None

    def _look_again(self) -> None:
        self.close()
        with _portaudio(self._sounddevice, f"the microphone {self.name} cannot be looked for"):
            # PortAudio knows the devices of its beginning only.
            self._sounddevice._terminate()
            self._sounddevice._initialize()
        self._open()

    def _open(self) -> None:
        found = find_microphone(self._wanted, list_microphones())
        self.name = found.name
        rate, channels = encoder_rate("aac", found.rate), min(2, found.channels)
        self._timeline = SoundTimeline(rate, channels)
        self._heard, self._loudness, self._patience = time.monotonic(), SILENT, STARTS
        what = f"the microphone {self.name} cannot be opened"
        with _portaudio(self._sounddevice, what):
            self._stream = self._sounddevice.InputStream(
                device=found.index, samplerate=rate, channels=channels, dtype="float32", latency="high",
                callback=self._hear,
            )  # fmt: skip
            self._stream.start()

    def _hear(self, samples: np.ndarray, count: int, times: Any, status: Any) -> None:
        """Called in PortAudio's thread with each block, which is its own memory."""
        now = time.monotonic()
        age = times.currentTime - times.inputBufferAdcTime
        # Some interfaces tell no times: then the block ends now.
        said = times.inputBufferAdcTime > 0 and 0 <= age < OLDEST
        self._timeline.put(samples.copy(), now - (age if said else count / self._timeline.rate))
        peak = float(np.abs(samples).max()) if count else 0.0
        peak = peak if peak <= 1.0 else 1.0  # some drivers give infinities, and what is no number
        fallen = self._loudness - FALL * (now - self._heard)
        self._loudness, self._heard = max(fallen, 20 * math.log10(max(peak, 1e-9))), now
        self._patience = GONE


@contextlib.contextmanager
def _portaudio(sounddevice: Any, what: str) -> Iterator[None]:
    try:
        yield
    except (sounddevice.PortAudioError, ValueError) as error:
        text = str(error).partition(" [")[0].rstrip(".")
        raise DeviceError(f"{what}: {text}; close other programs that use it, or choose another one") from error
