"""Models that other people made: their layout, colours, range and size, around a frame of ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from stylecam.models.errors import OptionsError, StyleError
from stylecam.realtime.painting.engines.engine import Engine
from stylecam.realtime.painting.foreign_signature import FLOATS, layout_of, named_layout
from stylecam.realtime.video.libraries import cv2

__all__ = ["COLOURS", "RANGES", "Conventions", "ForeignModel"]

RANGES = {"0..255": (0.0, 255.0), "0..1": (0.0, 1.0), "-1..1": (-1.0, 1.0)}
COLOURS = ("rgb", "bgr")


@dataclass(frozen=True)
class Conventions:
    """What a model's signature does not tell. A free size is brought to a multiple of `multiple` px.

    Raises `OptionsError` for a value that is none.
    """

    colours: str = "rgb"
    range: str = "0..255"
    output_range: str = "0..255"
    multiple: int = 1

    def __post_init__(self) -> None:
        ranges = self.range in RANGES and self.output_range in RANGES
        whole = isinstance(self.multiple, int) and 1 <= self.multiple <= 64
        if not (ranges and whole and self.colours in COLOURS):
            raise OptionsError(f"a model's conventions are {COLOURS}, {', '.join(RANGES)} and 1 to 64 px, not {self}")

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Conventions:
        """The inverse of `to_json`. Raises `StyleError` for what is none."""
        try:
            return cls(**record)
        except (TypeError, OptionsError) as error:
            raise StyleError("its input format is missing: add the model again with `realtime styles add`") from error

    def to_json(self) -> str:
        """As a style file says it under ``stylecam.conventions``."""
        return json.dumps(asdict(self))


class ForeignModel:
    """Repaints uint8 `[H, W, 3]` BGR frames with an engine that has no `refusal`.

    A model of a fixed size gets the frame at that size, and its result is brought back to the frame's.
    """

    def __init__(self, engine: Engine, conventions: Conventions) -> None:
        self._engine, self._conventions = engine, conventions
        value = engine.inputs[0]
        self._type = FLOATS[value.type]
        self._planes = layout_of(engine) == "nchw"
        shape = value.shape or (None,) * 4
        self._height, self._width = (shape[2], shape[3]) if self._planes else (shape[1], shape[2])

    def __call__(self, frame: np.ndarray) -> np.ndarray:
        """The frame repainted, of the same size. Raises `ValueError` where the model gives no picture."""
        height, width = frame.shape[:2]
        fed = self._sized(frame)
        painted = self._to_frame(self._engine.run(self._to_input(fed)))
        if painted.shape != fed.shape:  # strides round sizes up or down
            painted = _resized(painted, fed.shape[1], fed.shape[0])
        if self._height is None and self._width is None:
            return np.ascontiguousarray(painted[:height, :width])
        return _resized(painted, width, height)

    def _sized(self, frame: np.ndarray) -> np.ndarray:
        height, width = frame.shape[:2]
        multiple = self._conventions.multiple
        if self._height is not None or self._width is not None:
            return _resized(frame, self._width or width, self._height or height)
        down, right = -height % multiple, -width % multiple
        return cv2.copyMakeBorder(frame, 0, down, 0, right, cv2.BORDER_REFLECT_101) if down or right else frame

    def _to_input(self, frame: np.ndarray) -> np.ndarray:
        low, high = RANGES[self._conventions.range]
        picture = frame[..., ::-1] if self._conventions.colours == "rgb" else frame
        values = picture.astype(np.float32) * np.float32((high - low) / 255) + np.float32(low)
        return np.ascontiguousarray(values.transpose(2, 0, 1) if self._planes else values, self._type)[None]

    def _to_frame(self, values: np.ndarray) -> np.ndarray:
        layout = named_layout(values.shape)
        if layout is None or len(values) != 1:
            raise ValueError(f"its output {list(values.shape)} is not a picture")
        picture = np.asarray(values[0].transpose(1, 2, 0) if layout == "nchw" else values[0], np.float32)
        low, high = RANGES[self._conventions.output_range]
        if not np.isfinite(picture).all():
            raise ValueError("its numbers are not finite")
        levels = np.clip(np.rint((picture - low) * (255 / (high - low))), 0, 255).astype(np.uint8)
        return np.ascontiguousarray(levels[..., ::-1] if self._conventions.colours == "rgb" else levels)


def _resized(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    if picture.shape[:2] == (height, width):
        return picture
    smaller = width * height < picture.shape[0] * picture.shape[1]
    return np.asarray(
        cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)
    )
