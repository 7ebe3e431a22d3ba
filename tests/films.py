"""Films made for tests: every picture tells its number, so that a lost, doubled or moved one shows."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np

from stylecam.realtime._video import av
from stylecam.realtime.colours import to_yuv, usual_tags

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
    with av.open(str(path), "w") as container:
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


__all__ = ["SIZE", "number_of", "numbered", "packets", "pictures", "times", "write_film"]
