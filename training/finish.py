"""What is done with a network after its last step: contrast and colours are set, and it is measured."""

from __future__ import annotations

from typing import Any

from stylecam.models.errors import PictureError
from stylecam.training.calibration import calibrate, whole_photos
from stylecam.training.data import evenly
from stylecam.training.evaluate.likeness import Target
from stylecam.training.evaluate.validation import validate, validate_texture
from stylecam.training.losses.perceptual import PerceptualLoss
from stylecam.training.material import Material
from stylecam.training.palette import match_palette

__all__ = ["finished"]

PALETTE_PHOTOS = 16  # on which the colours are compared with the painting's


def finished(network: Any, loss: PerceptualLoss, material: Material) -> dict[str, Any]:
    """Changes the network; the contrast by which, and its metrics, as JSON values. A base is left as it is."""
    if material.several:
        return {"metrics": {"paintings": len(material.paintings)}, "contrast": 1.0}
    network.eval()
    contrast = _calibrated(network, loss, material)
    if material.options.palette:
        photos = whole_photos(evenly(material.pictures, PALETTE_PHOTOS), material.options.size)
        match_palette(network, material.paintings[0], photos, material.options.palette)
    return {"metrics": _metrics(network, loss, material), "contrast": contrast}


def _calibrated(network: Any, loss: PerceptualLoss, material: Material) -> float:
    """By photographs that were trained on; without them there is none to choose by."""
    options, photos = material.options, evenly(material.pictures, material.options.calibrate)
    weights = options.weights["content"], options.weights["style"]
    return calibrate(network, loss, photos, options.size, *weights)


def _metrics(network: Any, loss: PerceptualLoss, material: Material) -> dict[str, float]:
    """Always against the scan itself, so that styles of all recipes can be compared."""
    try:
        target = Target.read(loss.vgg, material.files[0])
        if material.options.content is None:
            return validate_texture(network, target, material.options.size)
        return validate(network, target, material.held_out)
    except PictureError:  # a trained network is not lost for want of photos to measure it on
        return {}
