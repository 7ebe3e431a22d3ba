"""Which of the VGG's layers are compared, and in what form."""

from __future__ import annotations

from dataclasses import dataclass

from stylecam.models.errors import OptionsError
from stylecam.training.losses.vgg import layer_names

__all__ = ["CONTENT_LAYER", "STYLE_LAYERS", "LossForms"]

STYLE_LAYERS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3")
CONTENT_LAYER = "relu3_3"


@dataclass(frozen=True)
class LossForms:
    """Which layers are compared, and in what form; the defaults are dimensionless.

    ``relative`` divides by the target's own size and is the mean over the style layers. ``detail`` is the relative
    content distance where the photo holds much, and hardly any where it is plain. ``mean`` and ``sum`` are over the
    features or the Gram matrix's entries, with G = F F^T / (C H W), and are summed over the style layers, as in the
    programs of Johnson et al.'s method. ``published`` activations bring each layer to the size that Caffe's VGG-16
    gives it, ``torchvision`` to that of torchvision's, so that weights chosen for one of them fit; ``own`` leaves them.
    Raises `OptionsError` for a layer or a form that does not exist.
    """

    content_layer: str = CONTENT_LAYER
    style_layers: tuple[str, ...] = STYLE_LAYERS
    content_form: str = "relative"
    style_form: str = "relative"
    style_distance: str = "l2"
    activations: str = "own"

    def __post_init__(self) -> None:
        known = set(layer_names())
        for flag, names in (("--content-layer", (self.content_layer,)), ("--style-layers", self.style_layers)):
            unknown = [name for name in names if name not in known]
            if unknown or not names or len(set(names)) < len(names):
                wrong = (
                    f"VGG-16 has no layer {unknown[0]!r}"
                    if unknown
                    else "give at least one layer, and each layer only once"
                )
                raise OptionsError(f"{flag}: {wrong}; its layers are conv1_1, relu1_1, conv1_2 to pool5")
        _choice("--content-form", self.content_form, ("relative", "mean", "detail"))
        _choice("--style-form", self.style_form, ("relative", "mean", "sum"))
        _choice("--style-distance", self.style_distance, ("l2", "l1"))
        _choice("--activations", self.activations, ("own", "published", "torchvision"))

    @property
    def layers(self) -> tuple[str, ...]:
        """Every layer that is needed, each once."""
        return tuple(dict.fromkeys((*self.style_layers, self.content_layer)))


def _choice(flag: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise OptionsError(f"{flag} is one of {', '.join(choices)}, not {value!r}")
