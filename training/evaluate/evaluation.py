"""How good a style is: its likeness to painting and photo, its steadiness, its artefacts, on photographs new to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from stylecam.models.errors import OptionsError, PictureError
from stylecam.training.evaluate.border_measure import Border, border
from stylecam.training.evaluate.gatys_iterations import GatysIterations, iterations_for
from stylecam.training.evaluate.grid_measure import grid_on_gradients, grid_on_photos
from stylecam.training.evaluate.likeness import Likeness, Target
from stylecam.training.evaluate.stability_measure import clip_stability, stability
from stylecam.training.evaluate.steadied_measure import Steadied, steadied_on_clip, steadied_stability
from stylecam.training.evaluate.stylize import Stylize

__all__ = ["MEASURES", "OF_PAINTING", "EvaluateOptions", "Evaluation", "evaluate"]

LIKENESS = Likeness._fields
OF_PAINTING = (*LIKENESS, "gatys_iterations")  # these need the painting and the VGG
MEASURES = (*LIKENESS, "stability", "gatys_iterations", "grid", "border")
ON_REQUEST = frozenset({"gatys_iterations"})  # takes minutes


@dataclass(frozen=True)
class EvaluateOptions:
    """What to measure, and how. Raises `OptionsError` for a value out of range."""

    only: frozenset[str] = frozenset(MEASURES) - ON_REQUEST
    # Of gatys_iterations:
    style_weight: float = 6.0  # in its objective, content + weight * style
    gatys_photos: int = 4  # on how many photos it is run
    max_iterations: int = 200
    curve: bool = False  # whether it goes on to `max_iterations`, for its curve

    def __post_init__(self) -> None:
        if not 0 <= self.style_weight <= 1e6:
            raise OptionsError(f"--style-weight must be a number from 0 to 1000000, not {self.style_weight!r}")
        if self.gatys_photos < 1:
            raise OptionsError(f"--gatys-photos must be a whole number from 1, not {self.gatys_photos!r}")
        if self.max_iterations < 1:
            raise OptionsError(f"--max-iterations must be a whole number from 1, not {self.max_iterations!r}")
        unknown = sorted(self.only - set(MEASURES))
        if unknown or not self.only:
            raise OptionsError(f"--only takes measures of {', '.join(MEASURES)}, not {', '.join(unknown) or 'none'}")

    @property
    def needs_painting(self) -> bool:
        """Whether anything is wanted that compares with the painting."""
        return not self.only.isdisjoint(OF_PAINTING)


@dataclass(frozen=True)
class Evaluation:
    """What was measured, on `photos` photos. None: left out, for want of a painting or since it was not asked for."""

    photos: int
    content: float | None = None  # these four: see `Likeness`
    style: float | None = None
    swd: float | None = None
    sharp: float | None = None
    stability: float | None = None  # 1 is as steady as the input
    clip_stability: dict[str, float] = field(default_factory=dict)
    steadied: Steadied | None = None  # the same with the paintings steadied over time
    clip_steadied: dict[str, Steadied] = field(default_factory=dict)
    gatys_iterations: GatysIterations | None = None
    grid: float | None = None  # levels of 255: the largest of the two below
    grid_gradients: dict[int, float] | None = None  # by period in px
    grid_photos: dict[int, float] | None = None
    border: float | None = None  # 1 is clean: the ratio of the next two
    border_levels: Border | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON values, figures to four places."""
        return {name: _rounded(value) for name, value in asdict(self).items()}


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    if isinstance(value, tuple):
        return [_rounded(inner) for inner in value]
    return round(value, 4) if isinstance(value, float) else value


def evaluate(
    stylize: Stylize,
    photos: Sequence[np.ndarray],
    target: Target | None = None,
    options: EvaluateOptions | None = None,
    clips: Mapping[str, Sequence[np.ndarray]] | None = None,
    on_progress: Callable[[str], None] = lambda what: None,
    steadied: Callable[[], Stylize] | None = None,
) -> Evaluation:
    """Measures a style on photos and clips (frames uint8 `[H, W, 3]` BGR).

    The likeness is measured on the photos as they are: `read_photos` brings them to 480 lines. Without a `target`, the
    painting, it is left out. `steadied` begins a film: what it gives paints its frames in order, steadied; without it
    no such stability is measured. `on_progress` gets what comes next in a few words. Raises `PictureError` without
    photos, and for a clip in which nothing moves.
    """
    if not photos:
        raise PictureError("measuring needs at least one photo")
    options = options or EvaluateOptions()
    measured: dict[str, Any] = {}
    if "stability" in options.only:  # first: a clip may turn out to be of no use, and the rest takes minutes
        measured |= _steadiness(stylize, photos, clips or {}, on_progress)
        if steadied is not None:
            on_progress("stability, steadied")
            on_clips = {name: steadied_on_clip(stylize, steadied, frames) for name, frames in (clips or {}).items()}
            measured |= {"steadied": steadied_stability(stylize, steadied, photos), "clip_steadied": on_clips}
    if target and not options.only.isdisjoint(LIKENESS):
        on_progress("likeness")
        found = target.mean_likeness(stylize, photos)._asdict()
        measured |= {name: value for name, value in found.items() if name in options.only}
    if target and "gatys_iterations" in options.only:
        chosen, weight, limit = photos[: options.gatys_photos], options.style_weight, options.max_iterations
        measured["gatys_iterations"] = iterations_for(
            stylize, target, chosen, weight, limit, options.curve, on_progress
        )
    return Evaluation(len(photos), **measured, **_artefacts(stylize, photos, options, on_progress))


def _steadiness(
    stylize: Stylize,
    photos: Sequence[np.ndarray],
    clips: Mapping[str, Sequence[np.ndarray]],
    on_progress: Callable[[str], None],
) -> dict[str, Any]:
    """The frames of each pair and of each clip go to `stylize` in order: it may be one that remembers the last."""
    on_clips = {name: _clip(stylize, name, frames, on_progress) for name, frames in clips.items()}
    on_progress("stability")
    return {"stability": stability(stylize, photos), "clip_stability": on_clips}


def _clip(stylize: Stylize, name: str, frames: Sequence[np.ndarray], on_progress: Callable[[str], None]) -> float:
    on_progress(f"stability on {name}")
    try:
        return clip_stability(stylize, frames)
    except PictureError as error:
        raise PictureError(f"the clip {name} cannot be measured: {error}") from None


def _artefacts(
    stylize: Stylize, photos: Sequence[np.ndarray], options: EvaluateOptions, on_progress: Callable[[str], None]
) -> dict[str, Any]:
    measured: dict[str, Any] = {}
    if "grid" in options.only:
        on_progress("grid")
        found = {"grid_gradients": grid_on_gradients(stylize), "grid_photos": grid_on_photos(stylize, photos)}
        measured |= {**found, "grid": max(max(amplitudes.values()) for amplitudes in found.values())}
    if "border" in options.only:
        on_progress("border")
        levels = border(stylize, photos)
        measured |= {"border": levels.ratio, "border_levels": levels}
    return measured
