"""Checkpoint to style file: `export_style`, and `verify_style` on its own."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

from onnx import ModelProto, helper

from stylecam.export.graph import style_graph
from stylecam.export.half import in_16_bits
from stylecam.export.metadata import StyleInfo, style_metadata
from stylecam.export.verification import ParityError, VerificationReport, verify_style
from stylecam.models.checkpoint import load_checkpoint
from stylecam.models.errors import ExportError, OptionsError
from stylecam.models.networks import StyleNetwork, one_painter

__all__ = ["StyleInfo", "VerificationReport", "export_style", "verify_style"]


def export_style(
    checkpoint_path: Path,
    output: Path,
    overrides: StyleInfo | None = None,
    on_progress: Callable[[str], None] = lambda what: None,
) -> VerificationReport:
    """Writes the self-contained style file of a checkpoint, and verifies it before it takes its name.

    `output` ends in ``.onnx``; a file of that name is replaced, but only by a verified one. `on_progress` is
    told what happens next. Whatever goes wrong, Ctrl-C too, leaves nothing behind. Raises `OptionsError`,
    `CheckpointError`, or `ExportError` for a file that cannot be written or fails its verification.
    """
    checkpoint_path, output = Path(checkpoint_path), Path(output)
    _check_place(output)
    on_progress(f"reading {checkpoint_path}")
    checkpoint = load_checkpoint(checkpoint_path)
    network = one_painter(checkpoint.network)
    checkpoint = dataclasses.replace(checkpoint, network=network)
    metadata = style_metadata(checkpoint, overrides or StyleInfo())
    on_progress("exporting the network")
    model = style_graph(network)
    helper.set_model_props(model, metadata)
    on_progress("verifying the style file")
    data, report = _verified(model, network)
    partial = output.with_name(f".{output.name}.partial")
    try:
        partial.write_bytes(data)
        os.replace(partial, output)
    except OSError as error:
        raise ExportError(f"cannot write the style file {output}: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)
    return dataclasses.replace(report, finished="metrics" in checkpoint.training)


def _verified(model: ModelProto, network: StyleNetwork) -> tuple[bytes, VerificationReport]:
    """The file's bytes and its report: the weights in 16 bits, or in 32 where rounding them would be seen."""
    data = in_16_bits(model).SerializeToString()
    try:
        return data, dataclasses.replace(verify_style(data, network), weight_bits=16)
    except ParityError:
        data = model.SerializeToString()
        return data, verify_style(data, network)


def _check_place(output: Path) -> None:
    if output.is_dir():
        raise ExportError(f"{output} is a folder: add the style file's name")
    if output.suffix != ".onnx":
        raise OptionsError(f"a style file's name ends in .onnx, not {output.name!r}")
    if not output.parent.is_dir():
        raise ExportError(f"cannot write the style file {output}: there is no folder {output.parent}")
    if not os.access(output.parent, os.W_OK):
        raise ExportError(f"cannot write the style file {output}: the folder {output.parent} is not writable")
