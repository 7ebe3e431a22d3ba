"""Sound cards that run fast or slow, what is heard in a file, and a stand-in for sounddevice."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np

from stylecam.realtime.video.libraries import av

BEEP = 0.2  # seconds
PITCH = 1000.0  # Hz


class DriftingCard:
    """A sound card whose clock is off by `drift`: its blocks, and when they come by the computer's clock.

    What there is to hear are beeps that begin at `beeps`. The times of its blocks are known to some ms only: `jitter`
    is their mean delay, in seconds. Everything is by one clock, which no test waits for.
    """

    def __init__(self, rate, start, beeps=(), drift=0.0, jitter=0.0, block=256, seed=1):
        self.rate, self.start, self.beeps, self.block = rate, start, beeps, block
        self.taken, self._true, self._jitter = 0, rate * (1 + drift), jitter
        self._random = np.random.default_rng(seed)

    def time(self):
        """When the next block's first sample is taken."""
        return self.start + self.taken / self._true

    def next(self):
        """(float32 [block, 1], when it is said to have been taken)."""
        times = self.time() + np.arange(self.block) / self._true
        sound = np.zeros(self.block, np.float32)
        for beep in self.beeps:
            within = (times >= beep) & (times < beep + BEEP)
            sound[within] = 0.8 * np.sin(2 * np.pi * PITCH * (times[within] - beep))
        said = self.time() + (self._random.exponential(self._jitter) if self._jitter else 0.0)
        self.taken += self.block
        return sound[:, None], said

    def lose(self, seconds):
        """Samples that the computer was too busy to take."""
        self.taken += round(seconds * self._true)


def onsets(samples, rate, level=0.3):
    """When beeps begin in mono sound, in seconds."""
    loud = np.flatnonzero(np.abs(samples) > level)
    return [float(n / rate) for n in loud[np.r_[True, np.diff(loud) > rate * BEEP]]] if len(loud) else []


def heard(path):
    """(float32 [n, channels], rate, the time of the first sample) of a file's sound."""
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
        samples = np.concatenate([frame.to_ndarray().T for frame in frames])
        return samples, frames[0].sample_rate, float(frames[0].pts * frames[0].time_base)


def flashes(path):
    """When the picture of a file turns from dark to light, in seconds."""
    with av.open(str(path)) as container:
        frames = [
            (float(f.pts * f.time_base), f.to_ndarray(format="gray").mean() > 128) for f in container.decode(video=0)
        ]
    return [time for n, (time, light) in enumerate(frames) if light and not (n and frames[n - 1][1])]


class PortAudioError(Exception):
    pass


def fake_sounddevice(monkeypatch, names=("Built-in", "USB Microphone"), rate=48000, channels=2):
    """Puts a stand-in in the place of sounddevice; it opens `streams`, whose `hear(samples, age)` is the device's."""
    module = ModuleType("sounddevice")
    module.streams, module.begun = [], 0
    module.names = list(names)

    class InputStream:
        def __init__(self, device, samplerate, channels, dtype, latency, callback):
            if module.broken is not None:
                raise module.broken
            self.asked = SimpleNamespace(device=device, rate=samplerate, channels=channels, dtype=dtype)
            self._callback, self.running, self.closed = callback, False, False
            module.streams.append(self)

        def start(self):
            self.running = True

        def close(self):
            self.closed = True

        def hear(self, samples, age=None):
            """A block that was taken `age` seconds ago; None: PortAudio does not know."""
            known = SimpleNamespace(currentTime=100.0, inputBufferAdcTime=0.0 if age is None else 100.0 - age)
            self._callback(samples, len(samples), known, None)

    def query_devices(kind=None):
        found = [
            {"index": n, "name": name, "hostapi": 0, "max_input_channels": channels, "default_samplerate": float(rate)}
            for n, name in enumerate(module.names)
        ]
        speakers = {
            "index": 99,
            "name": "Speakers",
            "hostapi": 0,
            "max_input_channels": 0,
            "default_samplerate": 48000.0,
        }
        return found[0] if kind else [*found, speakers]

    module.broken = None
    module.InputStream, module.PortAudioError, module.query_devices = InputStream, PortAudioError, query_devices
    module.query_hostapis = lambda: ({"name": "ALSA", "default_input_device": 0},)
    module._terminate = lambda: None
    module._initialize = lambda: setattr(module, "begun", module.begun + 1)
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    return module
