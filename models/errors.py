"""Every error that a user may meet. Its text is one sentence that names the thing and the remedy.

StylecamError            1  failed
├── OptionsError         2  usage: a setting with an impossible value
├── PartialOutputError   3  the output stops early, what there is of it was kept
├── SourceError          4  no camera, or a file or URL that gives no frames
├── StyleError           5  no usable style file
├── CheckpointError      5  no usable checkpoint
├── VGGWeightsError      5  no usable VGG weights
├── PictureError         1  a picture, or a folder of them, that cannot be read
├── ExportError          1  a network whose style file failed its verification
├── DisplayError         1  no window can be opened
├── DeviceError          1  a virtual camera or a microphone that cannot be used
└── RecordError          1  a video or picture that cannot be written
"""

from __future__ import annotations

__all__ = [
    "CheckpointError",
    "DeviceError",
    "DisplayError",
    "ExportError",
    "OptionsError",
    "PartialOutputError",
    "PictureError",
    "RecordError",
    "SourceError",
    "StyleError",
    "StylecamError",
    "VGGWeightsError",
]


class StylecamError(Exception):
    """The command's exit code is `exit_code`."""

    exit_code = 1


class OptionsError(StylecamError):
    """A setting with an impossible value, or an unknown one."""

    exit_code = 2


class PartialOutputError(StylecamError):
    """The output stops early; what there is of it was kept."""

    exit_code = 3


class SourceError(StylecamError):
    """No camera, or a file or URL that gives no frames."""

    exit_code = 4


class StyleError(StylecamError):
    """A style that does not exist, or a file that is none."""

    exit_code = 5


class CheckpointError(StylecamError):
    """A checkpoint that is none, or belongs to another network."""

    exit_code = 5


class VGGWeightsError(StylecamError):
    """VGG weights that are missing, unreadable or another network's."""

    exit_code = 5


class PictureError(StylecamError):
    """A picture, or a folder of pictures, that cannot be read."""


class ExportError(StylecamError):
    """A network whose style file failed its verification."""


class DisplayError(StylecamError):
    """No window can be opened."""


class DeviceError(StylecamError):
    """A virtual camera or a microphone that cannot be used."""


class RecordError(StylecamError):
    """A video or picture that cannot be written."""
