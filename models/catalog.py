"""Where style files are found: the bundled ones, the user's own, and those that training starts from; no torch."""

from __future__ import annotations

import contextlib
import difflib
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import platformdirs

from stylecam.models.errors import OptionsError, StyleError
from stylecam.models.hidden_files import is_hidden
from stylecam.models.style import NAME, Style
from stylecam.models.style_order import order_file, read_order, remove_order, write_order

__all__ = [
    "BASE",
    "BUNDLED",
    "NAME",
    "REFERENCE",
    "SHOW_ORDER",
    "TIERS",
    "Style",
    "StyleCatalog",
    "base_style",
    "is_hidden",
    "user_folder",
]

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
    "stained-glass-magi",
    "little-blue-horse",
    "metzinger-mosaic",
    "composition-vii",
    "water-lilies",
    "mondrian-vii",
    "shipwreck",
)
REFERENCE = Path(__file__).parent / "reference" / "full.onnx"


def user_folder() -> Path:
    """Where the user's own style files lie: ``styles`` in the platform's data folder."""
    return Path(platformdirs.user_data_path("stylecam")) / "styles"


class StyleCatalog:
    """The style files in some folders; later folders win where two files have the same name and tier.

    By default: the bundled ones, those in the folders of ``STYLECAM_STYLES`` (separated as in PATH), and
    the user's own, in the order that the user gave (`reorder`). Other folders have the order of the file `order`.
    Files that cannot be used are not in the catalog but in `broken`, with the reason; `order_problem` is that of an
    order that cannot be read. The catalog knows which styles there are, and reads one again when it is asked for: who
    paints with one need not hold all in memory.
    """

    def __init__(self, folders: Iterable[Path | str] | None = None, order: Path | None = None) -> None:
        self._order_file = order_file() if folders is None and order is None else order
        self.folders = [Path(f) for f in folders] if folders is not None else _default_folders()
        self.broken: list[StyleError] = []
        self._broken_stems: dict[str, StyleError] = {}
        found: dict[tuple[str, str], Path] = {}
        self._added: dict[str, int] = {}  # when the first file of each name was
        files = (p for folder in self.folders for p in sorted(folder.glob("*.onnx")))
        for path in (p for p in files if not is_hidden(Path(p.name))):  # a Mac's twins of them are no styles
            try:
                style = Style.read(path)
            except StyleError as error:
                self.broken.append(error)
                self._broken_stems[path.stem] = error
            else:
                found[style.name, style.tier] = path
                self._added[style.name] = min(_modified(path), self._added.get(style.name, sys.maxsize))
        self._paths = found
        self._order, self.order_problem = self._read_order()

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
        """The names of all styles, each once; the number keys follow this order.

        First those that the user put in order, then the bundled ones, then all others by the date of their files.
        """
        places = {name: place for place, name in enumerate(dict.fromkeys((*self._order, *SHOW_ORDER)))}
        return sorted(self._added, key=lambda name: (places.get(name, len(places)), self._added[name], name))

    def reorder(self, names: Sequence[str]) -> None:
        """Puts these styles first, now and in every catalog to come; without names the usual order is back.

        Raises `StyleError` for an unknown name, with the nearest one, `OptionsError` for one that is given twice, and
        `StylecamError` where the order cannot be written.
        """
        for place, name in enumerate(names):
            if name not in self._added:
                raise self._unknown(name, TIERS[0])
            if name in names[:place]:
                raise OptionsError(f"{name} is given twice: give each style once")
        if self._order_file is not None:
            write_order(self._order_file, names) if names else remove_order(self._order_file)
        self._order, self.order_problem = list(names), None

    def _read_order(self) -> tuple[list[str], StyleError | None]:
        try:
            return read_order(self._order_file) if self._order_file is not None else [], None
        except StyleError as error:
            return [], error

    def name_of(self, given: str) -> str | None:
        """The name under which a path's very file is in the catalog, also through a link; None where it is not."""
        for (name, _), known in self._paths.items() if _is_path(given) else ():
            with contextlib.suppress(OSError, ValueError):  # one of them is gone, or no path
                if known.samefile(given):
                    return name
        return None

    def find(self, name: str, tier: str = "fast") -> Style:
        """The style of a name, or of a path to a style file, in this tier if there is one, else in another.

        Raises `StyleError`: with the reason for a damaged one or one that is gone, with the nearest names for an
        unknown one.
        """
        if _is_path(name):
            return Style.read(name)
        for choice in (tier, *TIERS, "other"):
            if (name, choice) in self._paths:
                return Style.read(self._paths[name, choice])
        raise self._unknown(name, tier)

    def twin(self, style: Style, tier: str) -> Style | None:
        """The same painter's style in another tier; None where there is none, or `style` is not of the catalog.

        Raises `StyleError` for a file that cannot be read any more.
        """
        if style.tier == tier:
            return style
        other = self._paths.get((style.name, tier))
        return Style.read(other) if other and self._paths.get((style.name, style.tier)) == style.path else None

    def _unknown(self, name: str, tier: str) -> StyleError:
        for stem in (f"{name}-{tier}", name, *(f"{name}-{t}" for t in TIERS)):
            if stem in self._broken_stems:
                return StyleError(f"the style {name!r} cannot be used: {self._broken_stems[stem]}")
        near = difflib.get_close_matches(name, self.names, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(self.names) or 'none'}"
        return StyleError(f"there is no style {name!r}; {hint}")


def base_style(tier: str) -> Style:
    """The network that new styles of a tier are learnt from: nobody's manner, and not in any catalog.

    Raises `StyleError` where the tier has none.
    """
    path = BASES / f"{BASE}-{tier}.onnx"
    if not path.is_file():
        raise StyleError(f"there is no base of tier {tier}: leave out --start-from, or start from another network")
    return Style.read(path)


def _is_path(name: str) -> bool:
    return name.endswith(".onnx") or os.sep in name or bool(os.altsep and os.altsep in name)


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:  # gone since it was read: `find` will say so
        return 0


def _default_folders() -> list[Path]:
    extra = [Path(p) for p in os.environ.get("STYLECAM_STYLES", "").split(os.pathsep) if p]
    return [BUNDLED, *extra, user_folder()]
