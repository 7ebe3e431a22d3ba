"""Style files: what they say about themselves, and where they are found. Needs no torch."""

from __future__ import annotations

import base64
import binascii
import difflib
import hashlib
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from stylecam.models.errors import StyleError
from stylecam.models.files import read_whole
from stylecam.models.hidden_files import is_hidden
from stylecam.models.onnx_wire import WireError, parse_onnx, with_metadata

__all__ = [
    "BASE",
    "BUNDLED",
    "NAME",
    "REFERENCE",
    "SHOW_ORDER",
    "Style",
    "StyleCatalog",
    "base_style",
    "is_hidden",
    "user_folder",
]

SCHEMA = 1
TIERS = ("fast", "full")
BUNDLED = Path(__file__).parent / "styles"
BASES, BASE = Path(__file__).parent / "base", "base"
# The bundled painters as a show wants them: from one key to the next all changes, and the best known come first.
SHOW_ORDER = (
    "hokusai",
    "starry-night",
    "scream",
    "udnie",
    "woman-with-a-hat",
    "composition-vii",
    "shipwreck",
)
REFERENCE = Path(__file__).parent / "reference" / "full.onnx"
MAX_BYTES = 512 * 1024 * 1024
_PREFIX = "stylecam."
NAME = re.compile(r"\w[\w-]{0,63}")  # a stranger's text that becomes a part of file names


def user_folder() -> Path:
    """Where the user's own style files lie: ``styles`` in the platform's data folder."""
    return Path(platformdirs.user_data_path("stylecam")) / "styles"


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
                raise StyleError(f"{path} is larger than {MAX_BYTES >> 20} MB: that is no style file")
            data = read_whole(path)
        except OSError as error:
            missing = ": `realtime styles` lists the ones there are" if isinstance(error, FileNotFoundError) else ""
            raise StyleError(f"cannot read the style file {path}: {error.strerror}{missing}") from None
        try:
            model = parse_onnx(data)
        except WireError as error:
            raise StyleError(f"{path} is no style file: {error}") from None
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
                f"{path} has no usable name: call the file by letters, digits, _ and -, 64 at most, or add it with "
                "`realtime styles add --name`"
            )
        return cls(path, data, own)

    def with_metadata(self, **values: str) -> Style:
        """The style with other properties, in its bytes too."""
        data = with_metadata(self.data, {f"{_PREFIX}{key}": value for key, value in values.items()})
        return Style(self.path, data, {**self.metadata, **values})

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
        try:
            return base64.b64decode(self.metadata["thumbnail"], validate=True)
        except (KeyError, binascii.Error):
            return None


class StyleCatalog:
    """The style files in some folders; later folders win where two files have the same name and tier.

    By default: the bundled ones, those in the folders of ``STYLECAM_STYLES`` (separated as in PATH), and
    the user's own. Files that cannot be used are not in the catalog but in `broken`, with the reason. It knows which
    styles there are, and reads one again when it is asked for: who paints with one need not hold all in memory.
    """

    def __init__(self, folders: Iterable[Path | str] | None = None) -> None:
        self.folders = [Path(f) for f in folders] if folders is not None else _default_folders()
        self.broken: list[StyleError] = []
        self._broken_stems: dict[str, StyleError] = {}
        found: dict[tuple[str, str], Path] = {}
        files = (p for folder in self.folders for p in sorted(folder.glob("*.onnx")))
        for path in (p for p in files if not is_hidden(Path(p.name))):  # a Mac's twins of them are no styles
            try:
                style = Style.read(path)
            except StyleError as error:
                self.broken.append(error)
                self._broken_stems[path.stem] = error
            else:
                found[style.name, style.tier] = path
        self._paths = found

    @property
    def styles(self) -> list[Style]:
        """All styles, by name and tier. Raises `StyleError` where a file cannot be read any more."""
        return [Style.read(self._paths[key]) for key in self.tiers]

    @property
    def tiers(self) -> list[tuple[str, str]]:
        """(name, tier) of all styles, sorted."""
        return sorted(self._paths)

    @property
    def names(self) -> list[str]:
        """The names of all styles, each once, the bundled ones first; the number keys follow this order."""
        places = {name: place for place, name in enumerate(SHOW_ORDER)}
        return sorted({name for name, _ in self._paths}, key=lambda name: (places.get(name, len(places)), name))

    def find(self, name: str, tier: str = "fast") -> Style:
        """The style of a name, or of a path to a style file, in this tier if there is one, else in another.

        Raises `StyleError`: with the reason for a damaged one or one that is gone, with the nearest names for an
        unknown one.
        """
        if name.endswith(".onnx") or os.sep in name or (os.altsep and os.altsep in name):
            return Style.read(name)
        for choice in (tier, *TIERS, "other"):
            if (name, choice) in self._paths:
                return Style.read(self._paths[name, choice])
        for stem in (f"{name}-{tier}", name, *(f"{name}-{t}" for t in TIERS)):
            if stem in self._broken_stems:
                raise StyleError(f"the style {name!r} cannot be used: {self._broken_stems[stem]}")
        near = difflib.get_close_matches(name, self.names, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(self.names) or 'none'}"
        raise StyleError(f"there is no style {name!r}; {hint}")


def base_style(tier: str) -> Style:
    """The network that new styles of a tier are learnt from: nobody's manner, and not in any catalog.

    Raises `StyleError` where the tier has none.
    """
    path = BASES / f"{BASE}-{tier}.onnx"
    if not path.is_file():
        raise StyleError(f"there is no base of tier {tier}: leave --start-from out, or start from another network")
    return Style.read(path)


def _default_folders() -> list[Path]:
    extra = [Path(p) for p in os.environ.get("STYLECAM_STYLES", "").split(os.pathsep) if p]
    return [BUNDLED, *extra, user_folder()]
