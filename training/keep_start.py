"""Training on from another network, and keeping some of that one."""

from __future__ import annotations

import zlib
from typing import Any

import torch

from stylecam.models.errors import OptionsError
from stylecam.models.networks import TrainedNetwork
from stylecam.training.options import TrainOptions
from stylecam.training.state import hold_chroma, new_state

__all__ = ["keep_start", "kept_start"]


def kept_start(options: TrainOptions, training: dict[str, Any]) -> TrainedNetwork | None:
    """The network of which `options.keep_start` is to be kept at the end; None where nothing is.

    Its checksum is noted in `training`, which is kept of the run. Raises `OptionsError` where there is no start, or
    where a resumed run began with another one, and as `new_state`.
    """
    if not options.keep_start:
        return None
    if options.start_from is None:
        again = " again" if options.resume else ""
        raise OptionsError(f"--keep-start needs the network that the training starts from: give --start-from{again}")
    start = new_state(options).network
    hold_chroma(start, options.chroma)
    checksum = 0
    for tensor in start.state_dict().values():
        checksum = zlib.crc32(tensor.cpu().contiguous().numpy().tobytes(), checksum)
    if training.setdefault("start_checksum", checksum) != checksum:
        raise OptionsError(f"{options.start_from} has changed since the run began: start again with another --output")
    return start


@torch.no_grad()
def keep_start(network: TrainedNetwork, start: TrainedNetwork, share: float) -> None:
    """Makes the numbers of `network` the mean of its own and, with weight `share`, of those of `start`.

    Both must be of one shape, and `network` trained from `start` (Wortsman et al. 2022, "Robust fine-tuning of
    zero-shot models", arXiv:2109.01903).
    """
    before = start.state_dict()
    for name, tensor in network.state_dict().items():
        if tensor.is_floating_point():
            tensor.lerp_(before[name].to(tensor), share)
