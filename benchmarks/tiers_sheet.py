"""Pictures in both tiers of some styles, side by side.

python benchmarks/tiers_sheet.py hokusai starry-night --photos docs/kodak-15.jpg docs/kodak-24.jpg -o docs/tiers.jpg
"""

import argparse
from pathlib import Path

import cv2

from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.realtime.pictures.contact_sheet import photo_sheet


def main() -> None:
    """Saves the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("styles", nargs="+")
    parser.add_argument("--photos", nargs="+", type=Path, required=True)
    parser.add_argument("-o", "--output", type=Path, required=True)
    given = parser.parse_args()

    photos = [cv2.imread(str(path)) for path in given.photos]
    for path, photo in zip(given.photos, photos, strict=True):
        if photo is None:
            raise SystemExit(f"cannot read {path}")
    styles = []
    for name in given.styles:
        for tier in ("fast", "full"):
            stylizer = Stylizer.load(name, tier, "cpu")
            if stylizer.style.tier != tier:
                raise SystemExit(f"{name} has no tier {tier}")
            styles.append((f"{name}, {tier}", stylizer))
    sheet = photo_sheet(photos, styles, [path.stem for path in given.photos], "both tiers").drawn()
    if not cv2.imwrite(str(given.output), sheet, [cv2.IMWRITE_JPEG_QUALITY, 88]):
        raise SystemExit(f"cannot save {given.output}")


if __name__ == "__main__":
    main()
