"""What of the photo goes around a network: its finest details and its colours."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["DetailPath", "PlainDetailPath", "gains_of"]

LUMA = (0.299, 0.587, 0.114)  # of RGB (ITU-R BT.601)
START = 0.3  # each gain before the training


class DetailPath(nn.Module):
    """Two bands of the photo, each with a learnt gain per colour, to be added to the painting.

    A head at half size cannot draw an edge of one pixel, and a painter's palette hides the colours of the scene. Here
    come back: the luma less its mean over 6 px (fine), and the colour differences, R, G and B less the luma, in their
    mean over 6 px and less their mean over the picture (chroma). It cannot become the identity: light and shade beyond
    6 px pass through the network alone. It moves with the scene.

    `scale` is the side r of the square of pixels at each position of the head. All is one convolution to the head's
    channels: nothing of it is ever enlarged.
    """

    basis: Tensor  # `[6, 9 r^2 k^2]`: the kernel that each gain stands for

    def __init__(self, scale: int, reflect: bool = False) -> None:
        super().__init__()
        self.scale, self.reflect = scale, reflect
        self.fine = nn.Parameter(torch.full((3,), START))
        self.chroma = nn.Parameter(torch.full((3,), START))
        self.register_buffer("basis", _basis(scale), persistent=False)

    def kernel(self) -> Tensor:
        """The convolution's weight with the gains in it, `[3 r^2, 3, k, k]`."""
        side = _side(self.scale)
        return (torch.cat([self.fine, self.chroma]) @ self.basis).view(3 * self.scale**2, 3, side, side)

    def forward(self, x: Tensor) -> Tensor:
        """`[N, 3, H, W]` to `[N, 3 r^2, H/r, W/r]`."""
        return _convolved(x, self.kernel(), self.scale, self.reflect)


class PlainDetailPath(nn.Module):
    """A `DetailPath` as an ordinary convolution, for a style file."""

    def __init__(self, kernel: Tensor, scale: int, reflect: bool) -> None:
        super().__init__()
        self.scale, self.reflect = scale, reflect
        self.weight = nn.Parameter(kernel)

    def forward(self, x: Tensor) -> Tensor:
        """As a `DetailPath`'s, in the file's own order of colours and channels."""
        return _convolved(x, self.weight, self.scale, self.reflect)


def _convolved(x: Tensor, kernel: Tensor, scale: int, reflect: bool) -> Tensor:
    """`x` less its mean colour, through the kernel. Zeros around it, or with `reflect` its own mirror image."""
    edge = (kernel.shape[-1] - scale) // 2
    centred = x - x.mean((2, 3), keepdim=True)
    if reflect:
        return F.conv2d(F.pad(centred, (edge,) * 4, mode="reflect"), kernel, stride=scale)
    return F.conv2d(centred, kernel, stride=scale, padding=edge)


def gains_of(kernel: Tensor, scale: int) -> tuple[Tensor, Tensor]:
    """The gains (fine, chroma), `[3]` each, of which `DetailPath.kernel` is this or nearly this."""
    basis, wanted = _basis(scale).double().T, kernel.double().flatten()[:, None]
    gains = torch.linalg.lstsq(basis, wanted).solution[:, 0].to(kernel.dtype)
    return gains[:3], gains[3:]


def _side(scale: int) -> int:
    """Pixels: of a window that has the position's pixels in its middle."""
    return 6 if scale == 2 else 5


def _basis(scale: int) -> Tensor:
    side = _side(scale)
    luma, edge = torch.tensor(LUMA).view(3, 1, 1), (side - scale) // 2
    mean = torch.full((1, side, side), 1 / side**2)
    basis = torch.zeros(2, 3, 3, scale**2, 3, side, side)  # band, gain's colour, head's colour, pixel
    for colour in range(3):
        for pixel in range(scale**2):
            here = torch.zeros(1, side, side)
            here[0, edge + pixel // scale, edge + pixel % scale] = 1
            basis[0, colour, colour, pixel] = luma * (here - mean)
            basis[1, colour, colour, pixel] = (torch.eye(3)[colour].view(3, 1, 1) - luma) * mean
    return basis.view(6, -1)
