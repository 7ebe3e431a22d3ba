"""A style file: what it says about itself, and whether it can be trusted. Needs no torch."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from stylecam.models.errors import StyleError
from stylecam.models.files import read_whole
from stylecam.models.onnx_wire import WireError, parse_onnx, with_metadata

__all__ = ["NAME", "Style"]

SCHEMA = 1
MAX_BYTES = 512 * 1024 * 1024
NAME = re.compile(r"\w[\w-]{0,63}")  # a stranger's text that becomes a part of file names
_PREFIX = "stylecam."
_OF_NETWORK = "network."  # stands in the names of a network's numbers, as `realtime export` writes them


@dataclass(frozen=True)
class Style:
    """One style file, read once: later changes of the file do not matter.

    `data` is the model's bytes; `metadata` its ``stylecam.`` properties without the prefix.
    """

    path: Path
    data: bytes = field(repr=False)
    metadata: dict[str, str] = field(repr=False)

    @classmethod
    def read(cls, path: Path | str, name: str = "") -> Style:
        """Reads a style file, whose name need not be usable where it is to be called `name`.

        Raises `StyleError` unless it is a self-contained ONNX model with finite weights and has a name.
        """
        path = Path(path)
        try:
            if path.stat().st_size > MAX_BYTES:
                raise StyleError(f"{path} is larger than {MAX_BYTES >> 20} MB, too large for a style file")
            data = read_whole(path)
        except OSError as error:
            missing = ": `realtime styles` lists the styles you have" if isinstance(error, FileNotFoundError) else ""
            raise StyleError(f"cannot read the style file {path}: {error.strerror}{missing}") from None
        return cls.from_bytes(path, data, name)

    @classmethod
    def from_bytes(cls, path: Path, data: bytes, name: str = "") -> Style:
        """The style in the bytes of a file; `path` is what messages call it, and otherwise as `read`."""
        try:
            model = parse_onnx(data)
        except WireError as error:
            raise StyleError(f"{path} is not a style file: {error}") from None
        if model.external:
            raise StyleError(
                f"{path} keeps its tensor {model.external[0]!r} in another file: "
                "a style file must hold all its data, export it again without external data"
            )
        if not all(np.isfinite(np.frombuffer(raw, kind)).all() for _, kind, _, raw in model.weights):
            raise StyleError(f"{path} holds weights that are not finite numbers: train or export it again")
        own = {k.removeprefix(_PREFIX): v for k, v in model.metadata.items() if k.startswith(_PREFIX)}
        schema = own.get("schema", str(SCHEMA))
        if not re.fullmatch(r"[0-9]{1,6}", schema) or int(schema) > SCHEMA:
            raise StyleError(f"{path} has style schema {schema[:20]!r}: this version knows {SCHEMA}, update stylecam")
        if not any(map(NAME.fullmatch, (own.get("name", ""), path.stem, name))):
            raise StyleError(
                f"{path} has no usable name: rename the file with letters, digits, _ and -, at most 64, or add it with "
                "`realtime styles add --name`"
            )
        return cls(path, data, own)

    def with_metadata(self, **values: str | None) -> Style:
        """The style with other properties, in its bytes too; None takes one out."""
        data = with_metadata(self.data, {f"{_PREFIX}{key}": value for key, value in values.items()})
        kept = {key: value for key, value in {**self.metadata, **values}.items() if value is not None}
        return Style(self.path, data, kept)

    def weights(self) -> dict[str, np.ndarray]:
        """The network's numbers by their names in the graph, as they are stored (float16 or float32).

        What the graph holds besides, such as the factor by which it enlarges, is not among them. Raises `StyleError`
        for a damaged file.
        """
        try:
            return {
                name: np.frombuffer(raw, kind).reshape(shape)
                for name, kind, shape, raw in parse_onnx(self.data).weights
                if _OF_NETWORK in name
            }
        except ValueError as error:
            raise StyleError(f"{self.path} is damaged, its weights have the wrong shape: export it again") from error

    def with_weights(self, values: Mapping[str, np.ndarray]) -> Style:
        """The style with other numbers, of any type, under the names and in the shapes of its `weights`.

        They are stored as those were, so the bytes are as many. Those that are not named stay.
        """
        data = bytearray(self.data)
        for name, kind, _, raw in parse_onnx(data).weights:
            if _OF_NETWORK in name and name in values:
                raw[:] = np.ascontiguousarray(values[name], kind).tobytes()
        return Style(self.path, bytes(data), self.metadata)

    @property
    def name(self) -> str:
        """What the user types, and what files are named after; a file without a usable name is called by its own."""
        given = self.metadata.get("name", "")
        return given if NAME.fullmatch(given) else self.path.stem

    @property
    def title(self) -> str:
        """The painting's title, else the name."""
        return self.metadata.get("title") or self.name

    @property
    def tier(self) -> str:
        """``fast`` or ``full``; a foreign file says ``other``."""
        return self.metadata.get("tier") or "other"

    @property
    def artist(self) -> str:
        """The painter, or an empty string."""
        return self.metadata.get("artist", "")

    @property
    def year(self) -> str:
        """When the painting was made, as free text, or an empty string."""
        return self.metadata.get("year", "")

    @property
    def license(self) -> str:
        """The licence of the file, or an empty string."""
        return self.metadata.get("license", "")

    @cached_property
    def sha256(self) -> str:
        """Hash of the file's bytes, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()

    def record(self, key: str) -> dict[str, Any]:
        """The JSON object under ``network``, ``training`` or ``metrics``; empty when absent or damaged."""
        try:
            value = json.loads(self.metadata.get(key, "{}"))
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    def thumbnail(self) -> bytes | None:
        """The painting as PNG bytes, when the file carries it."""
        return self._thumbnail

    @cached_property
    def _thumbnail(self) -> bytes | None:
        try:
            return base64.b64decode(self.metadata["thumbnail"], validate=True)
        except (KeyError, binascii.Error):
            return None
