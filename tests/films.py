"""Films made for tests: every picture tells its number, so that a lost, doubled or moved one shows."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np

from stylecam.realtime.video.colours import to_yuv, usual_tags
from stylecam.realtime.video.libraries import av
from stylecam.realtime.video.priority import priority_kept

SIZE = (96, 64)


def numbered(n: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """uint8 BGR with the number n, up to 255, in eight upright stripes beside a grey left quarter."""
    picture = np.full((size[1], size[0], 3), 110, np.uint8)
    for bit, (first, last) in enumerate(_stripes(size[0])):
        picture[:, first:last] = 210 if n >> bit & 1 else 45
    return picture


def number_of(picture: np.ndarray) -> int:
    """The n of a picture made by `numbered`, also after an encoder or a change of its size."""
    middles = [np.median(picture[:, (first + last) // 2]) for first, last in _stripes(picture.shape[1])]
    return sum(int(middle > 128) << bit for bit, middle in enumerate(middles))


def _stripes(width: int) -> list[tuple[int, int]]:
    edges = [width // 4 + bit * (width - width // 4) // 8 for bit in range(9)]
    return list(pairwise(edges))


def write_film(
    path: Path,
    times: Sequence[int] = range(0, 20 * 512, 512),
    time_base: Fraction = Fraction(1, 12800),
    rate: Fraction = Fraction(25),
    size: tuple[int, int] = SIZE,
    sounds: int = 0,
    subtitles: bool = False,
    chapters: bool = False,
    pix_fmt: str = "yuv420p",
    codec: str = "libx264",
    aspect: Fraction | None = None,
    rotation: int = 0,
    metadata: dict[str, str] | None = None,
    **color: int,
) -> Path:
    """A video of numbered pictures at the given times, with `sounds` AAC tracks, subtitles and chapters."""
    with priority_kept(), av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, options={"g": "10"} if codec == "libx264" else {})
        stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
        stream.codec_context.time_base = time_base
        for name, value in color.items():
            setattr(stream.codec_context, name, value)
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        if rotation:
            stream.set_display_rotation(rotation)
        container.metadata.update(metadata or {})
        if chapters:
            half = {"time_base": Fraction(1, 1000), "metadata": {}}
            container.set_chapters(
                [
                    {**half, "id": 1, "start": 0, "end": 400, "metadata": {"title": "one"}},
                    {**half, "id": 2, "start": 400, "end": 800, "metadata": {"title": "two"}},
                ]
            )
        tracks = [_sound_track(container, n) for n in range(sounds)]
        words = container.add_stream_from_template(_subtitles(path)) if subtitles else None
        for n, pts in enumerate(times):
            frame = to_yuv(numbered(n, size), usual_tags(size[1]), pix_fmt)
            frame.pts, frame.time_base = pts, time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        for number, track in enumerate(tracks):
            _sing(container, track, number)
        if words is not None:
            _speak(container, words, path)
    return path


def _sound_track(container, number):
    track = container.add_stream("aac", rate=48000)
    track.metadata["language"] = ("deu", "eng", "fra")[number]
    return track


def _sing(container, track, number):
    for n in range(30):
        wave = np.sin(np.arange(n * 1024, (n + 1) * 1024) * (0.02 + 0.02 * number)).astype(np.float32) / 2
        sound = av.AudioFrame.from_ndarray(np.stack([wave, wave]), "fltp", "stereo")
        sound.sample_rate, sound.pts, sound.time_base = 48000, n * 1024, Fraction(1, 48000)
        container.mux(track.encode(sound))
    container.mux(track.encode(None))


def _srt(path):
    srt = path.with_suffix(".words.srt")
    srt.write_text("1\n00:00:00,100 --> 00:00:00,300\nHello\n\n2\n00:00:00,400 --> 00:00:00,700\nWave\n")
    return srt


def _subtitles(path):
    return av.open(str(_srt(path))).streams.subtitles[0]


def _speak(container, stream, path):
    with av.open(str(_srt(path))) as words:
        for packet in words.demux():
            if packet.dts is not None:
                packet.stream = stream
                container.mux(packet)


def write_heard(
    path: Path, codec: str, channels: int = 2, rate: int = 48000, seconds: float = 0.8, picture: str = "mpeg4"
) -> Path:
    """20 numbered pictures with one sound of this codec, which is as long: a tone in each channel."""
    with av.open(str(path), "w") as container:
        video = container.add_stream(picture, rate=25)
        video.width, video.height = SIZE
        video.pix_fmt = "yuvj420p" if picture == "mjpeg" else "yuv420p"
        sound = container.add_stream(codec, rate=rate)
        sound.layout = {1: "mono", 2: "stereo", 6: "5.1"}[channels]
        sound.bit_rate = 128_000
        for n in range(20):
            container.mux(video.encode(to_yuv(numbered(n), usual_tags(SIZE[1]), video.pix_fmt)))
        container.mux(video.encode(None))
        times = np.arange(int(rate * seconds)) / rate
        wave = np.stack([np.sin(times * 2000 * (n + 1)) / 3 for n in range(channels)]).astype(np.float32)
        for start in range(0, wave.shape[1], 1024):
            part = av.AudioFrame.from_ndarray(np.ascontiguousarray(wave[:, start : start + 1024]), "fltp", sound.layout)
            part.sample_rate, part.pts, part.time_base = rate, start, Fraction(1, rate)
            container.mux(sound.encode(part))
        container.mux(sound.encode(None))
    return path


def heard(path: Path) -> tuple[str, float, float]:
    """The codec of a file's sound, when it begins, and how many seconds of it can be heard."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        frames = list(container.decode(stream))
        return stream.codec.name, float(frames[0].time), sum(frame.samples for frame in frames) / stream.rate


def packets(path: Path, kind: str = "audio", index: int = 0) -> list[bytes]:
    """The bytes of a stream's packets."""
    with av.open(str(path)) as container:
        stream = getattr(container.streams, kind)[index]
        return [bytes(packet) for packet in container.demux(stream) if packet.size]


def pictures(path: Path) -> list[tuple[Fraction, np.ndarray]]:
    """(time in seconds, BGR as it is stored) of every picture."""
    with av.open(str(path)) as container:
        return [(frame.pts * frame.time_base, frame.to_ndarray(format="bgr24")) for frame in container.decode(video=0)]


def times(path: Path) -> list[Fraction]:
    """When each picture is shown, in seconds."""
    return [time for time, _ in pictures(path)]


__all__ = [
    "SIZE",
    "heard",
    "number_of",
    "numbered",
    "packets",
    "pictures",
    "times",
    "write_film",
    "write_heard",
]
