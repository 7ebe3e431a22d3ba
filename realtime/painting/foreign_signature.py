"""What a model that other people made takes and gives: whether it can be fed with frames, or how to mend it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stylecam.realtime.painting.engines.engine import Engine, TensorInfo

__all__ = ["FLOATS", "is_foreign", "is_ours", "layout_of", "refusal"]

FLOATS = {"float32": np.float32, "float16": np.float16}
_OUR_INPUT = "uint8"
_NEEDED = "needed is one picture, float32 or float16 [1, 3, H, W] or [1, H, W, 3]"
_TRIED = 64  # px a side
_SMALLEST = 8  # px a side of what may be a picture


def is_ours(engine: Engine) -> bool:
    """Whether a model was meant to be a style file of ours: it takes 8-bit frames, by our name or in our layout."""
    inputs = [value for value in engine.inputs if value.type == _OUR_INPUT]
    return any(value.name == "frame" or (len(value.shape) == 4 and value.shape[3] == 3) for value in inputs)


def is_foreign(engine: Engine) -> bool:
    """Whether the model takes one float picture `[1, 3, H, W]` or `[1, H, W, 3]` and gives such a one."""
    return refusal(engine) is None


def refusal(engine: Engine) -> str | None:
    """Why a model cannot be fed with frames: what was found, what is needed, how to convert it; None: it can be."""
    inputs, outputs = engine.inputs, engine.outputs
    if len(inputs) != 1:
        found = ", ".join(map(_described, inputs)) or "none"
        return f"it has {len(inputs)} inputs ({found}): {_NEEDED}, so export it with the others as constants"
    value, shape = inputs[0], inputs[0].shape
    if value.type not in FLOATS:
        return f"its input is {_described(value)}: {_NEEDED}, so {_to_float(value)}"
    if outputs[0].type not in FLOATS:
        return f"its output is {_described(outputs[0])}: needed is float32 or float16, so {_to_float(outputs[0])}"
    if shape and len(shape) != 4:
        return f"its input is {_described(value)}, of {len(shape)} axes: {_NEEDED}, so export it with four"
    if shape and shape[0] not in (None, 1):
        return (
            f"its input is {_described(value)}, {shape[0]} pictures at a time: {_NEEDED}, "
            f"so export it with a batch of 1, or a free one: "
            f"torch.onnx.export(..., dynamic_axes={{{value.name!r}: {{0: 'batch'}}}})"
        )
    if layout_of(engine) is None:
        return (
            f"its input is {_described(value)}, which has no axis of three colours: {_NEEDED}, so export it for colour"
        )
    return None


def layout_of(engine: Engine) -> str | None:
    """``nchw`` or ``nhwc``, by the axis of the three colours; where it is free, by what the model runs with."""
    value = engine.inputs[0]
    shape = value.shape or [None] * 4
    told = named_layout(shape)
    if told is not None:
        return told
    sides = {"nchw": (shape[1], *shape[2:]), "nhwc": (shape[3], *shape[1:3])}  # colours, height, width
    for layout, (colours, *lengths) in sides.items():
        picture = all((length or _TRIED) >= _SMALLEST for length in lengths)
        if colours is None and picture and _runs(engine, value, layout):
            return layout
    return None


def named_layout(shape: Sequence[int | None]) -> str | None:
    """By the axis that has three values, colours before all else."""
    if len(shape) != 4:
        return None
    return "nchw" if shape[1] == 3 else "nhwc" if shape[3] == 3 else None


def _runs(engine: Engine, value: TensorInfo, layout: str) -> bool:
    """Whether the model takes a small grey picture of this layout, and gives one."""
    lengths = {"n": 1, "c": 3}
    shape = [told or lengths.get(axis, _TRIED) for axis, told in zip(layout, value.shape or [None] * 4, strict=True)]
    try:
        painted = engine.run(np.full(shape, 0.5, FLOATS[value.type]))
    except Exception:  # noqa: BLE001 (whatever it is, this is not how it is fed)
        return False
    return named_layout(painted.shape) == layout


def _described(value: TensorInfo) -> str:
    lengths = ", ".join("free" if length is None else str(length) for length in value.shape)
    return f"`{value.name}`, {value.type} [{lengths}]"


def _to_float(value: TensorInfo) -> str:
    if value.type in ("float64", "bfloat16"):
        return "convert it with model.float() before torch.onnx.export"
    return "export it without its conversion to whole numbers, or with a Cast to float32 around it"
