"""Stylizer: one style, loaded, checked and ready to repaint frames."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from stylecam.models.catalog import Style, StyleCatalog
from stylecam.models.errors import StylecamError, StyleError
from stylecam.realtime.painting.engines.choosing import default_tier, open_engine
from stylecam.realtime.painting.engines.engine import Engine, TensorInfo, first_line
from stylecam.realtime.painting.foreign_models import Conventions, ForeignModel
from stylecam.realtime.painting.foreign_signature import is_ours, refusal
from stylecam.realtime.painting.mix_names import is_mix
from stylecam.realtime.painting.mixing import mix_between
from stylecam.realtime.painting.named_styles import find_style, of_one_tier

__all__ = ["Stylizer", "another_tier", "without_tier"]

MIN_SIDE = 32
_SIGNATURE = "one input `frame` and one output `stylized`, both uint8 [1, H, W, 3]"


class Stylizer:
    """Repaints frames in one style: ``Stylizer.load("hokusai")(frame)``.

    `provider` says what really computes: engine, device, precision; `on_cpu` whether that is the processor;
    `fallback` is a sentence when it is not what was hoped for with ``device="auto"``; `inference_ms` the time of the
    last call.
    """

    def __init__(self, style: Style, device: str = "auto", threads: int = 0) -> None:
        self.style = style
        self.inference_ms = 0.0
        self._device, self._threads = device, threads
        try:
            self._engine, self.fallback = open_engine(style.data, device, threads)
        except StylecamError:
            raise
        except Exception as error:
            raise StyleError(f"{style.path} cannot be loaded: {first_line(error)}") from error
        self.provider, self.on_cpu = self._engine.provider, self._engine.on_cpu
        self._foreign = _foreign(style, self._engine)
        if self._foreign is None:
            _check_signature(style, self._engine)
        self._probe()

    @classmethod
    def load(
        cls,
        style: str | Path,
        tier: str = "auto",
        device: str = "auto",
        catalog: StyleCatalog | None = None,
        threads: int = 0,
    ) -> Stylizer:
        """Loads a style by name or path, or a mix of them such as ``hokusai+scream`` or ``hokusai:0.7+scream:0.3``.

        `tier` is ``fast``, ``full`` or ``auto`` (full on a GPU, fast on a CPU); `device` a key of `DEVICES`
        or ``auto``; `threads` of the CPU, 0 for all cores. Raises `StyleError` for a style that is unknown or
        unusable, or that cannot be mixed with the others, `OptionsError` for a device this machine has not.
        """
        catalog = catalog or StyleCatalog()
        wanted = default_tier(device) if tier == "auto" else tier
        stylizer = cls(find_style(catalog, str(style), wanted), device, threads)
        if tier == "auto" and wanted != default_tier(device):  # the GPU did not start after all
            stylizer = cls(find_style(catalog, str(style), default_tier(device)), device, threads)
        return stylizer

    def towards(self, other: Style, weight: float) -> Stylizer:
        """A stylizer on the way from this style, at `weight` 0, to another, at 1, loaded as this one was.

        Where one of them is of tier full and the other has none, it is on the way between their fast networks. It takes
        as long as to load any style: call it beside the thread that paints. Raises `OptionsError` for a
        weight outside 0..1, `StyleError` for styles that cannot be mixed, see `mix_styles`.
        """
        return type(self)(mix_between(*of_one_tier(self.style, other), weight), self._device, self._threads)

    def __call__(self, frame: np.ndarray) -> np.ndarray:
        """Repaints one frame: uint8 `[H, W, 3]`, BGR, H and W from 32, to the same.

        Raises `ValueError` for another array, `StylecamError` for what happens while it is painted.
        """
        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3 or min(frame.shape[:2]) < MIN_SIDE:
            raise ValueError(
                f"a frame must be uint8 [H, W, 3] with H and W from {MIN_SIDE}, not {frame.dtype} {list(frame.shape)}"
            )
        start = time.perf_counter()
        try:
            stylized = self._foreign(frame) if self._foreign else self._engine.run(frame[None])[0]
        except Exception as error:
            size = f"{frame.shape[1]}x{frame.shape[0]}"
            reason = f"{first_line(error)}; lower --paint-lines to use less memory"
            raise StylecamError(f"{self.style.name} cannot paint a frame of {size} px: {reason}") from error
        self.inference_ms = 1e3 * (time.perf_counter() - start)
        return np.asarray(stylized)

    def rest(self) -> None:
        """Gives the memory of the last pictures back: for who paints in another style now, and not in this one."""
        self._engine.rest()

    def _probe(self) -> None:
        """One small varied frame must come back in its shape, and not in one flat colour (as NaN does)."""
        ramp = np.arange(64, dtype=np.uint8) * 4
        frame = np.stack(np.broadcast_arrays(ramp[:, None], ramp[None, :], np.uint8(128)), axis=-1)
        frame = np.ascontiguousarray(frame[:, :40])
        try:
            stylized = self(frame)
        except Exception as error:
            hint = "; if it needs sides that are multiples of N px, add it with --multiple N" if self._foreign else ""
            raise StyleError(f"{self.style.path} fails on a test frame: {first_line(error)}{hint}") from error
        if stylized.shape != frame.shape:
            raise StyleError(
                f"{self.style.path} turns a frame {frame.shape} into {stylized.shape}: it must have {_SIGNATURE}"
            )
        if np.ptp(stylized) == 0:
            raise StyleError(
                f"{self.style.path} paints a varied test frame in one flat colour: "
                "its numbers are not finite, or it was never trained"
            )


def without_tier(tier: str, asked: Iterable[tuple[str, Style]]) -> list[str]:
    """Of the styles that were asked for by name, and mixes, those found in another tier than `tier`."""
    named = [style for text, style in asked if text == style.name or is_mix(text)]
    return [style.name for style in named if tier not in ("auto", style.tier)]


def another_tier(tier: str, names: Iterable[str]) -> str:
    """What is said when styles lack the tier that was asked for."""
    return f"--tier {tier}: these styles have no such tier, so the other one is used: {', '.join(names)}"


def _foreign(style: Style, engine: Engine) -> ForeignModel | None:
    """How to feed a model that other people made; None for a style file of ours."""
    if style.metadata.get("network") or is_ours(engine):
        return None
    if reason := refusal(engine):
        raise StyleError(f"{style.path} cannot be used: {reason}")
    if not style.record("conventions"):
        raise StyleError(
            f"{style.path} is a model from another program: "
            f"add it with `realtime styles add {style.path} --range 0..255` (or 0..1, or -1..1)"
        )
    try:
        return ForeignModel(engine, Conventions.from_record(style.record("conventions")))
    except StyleError as error:
        raise StyleError(f"{style.path} cannot be used: {error}") from error


def _check_signature(style: Style, engine: Engine) -> None:
    def describe(values: Iterable[TensorInfo]) -> str:
        return ", ".join(f"{v.name}: {v.type} {list(v.shape)}" for v in values)

    ok = [v.name for v in engine.inputs] == ["frame"] and [v.name for v in engine.outputs] == ["stylized"]
    for value in (*engine.inputs, *engine.outputs):
        # What an engine does not know about its result is free here; `_probe` looks at the result itself.
        ok = ok and value.type == "uint8" and len(value.shape) == 4 and value.shape[1:3] == (None, None)
        ok = ok and value.shape[0] in (1, None) and value.shape[3] in (3, None)
    if not ok:
        raise StyleError(
            f"{style.path} has inputs ({describe(engine.inputs)}) and outputs ({describe(engine.outputs)}): "
            f"a style file must have {_SIGNATURE}"
        )
