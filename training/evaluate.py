"""How good a style is: its distances, its steadiness, its artefacts, on photographs it was not trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from stylecam.models.errors import OptionsError, PictureError
from stylecam.training.border import Border, border
from stylecam.training.contrast import contrast_distances, contrast_spread
from stylecam.training.data import resize_short_side
from stylecam.training.frames import Stylize
from stylecam.training.gatys import GatysIterations, gatys_iterations
from stylecam.training.grid import grid_on_gradients, grid_on_photos
from stylecam.training.perceptual import PerceptualLoss
from stylecam.training.stability import clip_stability, stability
from stylecam.training.validation import to_tensor

__all__ = ["DISTANCES", "MEASURES", "EvaluateOptions", "Evaluation", "distances", "evaluate"]

SIDE = 256  # px: short side for the distances
LARGE = 480  # px: the same for what a camera gives
# These need the painting and the VGG.
DISTANCES = ("style", "content", "objective", "large", "gatys_iterations", "contrast")
MEASURES = (*DISTANCES, "stability", "grid", "border")


@dataclass(frozen=True)
class EvaluateOptions:
    """What to measure, and how. Raises `OptionsError` for a value out of range."""

    style_weight: float = 6.0  # of the objective, content + weight * style
    gatys_photos: int = 4  # on how many photos the optimisation is run; 0 leaves it out
    max_iterations: int = 200
    curve: bool = False  # whether the optimisation goes on to `max_iterations`, for its curve
    only: frozenset[str] = frozenset(MEASURES)

    def __post_init__(self) -> None:
        if not 0 <= self.style_weight <= 1e6:
            raise OptionsError(f"--style-weight is a number from 0 to 1000000, not {self.style_weight!r}")
        if self.gatys_photos < 0:
            raise OptionsError(f"--gatys-photos is a whole number from 0, not {self.gatys_photos!r}")
        if self.max_iterations < 1:
            raise OptionsError(f"--max-iterations is a whole number from 1, not {self.max_iterations!r}")
        unknown = sorted(self.only - set(MEASURES))
        if unknown or not self.only:
            raise OptionsError(f"--only names measures of {', '.join(MEASURES)}, not {', '.join(unknown) or 'none'}")

    @property
    def needs_painting(self) -> bool:
        """Whether anything is wanted that compares with the painting."""
        return not self.only.isdisjoint(DISTANCES)


@dataclass(frozen=True)
class Evaluation:
    """What was measured, on `photos` photos. None: left out, for want of a painting or since it was not asked for."""

    photos: int
    style: float | None = None
    content: float | None = None
    objective: float | None = None  # content + style weight * style
    style_480: float | None = None  # the same three at a short side of 480 px
    content_480: float | None = None
    objective_480: float | None = None
    gatys_iterations: GatysIterations | None = None
    contrast: dict[float, float] | None = None  # the style distance by the photos' contrast
    contrast_spread: float | None = None
    stability: float | None = None  # 1 is as steady as the input
    clip_stability: dict[str, float] = field(default_factory=dict)
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
    loss: PerceptualLoss | None = None,
    options: EvaluateOptions | None = None,
    clips: Mapping[str, Sequence[np.ndarray]] | None = None,
    on_progress: Callable[[str], None] = lambda what: None,
) -> Evaluation:
    """Measures a style on photos and clips (frames `[H, W, 3]` uint8 BGR).

    Without a `loss`, which knows the painting, the distances are left out. `on_progress` gets what comes next in
    a few words. Raises `PictureError` without photos, and for a clip in which nothing moves.
    """
    if not photos:
        raise PictureError("a style is measured on at least one photo")
    options = options or EvaluateOptions()
    measured: dict[str, Any] = {}
    if "stability" in options.only:
        measured["clip_stability"] = {  # first: a clip may turn out to be of no use, and the distances take minutes
            name: _clip(stylize, name, frames, on_progress) for name, frames in (clips or {}).items()
        }
        on_progress("stability")
        measured["stability"] = stability(stylize, photos)
    if loss and options.needs_painting:
        measured |= _distances(stylize, loss, photos, options, on_progress)
    if "grid" in options.only:
        on_progress("grid")
        found = {"grid_gradients": grid_on_gradients(stylize), "grid_photos": grid_on_photos(stylize, photos)}
        measured |= {**found, "grid": max(max(amplitudes.values()) for amplitudes in found.values())}
    if "border" in options.only:
        on_progress("border")
        levels = border(stylize, photos)
        measured |= {"border": levels.ratio, "border_levels": levels}
    return Evaluation(len(photos), **measured)


def _distances(
    stylize: Stylize,
    loss: PerceptualLoss,
    photos: Sequence[np.ndarray],
    options: EvaluateOptions,
    on_progress: Callable[[str], None],
) -> dict[str, Any]:
    measured: dict[str, Any] = {}
    large: dict[str, float] = {}
    if options.only & {"style", "content", "objective", "gatys_iterations"}:
        on_progress("distances")
        found = distances(stylize, loss, photos)
        measured |= _means(found, options.style_weight)
    if "large" in options.only:
        on_progress("distances at 480 px")
        large = _means(distances(stylize, loss, photos, LARGE), options.style_weight)
    if "contrast" in options.only:
        on_progress("contrast")
        by_contrast = contrast_distances(stylize, photos, lambda s, p: float(np.mean(distances(s, loss, p), axis=0)[1]))
        measured |= {"contrast": by_contrast}
    if "gatys_iterations" in options.only:
        measured["gatys_iterations"] = _gatys(loss, photos, found, options, on_progress)
    measured = {name: value for name, value in measured.items() if name in options.only}
    if "contrast" in measured:
        measured["contrast_spread"] = contrast_spread(measured["contrast"])
    return measured | {f"{name}_480": value for name, value in large.items()}


def _means(found: Sequence[tuple[float, float]], style_weight: float) -> dict[str, float]:
    content, style = map(float, np.mean(found, axis=0))
    return {"style": style, "content": content, "objective": content + style_weight * style}


@torch.no_grad()
def distances(
    stylize: Stylize, loss: PerceptualLoss, photos: Sequence[np.ndarray], side: int = SIDE
) -> list[tuple[float, float]]:
    """(content, style) distance of each photo's stylization as it is shown, at a short side of `side` px."""
    found = []
    for photo in photos:
        small = resize_short_side(photo, side)
        content, style = loss(_tensor(stylize(small), loss), loss.content_target(_tensor(small, loss)))
        found.append((float(content), float(style)))
    return found


def _gatys(
    loss: PerceptualLoss,
    photos: Sequence[np.ndarray],
    found: Sequence[tuple[float, float]],
    options: EvaluateOptions,
    on_progress: Callable[[str], None],
) -> GatysIterations | None:
    chosen = photos[: options.gatys_photos]
    if not chosen:
        return None
    goals = [content + options.style_weight * style for content, style in found[: len(chosen)]]
    small = [_tensor(resize_short_side(photo, SIDE), loss) for photo in chosen]
    limit = options.max_iterations
    return gatys_iterations(loss, small, goals, options.style_weight, limit, options.curve, on_progress)


def _clip(stylize: Stylize, name: str, frames: Sequence[np.ndarray], on_progress: Callable[[str], None]) -> float:
    on_progress(f"stability on {name}")
    try:
        return clip_stability(stylize, frames)
    except PictureError as error:
        raise PictureError(f"the clip {name} cannot be measured: {error}") from None


def _tensor(picture: np.ndarray, loss: PerceptualLoss) -> Tensor:
    """`[H, W, 3]` uint8 BGR to `[1, 3, H, W]` RGB in 0..1, where the loss computes."""
    return to_tensor(picture[..., ::-1]).to(loss.vgg.mean.device)
