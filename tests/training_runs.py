"""What the tests of training runs share."""

import csv
import itertools

TEXTURE = {"network": "texture", "tier": "full", "channels": None, "blocks": None}  # changes of `options`


def stop_after(steps):
    count = itertools.count(1)
    return lambda: next(count) >= steps


def rows(options):
    with (options.output / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))
