"""The image transformation networks, tiers ``full`` and ``fast``."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylecam.models.detail_path import DetailPath
from stylecam.models.instance_norm import InstanceNorm

__all__ = ["BinomialBlur", "NetworkConfig", "SubPixelHead", "TransformNet", "padding_for"]

NORMS = ("instance", "batch")
OUTPUTS = ("tanh", "linear")


@dataclass(frozen=True)
class NetworkConfig:
    """Everything that decides the shape of a `TransformNet`.

    `channels` are the widths of the encoder's stages, `decoder` those of the two decoder stages, which mirror
    the encoder's when it is empty. `sparse_norm` normalizes once in each residual block and not at all in the
    stages at the picture's largest size, where it costs most. `trunk` 4 leaves the residual blocks of tier ``fast``
    at a quarter of the picture's size in place of an eighth; 0 is the tier's usual. `refine` residual blocks follow
    the decoder's first stage. `blur` takes the finest wave from what the residual blocks give, see `BinomialBlur`.
    `detail` is whether the photo's details and colours go around the network, see `DetailPath`. With `painters` it is
    a `PaintersNet` of so many. `margin` is the reflected border in pixels that is added to the picture and cropped from
    the result. `light` gives tier ``full`` the layers of tier ``fast`` at twice the size, in place of those of Johnson
    et al. Raises `ValueError` for an impossible value.
    """

    tier: str
    channels: tuple[int, ...]
    blocks: int
    margin: int
    norm: str = "instance"
    output: str = "linear"
    decoder: tuple[int, ...] = ()
    sparse_norm: bool = False
    trunk: int = 0
    refine: int = 0
    blur: bool = False
    detail: bool = False
    painters: int = 0
    light: bool = False

    @classmethod
    def for_tier(cls, tier: str, **changes: Any) -> NetworkConfig:
        """The standard network of a tier, with `changes` to single fields; another trunk has a standard of its own.

        So has tier ``full`` without `light`: that of Johnson et al. 2016.

        Raises `ValueError` for an unknown tier or an impossible value.
        """
        if tier not in _TIERS:
            raise ValueError(f"unknown tier {tier!r}: choose one of {', '.join(_TIERS)}")
        standard = _TIERS[tier]
        if (tier, changes.get("trunk")) == ("fast", 4):
            standard = _QUARTER
        elif (tier, changes.get("light")) == ("full", False):
            standard = _JOHNSON
        return replace(standard, **changes)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> NetworkConfig:
        """The inverse of `to_dict`. Raises `KeyError`, `TypeError` or `ValueError` for foreign values."""
        widths = {"channels": tuple(values["channels"]), "decoder": tuple(values.get("decoder", ()))}
        return cls(**{**values, **widths})

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "channels": list(self.channels), "decoder": list(self.decoder)}

    def __post_init__(self) -> None:
        if self.tier not in ("full", "fast"):
            raise ValueError(f"unknown tier {self.tier!r}")
        if self.norm not in NORMS or self.output not in OUTPUTS:
            raise ValueError(f"norm is one of {NORMS} and output one of {OUTPUTS}")
        # The upper limits keep a forged checkpoint from asking for more memory than there is.
        if len(self.channels) != 3 or len(self.decoder) not in (0, 2):
            raise ValueError(f"a network has three stages and two to decode, not {self.channels} and {self.decoder}")
        if not all(1 <= width <= 1024 for width in self.channels + self.decoder):
            raise ValueError(f"a stage has 1 to 1024 channels, not {self.channels} and {self.decoder}")
        if not 1 <= self.blocks <= 64 or not 0 <= self.refine <= 64 or not 0 <= self.margin <= 24:
            raise ValueError("a network has 1 to 64 residual blocks, at most 64 more, and a margin of 0..24 px")
        if not 0 <= self.painters <= 1024 or (self.painters and self.norm != "instance"):
            raise ValueError("a network has at most 1024 painters, and instance norms where it has any")
        if self.trunk not in ((0, 4) if self.tier == "fast" else (0,)):
            raise ValueError(f"tier {self.tier} has no trunk of {self.trunk}: 4 is for tier fast, 0 any tier's usual")
        if self.light and self.tier != "full":
            raise ValueError(f"only a network of tier full is light, not one of tier {self.tier}")

    @property
    def stride(self) -> int:
        """Padded height and width are multiples of this."""
        return self.trunk or (8 if self.tier == "fast" else 4)

    @property
    def head_scale(self) -> int:
        """Side of the square of output pixels that the head makes at each of its positions."""
        return 2 if self.tier == "fast" else 1

    @property
    def reflects(self) -> bool:
        """Whether each layer reflects its own border, in place of one margin around the picture."""
        return self.tier == "full" and not self.light


# Widths are multiples of 16, the block of ONNX Runtime's convolutions on AVX-512.
_FAST = NetworkConfig(
    "fast", (16, 32, 48), blocks=4, margin=16, decoder=(32, 16), sparse_norm=True, refine=1, blur=True, detail=True
)
_TIERS = {"fast": _FAST, "full": replace(_FAST, tier="full", light=True)}
# Johnson et al. 2016 with a linear output, as a tanh that is far out learns no more and leaves black holes; a blur and
# a detail path.
_JOHNSON = NetworkConfig("full", (32, 64, 128), blocks=5, margin=0, blur=True, detail=True)
# As fast, with blocks of two thirds of the width on four times as many places.
_QUARTER = replace(_FAST, channels=(16, 32, 32), blocks=3, decoder=(16, 16), refine=0, trunk=4)


def padding_for(size: int, margin: int, stride: int) -> tuple[int, int]:
    """Pixels to add (before, after) one axis of `size` px: a margin, then up to the stride."""
    before = margin
    return before, margin + -(size + 2 * margin) % stride


class ConvLayer(nn.Sequential):
    """Convolution, normalization and, unless it ends a residual branch, a ReLU."""

    def __init__(
        self,
        config: NetworkConfig,
        inputs: int,
        outputs: int,
        kernel: int = 3,
        stride: int = 1,
        *,
        norm: bool = True,
        relu: bool = True,
    ) -> None:
        kind = InstanceNorm if config.norm == "instance" else nn.BatchNorm2d
        layers: list[nn.Module] = [_conv(config, inputs, outputs, kernel, stride)]
        layers += [kind(outputs)] if norm else []
        super().__init__(*layers, *([nn.ReLU(inplace=True)] if relu else []))


class ResidualBlock(nn.Module):
    """x + f(x), with no ReLU after the sum (Gross and Wilber 2016, used by Johnson et al.)."""

    def __init__(self, config: NetworkConfig, channels: int) -> None:
        super().__init__()
        self.first = ConvLayer(config, channels, channels)
        self.second = ConvLayer(config, channels, channels, norm=not config.sparse_norm, relu=False)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.second(self.first(x))
        return x + y


class BinomialBlur(nn.Module):
    """[1 2 1] by [1 2 1] over 16 on each channel, before the features are enlarged (Zhang 2019, arXiv:1904.11486).

    The finest wave, of two positions, is what residual blocks like to fill plain areas with. Enlarged, it is a lattice
    of dots, of 16 px in tier ``fast``. Of that wave the blur leaves nothing, of one twice as long half.
    """

    kernel: Tensor  # `[C, 1, 3, 3]`

    def __init__(self, channels: int, reflect: bool) -> None:
        super().__init__()
        self.reflect = reflect
        line = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.register_buffer("kernel", torch.outer(line, line).repeat(channels, 1, 1, 1), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """`[N, C, H, W]` to the same shape. Zeros around it, or with `reflect` its own mirror image."""
        if self.reflect:
            return F.conv2d(F.pad(x, (1,) * 4, mode="reflect"), self.kernel, groups=len(self.kernel))
        return F.conv2d(x, self.kernel, padding=1, groups=len(self.kernel))


class SubPixelHead(nn.Conv2d):
    """A 3x3 convolution to the `scale`^2 phases of an RGB picture (Shi et al. 2016), with no lattice on flat areas.

    Its phases start equal (ICNR, Aitken et al. 2017). In training they may take different shapes, but each
    answers a flat input with the same level: the mean of each kernel's taps is set to the mean over the
    phases, and so are the biases. Otherwise small differences paint a grid locked to the screen.
    """

    def __init__(self, inputs: int, scale: int) -> None:
        super().__init__(inputs, 3 * scale**2, 3, padding=1)
        self.phases = scale**2
        with torch.no_grad():
            self.weight.copy_(self.weight[:: self.phases].repeat_interleave(self.phases, dim=0))

    def balanced(self) -> tuple[Tensor, Tensor]:
        """The weight and bias that are applied, in the shapes of `weight` and `bias`."""
        kernels = self.weight.view(3, self.phases, *self.weight.shape[1:])
        level = kernels.mean((-2, -1), keepdim=True)
        kernels = kernels - level + level.mean(1, keepdim=True)
        biases = _bias(self).view(3, self.phases).mean(1, keepdim=True).expand(3, self.phases)
        return kernels.flatten(0, 1), biases.flatten()

    def forward(self, x: Tensor) -> Tensor:
        """`[N, inputs, H, W]` to `[N, 3 scale^2, H, W]`."""
        weight, bias = self.balanced()
        return F.conv2d(x, weight, bias, padding=1)


class TransformNet(nn.Module):
    """Repaints a picture in one forward pass.

    Its ancestor is the network of Johnson et al. 2016, "Perceptual Losses for Real-Time Style Transfer and
    Super-Resolution". All have a blur before they enlarge, a `DetailPath`, no tanh, the instance normalization of
    Ulyanov et al. 2016 (arXiv:1607.08022) and nearest upsampling before convolutions instead of transposed ones (Odena
    et al. 2016).
    Tier ``fast`` halves the picture once more, in the stem, unless its trunk is 4, and returns from half size by a
    sub-pixel head. Its convolutions pad with zeros, which is much cheaper than reflecting; one
    reflected margin around the picture keeps the effect of the zeros outside what is shown. Most blocks work at an
    eighth of the size, where a stroke is wide; the `refine` ones at a quarter, where its edges are.
    Tier ``full`` has the same layers on four times as many places: all work at twice the size, see `doubled`. Without
    `light` it has those of Johnson et al.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        first, second, third = config.channels
        fourth, fifth = config.decoder or (second, first)
        fast, outer = config.tier == "fast", not config.sparse_norm
        end = 9 if config.reflects else 3  # side of the first and the last kernel
        self.encoder = nn.Sequential(
            ConvLayer(config, 3, first, end, 2 if fast else 1, norm=outer),
            ConvLayer(config, first, second, stride=2),
            ConvLayer(config, second, third, stride=1 if config.trunk else 2),
        )
        self.residuals = nn.Sequential(*(ResidualBlock(config, third) for _ in range(config.blocks)))
        self.blur = BinomialBlur(third, config.reflects) if config.blur else nn.Identity()
        self.decoder = nn.Sequential(
            nn.Identity() if config.trunk else nn.Upsample(scale_factor=2),
            ConvLayer(config, third, fourth),
            *(ResidualBlock(config, fourth) for _ in range(config.refine)),
            nn.Upsample(scale_factor=2),
            ConvLayer(config, fourth, fifth, norm=outer),
        )
        self.head = SubPixelHead(fifth, config.head_scale) if fast else _conv(config, fifth, 3, end, 1)
        if config.output == "linear":
            nn.init.constant_(_bias(self.head), 0.5)
        self.detail: nn.Module | None = DetailPath(config.head_scale, config.reflects) if config.detail else None

    def body(self, x: Tensor) -> Tensor:
        """`[N, 3, H, W]` padded pictures to the head's `[N, 3 r^2, H/r, W/r]`, r = `config.head_scale`."""
        y: Tensor = self.head(self.decoder(self.blur(self.residuals(self.encoder(x)))))
        if self.config.output == "tanh":
            y = torch.tanh(y) / 2 + 0.5
        return y if self.detail is None else y + self.detail(x)

    def forward(self, x: Tensor) -> Tensor:
        """`[N, 3, H, W]` RGB in 0..1, H and W from 32, to the same shape; values may leave 0..1."""
        height, width = x.shape[-2:]
        top, bottom = padding_for(height, self.config.margin, self.config.stride)
        left, right = padding_for(width, self.config.margin, self.config.stride)
        padded = F.pad(x, (left, right, top, bottom), mode="reflect")
        y = F.pixel_shuffle(self.body(padded), self.config.head_scale)
        return y[..., top : top + height, left : left + width]


def _conv(config: NetworkConfig, inputs: int, outputs: int, kernel: int, stride: int) -> nn.Conv2d:
    mode: Literal["zeros", "reflect"] = "reflect" if config.reflects else "zeros"
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, padding_mode=mode)


def _bias(layer: nn.Conv2d) -> Tensor:
    return cast(Tensor, layer.bias)  # `_conv` always asks for one
