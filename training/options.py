"""The settings of a training run."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from stylecam.models.checkpoint import check_style_name
from stylecam.models.errors import OptionsError
from stylecam.training.losses.forms import CONTENT_LAYER, STYLE_LAYERS, LossForms
from stylecam.training.losses.table import LOSSES
from stylecam.training.option_checks import check_settings

__all__ = ["LISTS", "RECIPE", "SHAPE", "TrainOptions"]

_Class = TypeVar("_Class", bound=type)


def _with_weights(cls: _Class) -> _Class:
    """Gives a class that becomes a dataclass the field ``NAME_weight`` of each loss of the table."""
    for loss in LOSSES:
        cls.__annotations__[loss.setting] = "float"
        setattr(cls, loss.setting, loss.weight)
    return cls


@dataclass(frozen=True)
@_with_weights
class TrainOptions:
    """What `train` is told. The fields under "recipe" decide the result; the others only how it is computed.

    Each loss of `LOSSES` adds the field ``NAME_weight`` to the recipe, see `weights`. Raises `OptionsError`, in the
    command's spelling, for a value that is of the wrong type or out of range.
    """

    painting: Path
    content: Path | None  # None, for a texture alone: there is nothing to keep then, and nothing that moves
    output: Path
    # Recipe: together with the pictures, these repeat a run.
    name: str = "style"
    title: str = ""
    artist: str = ""
    year: str = ""
    license: str = ""
    network: str = "transform"
    tier: str = ""  # empty: fast, or full where the network is of no other
    channels: tuple[int, ...] | None = None
    blocks: int | None = None
    trunk: int | None = None  # 4: residual blocks at a quarter of the size in tier fast, not an eighth
    blur: bool | None = None  # whether the finest wave is taken from what the residual blocks give
    detail: bool | None = None  # whether the photo's details and colours go around the network
    light: bool | None = None  # False: tier full with the layers of Johnson et al. 2016
    chroma: float | None = 0.12  # how much of the photo's colours goes around it; None, or many paintings: as learnt
    norm: str = "instance"
    steps: int = 3000
    epochs: int | None = None  # passes over the photographs, in place of `steps`
    batch: int = 4
    size: int = 256  # side of what the VGG sees of each content crop, px
    frame: int | None = None  # largest side of the content crops, px; None: twice `size`, or `size` with `light` False
    style_size: int = 512  # short side of the painting, px
    crop: float = 0.0  # fraction of the painting's short side cut from each edge (printed borders)
    speckle: int = 0  # side of the median filter on the painting, px: 0, 3 or 5
    spots: int = 0  # white spots of the painting narrower than this, px, are removed; 0: they stay
    flatten: int = 0  # colours of the painting no further apart than this, in levels, become one; 0: they stay
    optimizer: str = "muon"
    learning_rate: float = 2e-3  # of Adam; Muon's own is a multiple of it
    clip: float = 10.0  # the largest norm of the gradient; 0: any
    schedule: str = "cosine"  # of the learning rate: see `learning_rate_at`
    content_layer: str = CONTENT_LAYER  # this and the next five are those of `LossForms`
    style_layers: tuple[str, ...] = STYLE_LAYERS
    content_form: str = "relative"
    style_form: str = "relative"
    style_distance: str = "l2"
    activations: str = "own"
    stability_unit: str = "painting"  # whose variance the stability's error is divided by: "painting" or "picture"
    grid_on: str = "photos"  # where a grid is looked for; "smooth": in a smooth scene too, where it is seen most
    calibrate: int = 16  # whole photographs on which the contrast is chosen at the end; 0: as it was learnt
    keep_start: float = 0.0  # the share of the network that it started from in the one that comes out, 0 to 1
    palette: float = 0.0  # how far the colours are moved to the painting's at the end, 0 to 1
    ramp: float = 1 / 3  # share of the run over which the style weight rises from a tenth
    zoom: float = 1.25  # content pictures are brought to a short side of up to this times the crop's
    seed: int = 0
    # How it is computed.
    start_from: Path | None = None  # a checkpoint or style whose network is trained on, instead of a new one
    vgg_weights: Path | None = None
    workers: int = 1
    device: str = "auto"
    precision: str = "auto"  # of the VGG: auto, bf16 or float32
    resume: bool = False
    tensorboard: bool = False  # events for it, beside metrics.csv
    plot: Path | None = None  # where to draw the losses besides loss.png: .png, .svg or .pdf
    checkpoint_every: int = 100
    preview_every: int = 250

    def __post_init__(self) -> None:
        if self.tier == "":
            object.__setattr__(self, "tier", "full" if self.network == "texture" else "fast")
        check_settings(self)
        if self.frame is None:
            larger = self.network == "transform" and self.light is not False
            object.__setattr__(self, "frame", min(2 * self.size, 4096) if larger else self.size)
        if self.side < self.size:
            raise OptionsError(f"--frame must be at least --size, {self.size}, not {self.frame}")
        if not (isinstance(self.channels, tuple | None) and isinstance(self.style_layers, tuple)):
            raise OptionsError("channels and style_layers must be lists")
        if not all(isinstance(n, int) for n in (*(self.channels or ()), self.blocks or 0, self.trunk or 0)):
            raise OptionsError("channels must be three whole numbers, and blocks and trunk one")
        for name in ("blur", "detail", "light"):
            if not isinstance(value := getattr(self, name), bool | None):
                raise OptionsError(f"{name} is true or false, not {value!r}")
        check_style_name(self.name)
        if not all(isinstance(name, str) for name in (self.content_layer, *self.style_layers)):
            raise OptionsError("content_layer and style_layers must be names of VGG-16's layers")
        self.forms()
        self._check_network()
        if not any(self.weights.values()):
            raise OptionsError("the weights of all losses are 0: there is nothing to learn")

    @property
    def weights(self) -> dict[str, float]:
        """The weight of each loss by its name, in the table's order."""
        return {loss.name: getattr(self, loss.setting) for loss in LOSSES}

    @property
    def side(self) -> int:
        """The largest side of the content crops, px."""
        return self.frame or self.size

    def forms(self) -> LossForms:
        """The forms of the content and the style distance."""
        return LossForms(**{f.name: getattr(self, f.name) for f in fields(LossForms)})

    def _check_network(self) -> None:
        texture = self.network == "texture"
        if texture and self.tier != "full":
            raise OptionsError(f"--network texture has tier full only: leave out the tier {self.tier}")
        if texture and any(getattr(self, name) is not None for name in SHAPE):
            names = f"{', '.join(SHAPE[:-1])} and {SHAPE[-1]}"
            raise OptionsError(f"{names} are only for --network transform: leave them out of the recipe")
        if self.palette and texture:
            raise OptionsError("--palette is for --network transform only: give --palette 0")
        if self.keep_start and self.norm == "batch":
            raise OptionsError("--keep-start is for --norm instance only: give --keep-start 0")
        if self.content is None:
            if not texture:
                raise OptionsError("give a folder of photographs with --content: only --network texture works without")
            if self.epochs:
                raise OptionsError(
                    "--epochs counts passes over the photographs of --content: give --content, or --steps instead"
                )
            for loss in LOSSES:
                if loss.of_photos:  # so that the recipe says what was done
                    object.__setattr__(self, loss.setting, 0.0)

    def recipe(self) -> dict[str, Any]:
        """The settings that decide the result, as JSON values."""
        values = {k: v for k, v in asdict(self).items() if k in RECIPE}
        return {**values, **{k: list(values[k]) for k in LISTS if values[k] is not None}}


LISTS = ("channels", "style_layers")
SHAPE = ("channels", "blocks", "trunk", "blur", "detail", "light")  # of a network that repaints photographs
_NOT_RECIPE = {
    *("painting", "content", "output", "start_from", "vgg_weights", "workers", "device", "precision"),
    *("resume", "tensorboard", "plot", "checkpoint_every", "preview_every"),
}
RECIPE = frozenset(f.name for f in fields(TrainOptions)) - _NOT_RECIPE
