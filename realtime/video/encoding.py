"""Video encoders: which there are, how they are asked for quality, and one encoder at work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from stylecam.models.errors import OptionsError, RecordError
from stylecam.realtime.video.colours import ColourTags, even_sides, to_yuv
from stylecam.realtime.video.libraries import av
from stylecam.realtime.video.priority import priority_kept
from stylecam.realtime.video.transparency import over_white

__all__ = ["EncodedPicture", "Encoder", "Encoding", "VideoFormat", "codec_for", "transparent"]

# Short names for the usual encoders; any other name is FFmpeg's own, such as h264_nvenc.
NAMES = {"h264": "libx264", "hevc": "libx265", "h265": "libx265", "vp9": "libvpx-vp9", "av1": "libsvtav1"}
# Encoder: (the option for a constant quality, its default, the option for speed, its default).
QUALITY = {
    # Painting shares the cores with encoding: veryfast costs 14 ms of a core for a painted 720p frame, superfast 9, and
    # makes files a quarter larger.
    "libx264": ("crf", 20, "preset", "superfast"),
    "libx265": ("crf", 22, "preset", "veryfast"),
    "libvpx-vp9": ("crf", 30, "cpu-used", "6"),
    "libsvtav1": ("crf", 32, "preset", "10"),
    "h264_nvenc": ("cq", 21, "preset", "p4"),
    "hevc_nvenc": ("cq", 23, "preset", "p4"),
    "h264_qsv": ("global_quality", 21, "preset", "medium"),
    "h264_videotoolbox": ("global_quality", 35, None, None),
}
WORST_QUALITY = {"libvpx-vp9": 63, "libsvtav1": 63, "h264_videotoolbox": 100}  # others: 51
QP_TO_LAMBDA = 118  # FFmpeg's FF_QP2LAMBDA
# Asked for another one, the libraries write to stderr.
X26_PRESETS = [
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
    "placebo",
]
# Packets carry their durations, and the headers go to the container, which all of ours want.
FLAGS = int(av.codec.context.Flags.global_header | av.codec.context.Flags.frame_duration)
# Encoders of transparency, with their pixels for it. VP9 puts it beside the picture, where only Matroska has a place.
TRANSPARENT = {"libvpx-vp9": "yuva420p", "ffv1": "yuva444p"}
BESIDE = "libvpx-vp9"
MATROSKA = (".webm", ".mkv")
BESIDE_DATA: Any = "matroska_block_additional"
THREADS = 4  # a fixed number: an encoder's result depends on it, and must not depend on the machine


@dataclass(frozen=True)
class Encoding:
    """Which encoder, and how good. `codec` is a key of `NAMES` or FFmpeg's name; None leaves a default.

    `alpha`: the transparency of pictures that have it is encoded too.

    Raises `OptionsError` for an encoder that is not there, or that knows no such setting.
    """

    codec: str = "h264"
    crf: int | None = None
    preset: str | None = None
    alpha: bool = False

    def __post_init__(self) -> None:
        if self.encoder not in av.codecs_available or not _is_video_encoder(self.encoder):
            usual = ", ".join(name for name, encoder in NAMES.items() if encoder in av.codecs_available)
            raise OptionsError(f"--codec {self.codec}: no such video encoder on this machine; try one of {usual}")
        quality, _, speed, _ = QUALITY.get(self.encoder, (None, None, None, None))
        worst = WORST_QUALITY.get(self.encoder, 51)
        if self.crf is not None and (quality is None or not 0 <= self.crf <= worst):
            takes = "no such setting" if quality is None else f"0 to {worst}"
            raise OptionsError(f"--crf {self.crf}: {self.encoder} takes {takes}")
        if self.preset is not None and speed is None:
            raise OptionsError(f"--preset {self.preset}: {self.encoder} has no presets")
        if self.preset and self.encoder in ("libx264", "libx265") and self.preset not in X26_PRESETS:
            raise OptionsError(f"--preset {self.preset}: {self.encoder} has {', '.join(X26_PRESETS)}")

    @property
    def encoder(self) -> str:
        """FFmpeg's name of the encoder."""
        return NAMES.get(self.codec, self.codec)

    def options(self) -> dict[str, str]:
        """FFmpeg's private options of the encoder."""
        quality, usual, speed, preset = QUALITY.get(self.encoder, (None, None, None, None))
        options = {}
        if quality is not None:
            options[quality] = str(usual if self.crf is None else self.crf)
        if speed is not None:
            options[speed] = self.preset or str(preset)
        if self.encoder == "libvpx-vp9":
            options |= {"b": "0", "row-mt": "1"}  # without b=0 the crf is only a limit
        if self.encoder == "h264_videotoolbox":  # its scale is from 1, the worst, to 100, in FFmpeg's lambdas
            best = max(1, 100 - int(options["global_quality"]))
            options |= {"global_quality": str(best * QP_TO_LAMBDA), "flags": "+qscale"}
        if self.encoder == "libx265":
            options["x265-params"] = "log-level=error"
        return options


@dataclass(frozen=True)
class VideoFormat:
    """What an encoder is told of the pictures it will get: even sides, pixels' aspect ratio, times, colours.

    `alpha`: they may be transparent.
    """

    width: int
    height: int
    time_base: Fraction
    rate: Fraction
    aspect: Fraction
    tags: ColourTags
    alpha: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {k: str(v) if isinstance(v, Fraction) else v for k, v in asdict(self).items()}

    def configure(self, context: Any, encoding: Encoding) -> None:
        """Sets up a codec context, of a stream or alone, that is not open yet."""
        self.describe(context, encoding)
        context.time_base = self.time_base
        context.options = encoding.options()
        if self.alpha and encoding.alpha and encoding.encoder == BESIDE:
            context.options = {**context.options, "auto-alt-ref": "0"}  # its hidden pictures have no transparency
        context.flags |= FLAGS
        context.thread_count = THREADS

    def describe(self, context: Any, encoding: Encoding) -> None:
        """Tells a codec context, also one that only stands for what another one encoded."""
        context.width, context.height = self.width, self.height
        context.pix_fmt = pixel_format(encoding, self.alpha)
        context.framerate, context.sample_aspect_ratio = self.rate, self.aspect
        self.tags.put_on(context)
        if encoding.encoder in ("libx265", "hevc_nvenc"):
            context.codec_tag = "hvc1"  # the only one that Apple's players know


@dataclass(frozen=True)
class EncodedPicture:
    """An encoder's packet: when and how long it is shown, in units of the time base; can it be decoded alone?

    `beside`: what Matroska keeps beside it, as VP9's transparency.
    """

    data: bytes
    pts: int
    duration: int
    key: bool
    beside: bytes = b""


class Encoder:
    """One encoder from its first picture to its last packet. Raises `RecordError` when it fails."""

    def __init__(self, encoding: Encoding, video: VideoFormat) -> None:
        self._video, self._pixels = video, pixel_format(encoding, video.alpha)
        self._transparent = video.alpha and encoding.alpha
        self._context: Any = av.CodecContext.create(encoding.encoder, "w")
        video.configure(self._context, encoding)
        try:
            with priority_kept():
                self._context.open()
        except (av.FFmpegError, ValueError) as error:
            raise RecordError(
                f"{encoding.encoder} cannot encode {video.width}x{video.height} with these settings "
                f"({error}); try another --codec, --crf or --preset"
            ) from error
        if self._context.options:  # what FFmpeg did not take stays there
            lost = ", ".join(self._context.options)
            raise RecordError(f"{encoding.encoder} does not know {lost}: try another --codec, --crf or --preset")

    @property
    def extradata(self) -> bytes:
        """The codec's headers."""
        return bytes(self._context.extradata or b"")

    def encode(
        self, picture: np.ndarray, pts: int, duration: int, alpha: np.ndarray | None = None
    ) -> list[EncodedPicture]:
        """What is ready after uint8 `[H, W, 3]` BGR and alpha `[H, W]`, in units of the format's time base.

        Where alpha cannot be encoded the picture is laid over white.
        """
        if alpha is not None and not self._transparent:
            picture, alpha = over_white(picture, alpha), None
        if self._transparent:
            full = np.full(picture.shape[:2], 255, np.uint8) if alpha is None else alpha
            picture = np.dstack([picture, full])
        frame = to_yuv(even_sides(picture), self._video.tags, self._pixels)
        frame.pts, frame.duration, frame.time_base = pts, duration, self._video.time_base
        return _encoded(self._context.encode(frame))

    def finish(self) -> list[EncodedPicture]:
        """What was still waiting."""
        return _encoded(self._context.encode(None))


def _encoded(packets: Iterable[Any]) -> list[EncodedPicture]:
    return [
        EncodedPicture(bytes(p), p.pts, p.duration or 0, bool(p.is_keyframe), bytes(p.get_sidedata(BESIDE_DATA)))
        for p in packets
        if p.pts is not None
    ]


def transparent(encoding: Encoding, suffix: str) -> Encoding:
    """The same, with transparency where files of this suffix can hold it."""
    fits = encoding.encoder in TRANSPARENT and (encoding.encoder != BESIDE or suffix.lower() in MATROSKA)
    return replace(encoding, alpha=fits)


def codec_for(suffix: str) -> str:
    """The default `Encoding.codec` for a file's suffix."""
    return "vp9" if suffix.lower() == ".webm" else "h264"


def pixel_format(encoding: Encoding, alpha: bool = False) -> str:
    """The encoder's pixels: those that every player knows, but what is lossless keeps its colours."""
    if alpha and encoding.alpha:
        return TRANSPARENT[encoding.encoder]
    return "yuv444p" if encoding.encoder == "ffv1" else "nv12" if "qsv" in encoding.encoder else "yuv420p"


def _is_video_encoder(name: str) -> bool:
    try:
        return bool(av.Codec(name, "w").type == "video")
    except ValueError:
        return False
