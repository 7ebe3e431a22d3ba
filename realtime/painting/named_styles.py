"""The style that a user names: one in the catalog, one in a file, or a mix of them."""

from __future__ import annotations

from stylecam.models.catalog import TIERS, Style, StyleCatalog
from stylecam.realtime.painting.mix_names import is_mix, parse_mix
from stylecam.realtime.painting.mixing import mix_styles

__all__ = ["find_style", "of_one_tier"]


def of_one_tier(one: Style, other: Style, catalog: StyleCatalog | None = None) -> tuple[Style, Style]:
    """Both in a tier that both painters have, as a mix needs them; as they are where there is none.

    `catalog` is that of all styles, which is read only where the tiers differ. Raises `StyleError`.
    """
    if one.tier == other.tier:
        return one, other
    catalog = catalog or StyleCatalog()
    for tier in TIERS:
        found = catalog.twin(one, tier), catalog.twin(other, tier)
        if found[0] is not None and found[1] is not None:
            return found[0], found[1]
    return one, other


def find_style(catalog: StyleCatalog, text: str, tier: str = "fast") -> Style:
    """The style, or the mix, that a text names: in this tier, or in another where it, or one of its parts, has no such.

    Raises what `StyleCatalog.find`, `parse_mix` and `mix_styles` raise.
    """
    if not is_mix(text):
        return catalog.find(text, tier)
    parts = parse_mix(text)
    for choice in (tier, *TIERS):
        found = [(catalog.find(name, choice), share) for name, share in parts]
        if len({style.tier for style, _ in found}) == 1:
            break
    return mix_styles(found)
