"""What the tests of training runs share."""

import csv
import itertools

from stylecam.training.options import TrainOptions

TEXTURE = {"network": "texture", "tier": "full", "channels": None, "blocks": None}  # changes of `options`


def stop_after(steps):
    """A `should_stop` that is true from the given call on."""
    count = itertools.count(1)
    return lambda: next(count) >= steps


def rows(options):
    """The lines of the run's metrics.csv."""
    with (options.output / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def tiny_options(painting, content, output, vgg_weights, **changes):
    """A training of a tiny network on small pictures."""
    tiny = {"name": "tiny", "channels": (8, 8, 16), "blocks": 1, "batch": 2, "size": 64, "style_size": 64}
    tiny |= {"vgg_weights": vgg_weights, "workers": 0, "device": "cpu", "calibrate": 0}
    return TrainOptions(painting, content, output, **{**tiny, **changes})
