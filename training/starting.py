"""What `realtime train` starts from where nothing else is said, and the settings that go with a start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stylecam.models.catalog import BASE
from stylecam.models.checkpoint import load_checkpoint
from stylecam.models.errors import OptionsError
from stylecam.training.options import SHAPE

__all__ = ["FROM_NOTHING", "with_start"]

FROM_NOTHING = "none"
# A network that can paint already needs fewer steps, no ramp, and a stability that paler pictures do not satisfy.
_OF_A_START: Mapping[str, Any] = {"steps": 900, "ramp": 0.0, "stability_unit": "picture"}


def with_start(
    settings: Mapping[str, Any], painting: Path, checkpoint: Path | None = None, published: bool = False
) -> dict[str, Any]:
    """The settings of a training with the network that it starts from, and what goes with a start where it is not set.

    That network is the one of ``start_from`` (``none``: a new one); where it is not given it is the bundled base,
    unless the training is of many paintings, of a `published` recipe, or of another kind of network than the base is.
    `checkpoint` is the one of a run that is resumed: it goes on as it began. Raises `OptionsError` for a resumed run
    that is to begin in another way.
    """
    told = dict(settings)
    given = told.pop("start_from", None)
    if checkpoint is not None and checkpoint.is_file():
        before: dict[str, Any] | None = load_checkpoint(checkpoint).training.get("start_from")
        if given is not None and (before is not None) is (str(given) == FROM_NOTHING):
            was = "from another network" if before else "with a new network"
            raise OptionsError(f"{checkpoint} was started {was}: resume without --start-from")
        if given is None and told.get("keep_start") and before and before.get("recipe", {}).get("name") == BASE:
            given = Path(BASE)  # of which some is to be kept; another start must be given again
        start = None if given is None or str(given) == FROM_NOTHING else given
        return {**(_defaults(told) if before is not None else {}), **told, **({"start_from": start} if start else {})}
    if given is None:
        other = told.get("network", "transform") != "transform" or told.get("norm", "instance") != "instance"
        shaped = any(told.get(name) is not None for name in SHAPE)
        given = FROM_NOTHING if other or shaped or published or painting.is_dir() else BASE
    if str(given) == FROM_NOTHING:
        return told
    return {**_defaults(told), **told, "start_from": Path(given)}


def _defaults(told: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in _OF_A_START.items() if not (key == "steps" and told.get("epochs"))}
