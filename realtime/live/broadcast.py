"""A session's virtual camera, which a key starts and pauses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from stylecam.models.errors import StylecamError
from stylecam.realtime.live.outputs import Outputs
from stylecam.realtime.live.virtual_camera import VirtualCameraSink
from stylecam.realtime.live.virtual_device import open_device

__all__ = ["Broadcast", "VirtualOptions"]

USUAL_RATE = 30.0  # where the source has none
RATES = 10.0, 60.0  # frames a second: what meetings take


@dataclass(frozen=True)
class VirtualOptions:
    """The virtual camera: whether it is on `from_start`, which `device` (None: the first), its size (width, height).

    camera: the path of the session's own camera, which is never sent to itself.
    """

    from_start: bool = False
    device: str | None = None
    size: tuple[int, int] = (1280, 720)
    camera: str | None = None


class Broadcast:
    """Opens the virtual camera when it is wanted first, and keeps it then: an audience sees a slate while it is paused.

    It is among `outputs` while it is open. `mirrored` tells whether the pictures there are a mirror's. `say` gets a
    sentence for what was opened.
    """

    def __init__(
        self, options: VirtualOptions, outputs: Outputs, mirrored: Callable[[], bool], say: Callable[[str], None]
    ) -> None:
        self.rate: Fraction | None = None  # of the source; what is sent keeps the one of its start
        self._options, self._outputs, self._mirrored, self._say = options, outputs, mirrored, say
        self._sink: VirtualCameraSink | None = None

    @property
    def open(self) -> bool:
        """Whether there may be an audience, whatever it sees."""
        return self._sink is not None and self._sink in self._outputs

    @property
    def on(self) -> bool:
        """Whether an audience could see the pictures."""
        return self.open and not self._paused

    @property
    def paused(self) -> bool:
        """Whether an audience sees that it is paused."""
        return self.open and self._paused

    def start(self) -> None:
        """Opens it, for as many frames a second as the source has. Raises a `StylecamError` where there is none."""
        options = self._options
        low, high = RATES
        steady = USUAL_RATE if self.rate is None else min(high, max(low, float(self.rate)))
        device = open_device(options.size, steady, options.device, options.camera)
        self._sink = VirtualCameraSink(device, options.size, steady, self._mirrored)
        self._outputs.add(self._sink)
        width, height = options.size
        self._say(f"the virtual camera is {device.name}, {width}x{height} at {steady:.4g} frames per second")

    def set(self, on: bool) -> None:
        """Starts it, or goes on; or pauses it. That it cannot be opened is told among the outputs' failures."""
        if self.open and self._sink is not None:
            self._sink.paused = not on
        elif on:
            try:
                self.start()
            except StylecamError as error:
                self._outputs.failed(str(error))

    def close(self) -> None:
        """Ends it."""
        if self._sink is not None:
            self._outputs.remove(self._sink)
            self._sink.close()

    @property
    def _paused(self) -> bool:
        return self._sink is not None and self._sink.paused
