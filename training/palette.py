"""The last touch of a training, where it is asked for: colours that spread as the painting's do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from stylecam.training.tensors import to_tensor

__all__ = ["colour_map", "match_palette"]

RIDGE = 1 / 64  # of the wanted covariance is added to the found one: colours are never spread more than 8 times as far
TINY = 1e-12  # a variance: where a painting or a painter has one colour only, there is nothing to invert


@torch.no_grad()
def match_palette(network: Any, painting: np.ndarray, photos: Iterable[np.ndarray], share: float) -> None:
    """Moves the colours that `network` paints by `share` (0 to 1) of the way to those of its painting, in its head.

    `painting` and `photos` are uint8 RGB. At a share of 1, mean and covariance of the colours of the painted photos
    become the painting's, nearly: a detail path, which carries the scene, stays as it is, and so does what is clipped.
    The head must be linear, and the network in evaluation mode. Without photos nothing changes.
    """
    device = next(network.parameters()).device
    found = [_moments(network(to_tensor(photo).to(device)).clamp(0, 1)[0].flatten(1)) for photo in photos]
    if not found:
        return
    painted = torch.stack(found)
    first, second = painted.mean(0)[:, 0], painted.mean(0)[:, 1:]
    wanted = _moments(to_tensor(painting)[0].flatten(1))
    mean, covariance = wanted[:, 0], wanted[:, 1:] - wanted[:, :1] * wanted[:, 0]
    whole = colour_map(second - first[:, None] * first + RIDGE * covariance, covariance)
    map_ = torch.lerp(torch.eye(3).to(whole), whole, share)
    moved = torch.lerp(first, mean, share)
    head = cast(nn.Conv2d, network.head)
    weight, bias = (t.cpu().double().reshape(3, -1) for t in (head.weight, cast(Tensor, head.bias)))
    head.weight.copy_((map_ @ weight).reshape(head.weight.shape))
    cast(Tensor, head.bias).copy_((map_ @ (bias - first[:, None]) + moved[:, None]).flatten())


def _moments(colours: Tensor) -> Tensor:
    """`[3, 1 + 3]`: mean, and mean products, of `[3, N]` colours."""
    colours = colours.cpu().double()  # not every device has numbers of 64 bits
    return torch.cat([colours.mean(1, keepdim=True), colours @ colours.T / colours.shape[1]], 1)


def colour_map(found: Tensor, wanted: Tensor) -> Tensor:
    """The symmetric `[3, 3]` map that gives colours of covariance `found` the covariance `wanted`.

    Of all such maps it moves colours least: the linear Monge-Kantorovitch map (Pitié and Kokaram 2007, "The linear
    Monge-Kantorovitch linear colour mapping for example-based colour transfer").
    """
    root, inverse = _power(found, 0.5), _power(found, -0.5)
    return inverse @ _power(root @ wanted @ root, 0.5) @ inverse


def _power(matrix: Tensor, exponent: float) -> Tensor:
    values, vectors = torch.linalg.eigh(matrix)
    power: Tensor = vectors @ torch.diag(values.clamp(min=TINY) ** exponent) @ vectors.T
    return power
