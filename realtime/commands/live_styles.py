"""The styles of the live command, by its options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stylecam.realtime.commands.live_remote import steered
from stylecam.realtime.commands.saying import notify

if TYPE_CHECKING:
    from stylecam.models.catalog import StyleCatalog
    from stylecam.realtime.painting.loaded_styles import LoadedStyles

__all__ = ["loaded_styles"]


def loaded_styles(options: dict[str, Any]) -> LoadedStyles:
    """Those of --styles, else all, the first one loaded. Says what was not as it was asked for; raises `StyleError`."""
    from stylecam.models.catalog import StyleCatalog
    from stylecam.realtime.painting.loaded_styles import LoadedStyles
    from stylecam.realtime.painting.stylizer import Stylizer, another_tier

    catalog = StyleCatalog()
    if catalog.order_problem:
        notify(str(catalog.order_problem))

    chosen = _chosen(catalog, options["styles"], options["tier"])
    given = options["style"] or chosen[0]
    first = catalog.name_of(given) or given  # a file that has its number key already gets no second one

    loaded: set[str] = set()

    def load(name: str) -> Stylizer:
        # What is loaded anew, or was not there, was added since: that file is in a new catalog only.
        added = name in loaded or name not in (first, *chosen)
        loaded.add(name)
        asked = given if name == first and not added else name
        return Stylizer.load(asked, options["tier"], options["device"], None if added else catalog)

    # Where nobody can ask for another style, loading them would only slow the frames.
    asked_for = not options["no_window"] or options["keys"] or options["glide"] is not None or steered(options)
    names = chosen if asked_for else [first]
    styles = LoadedStyles(names, first, load)
    stylizer = styles.get(styles.first)
    if stylizer is not None and stylizer.fallback:
        notify(stylizer.fallback)
    if stylizer is not None and options["tier"] != "auto":
        have = {*(key for key in catalog.tiers if key[0] != first), (first, stylizer.style.tier)}
        lacking = [name for name in styles.names if (name, options["tier"]) not in have]
        if lacking:
            notify(another_tier(options["tier"], lacking))
    return styles


def _chosen(catalog: StyleCatalog, given: str | None, tier: str) -> list[str]:
    """The styles of --styles, else all. Raises `StyleError` for one that there is not."""
    from stylecam.realtime.painting.named_styles import find_style

    names = [name.strip() for name in (given or "").split(",") if name.strip()]
    for name in names:
        find_style(catalog, name, tier)
    return list(dict.fromkeys(names)) or catalog.names or ["hokusai"]
