"""The multi-scale generator that is fed with noise: textures from noise alone, or photographs repainted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylecam.models.instance_norm import InstanceNorm
from stylecam.models.transform_net import NORMS, padding_for

__all__ = ["NOISE_SIDE", "TextureConfig", "TextureNet"]

NOISE_SIDE = 64  # px of its own scale: the side of the tile of fixed noise
NOISE_CHANNELS = 3


@dataclass(frozen=True)
class TextureConfig:
    """Everything that decides the shape of a `TextureNet`.

    `photo` tells whether it repaints a photo or paints a texture from noise alone, `scales` how often the picture is
    halved, and one more, `width` how many channels each scale adds. Raises `ValueError` for an impossible value.
    """

    photo: bool = True
    scales: int = 5
    width: int = 8
    norm: str = "instance"

    # Of every such network; without annotations they are no fields. The last three as in `NetworkConfig`.
    KIND = "texture"
    tier = "full"
    margin = 0  # each layer has its own border
    head_scale = 1

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> TextureConfig:
        """The inverse of `to_dict`. Raises `KeyError`, `TypeError` or `ValueError` for foreign values."""
        values = dict(values)
        if (values.pop("kind"), values.pop("tier")) != (cls.KIND, cls.tier):
            raise ValueError(f"a {cls.KIND} network is of tier {cls.tier}")
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; ``kind`` tells them from those of other networks."""
        return {"kind": self.KIND, "tier": self.tier, **asdict(self)}

    def __post_init__(self) -> None:
        if not isinstance(self.photo, bool) or self.norm not in NORMS:
            raise ValueError(f"photo is true or false, and norm one of {NORMS}")
        # At most five scales: of the smallest frame, 32 px, the fifth has 2 px, the least that can be reflected by one.
        # The limit of the width keeps a forged checkpoint from asking for more memory than there is.
        for value, highest in ((self.scales, 5), (self.width, 128)):
            if type(value) is not int or not 1 <= value <= highest:
                raise ValueError(f"a texture network has 1 to 5 scales of 1 to 128 channels, not {value!r}")

    @property
    def stride(self) -> int:
        """Padded height and width are multiples of this."""
        return int(2 ** (self.scales - 1))


class TextureNet(nn.Module):
    """The generator of Ulyanov, Lebedev, Vedaldi and Lempitsky 2016, "Texture Networks: Feed-forward Synthesis of
    Textures and Stylized Images" (arXiv:1603.03417), by default with instance norm (arXiv:1607.08022).

    From the coarsest scale to the finest: a block of convolutions sees noise and, where there is one, the photo at
    that scale; what was painted so far is brought to twice its size, both are normalized and joined, and another block
    follows. So a texture of any size is made in one pass, its large forms from the coarse noise.

    Textures have circular convolutions: where height and width are multiples of the stride, they tile. Photos are
    reflected, since wrapping would mix their opposite edges.
    """

    def __init__(self, config: TextureConfig) -> None:
        super().__init__()
        self.config = config
        scales, width = range(config.scales), config.width
        inputs = NOISE_CHANNELS + (3 if config.photo else 0)
        self.inputs = nn.ModuleList(_Block(config, inputs, width) for _ in scales)
        self.joins = nn.ModuleList(_Join(config, width * n, width) for n in scales[1:])
        self.blocks = nn.ModuleList(_Block(config, width * (n + 1), width * (n + 1)) for n in scales[1:])
        self.head = nn.Conv2d(width * config.scales, 3, 1)
        nn.init.constant_(cast(Tensor, self.head.bias), 0.5)
        # A style file must give the same picture for the same frame, or it flickers live, a resumed conversion does
        # not fit what is there, and nothing can be compared with torch. So the noise outside training is part of the
        # network: a tile, small enough for the file, of which the coarsest repeats after 64 * stride px.
        for n in scales:
            self.register_buffer(f"noise_{n}", torch.rand(1, NOISE_CHANNELS, NOISE_SIDE, NOISE_SIDE))

    def fixed_noise(self, count: int, height: int, width: int) -> list[Tensor]:
        """The network's own noise for `count` padded pictures: `[count, 3, H', W']` for each scale, coarsest first."""
        noise = []
        for n, (rows, columns) in enumerate(self._sizes(height, width)):
            tile = self.get_buffer(f"noise_{n}").expand(count, -1, -1, -1)
            down, right = (torch.arange(size, device=tile.device) % NOISE_SIDE for size in (rows, columns))
            noise.append(tile.index_select(2, down).index_select(3, right))
        return noise

    def fresh_noise(self, count: int, height: int, width: int, seed: int) -> list[Tensor]:
        """Uniform noise in 0..1 in the same shapes; `seed` alone decides it, whatever the device."""
        generator, device = torch.Generator().manual_seed(seed), self.head.weight.device
        shapes = [(count, NOISE_CHANNELS, *size) for size in self._sizes(height, width)]
        return [torch.rand(shape, generator=generator).to(device) for shape in shapes]

    def body(self, x: Tensor, noise: Sequence[Tensor] | None = None) -> Tensor:
        """`[N, 3, H, W]` padded pictures, of which a texture takes the size only, to the same shape.

        `noise` is of `fresh_noise`; without it the network's own is taken.
        """
        count, _, height, width = x.shape
        layers = list(noise or self.fixed_noise(count, height, width))
        if self.config.photo:
            photos = [x]
            while len(photos) < len(layers):
                photos.append(F.avg_pool2d(photos[-1], 2))
            layers = [torch.cat((layer, photo), 1) for layer, photo in zip(layers, reversed(photos), strict=True)]
        seen = [block(layer) for block, layer in zip(self.inputs, layers, strict=True)]
        y: Tensor = seen[0]
        for join, block, finer in zip(self.joins, self.blocks, seen[1:], strict=True):
            y = block(join(y, finer))
        return cast(Tensor, self.head(y))

    def forward(self, x: Tensor, seed: int | None = None) -> Tensor:
        """`[N, 3, H, W]` RGB in 0..1, H and W from 32, to the same shape; values may leave 0..1.

        A `seed` draws fresh noise, as in training; without one the network's own noise is taken.
        """
        height, width = x.shape[-2:]
        (_, below), (_, right) = (padding_for(size, 0, self.config.stride) for size in (height, width))
        padded = F.pad(x, (0, right, 0, below), mode="reflect")
        noise = None if seed is None else self.fresh_noise(x.shape[0], height + below, width + right, seed)
        return self.body(padded, noise)[..., :height, :width]

    def _sizes(self, height: int, width: int) -> list[tuple[int, int]]:
        return [(height // 2**n, width // 2**n) for n in reversed(range(self.config.scales))]


class _Wrap(nn.Module):
    """One pixel of border, from the opposite edge: joined from parts, as not every runtime can wrap in its Pad."""

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat((x[..., -1:], x, x[..., :1]), -1)
        return torch.cat((x[..., -1:, :], x, x[..., :1, :]), -2)


class _Block(nn.Sequential):
    """Three convolutions, 3x3, 3x3 and 1x1, each with normalization and a leaky ReLU."""

    def __init__(self, config: TextureConfig, inputs: int, outputs: int) -> None:
        layers: list[nn.Module] = []
        for channels, kernel in ((inputs, 3), (outputs, 3), (outputs, 1)):
            border = [nn.ReflectionPad2d(1) if config.photo else _Wrap()] if kernel > 1 else []
            # No bias: the normalization would take it away again.
            convolution = nn.Conv2d(channels, outputs, kernel, bias=False)
            layers += [*border, convolution, _norm(config, outputs), nn.LeakyReLU(inplace=True)]
        super().__init__(*layers)


class _Join(nn.Module):
    """Twice the size of what is coarse beside what is fine, both normalized: else one would drown the other."""

    def __init__(self, config: TextureConfig, coarse: int, fine: int) -> None:
        super().__init__()
        self.coarse, self.fine = _norm(config, coarse), _norm(config, fine)

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        larger = F.interpolate(coarse, scale_factor=2)
        return torch.cat((self.coarse(larger), self.fine(fine)), 1)


def _norm(config: TextureConfig, channels: int) -> nn.Module:
    return InstanceNorm(channels) if config.norm == "instance" else nn.BatchNorm2d(channels)
