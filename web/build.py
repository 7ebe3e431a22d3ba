"""Builds the page: `python web/build.py [FOLDER]`, by default into ``web/dist``. It copies; nothing is compiled.

The styles are twins of the bundled ones, see twins.py. Needs what `npm ci` in ``web`` brings, the package stylecam, and
onnx. The folder is whole afterwards: the page takes nothing from elsewhere when it runs.
"""

from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path

import onnxruntime
from PIL import Image
from twins import twin  # beside this file

from stylecam.models.catalog import BUNDLED, StyleCatalog
from stylecam.realtime.painting.mixed_levels import levels_picture

WEB = Path(__file__).parent
RUNTIME = WEB / "node_modules" / "onnxruntime-web" / "dist"
# The runtime for processors, and the one for WebGPU, which is loaded only where it is used.
RUNTIME_FILES = (
    "ort.wasm.min.mjs",
    "ort-wasm-simd-threaded.mjs",
    "ort-wasm-simd-threaded.wasm",
    "ort.jspi.min.mjs",
    "ort-wasm-simd-threaded.jspi.mjs",
    "ort-wasm-simd-threaded.jspi.wasm",
)
PAGE_FILES = ("index.html", "page.css", "icon.svg", "sw.js")
THUMBNAIL = (240, 180)  # px, of the page's thumbnails


def main(argv: list[str]) -> int:
    """Builds the page, anew where the folder is there; returns the exit code."""
    target = Path(argv[0]) if argv else WEB / "dist"
    if not RUNTIME.is_dir():
        print("web/build.py: onnxruntime-web is missing: run `npm ci` in web/", file=sys.stderr)
        return 1
    if target.exists() and any(target.iterdir()) and not (target / "licences.txt").is_file():
        print(f"web/build.py: {target} holds something else than a built page: choose another folder", file=sys.stderr)
        return 1
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    (target / "licences.txt").write_text(_licences(), "utf-8")  # first: by it a build knows its folder again
    for name in PAGE_FILES:
        shutil.copyfile(WEB / name, target / name)
    shutil.copytree(WEB / "js", target / "js")
    (target / "ort").mkdir()
    for name in RUNTIME_FILES:
        shutil.copyfile(RUNTIME / name, target / "ort" / name)
    _styles(target / "styles")
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    print(f"built {target}, {size / 1e6:.0f} MB", file=sys.stderr)
    return 0


def _styles(folder: Path) -> None:
    """The bundled style files with their thumbnails, the list of them in the order of the keys, and what mixes need."""
    folder.mkdir()
    catalog = StyleCatalog([BUNDLED])
    listed = []
    for name in catalog.names:
        style = catalog.find(name)
        entry = {"name": name, "title": style.title, "artist": style.artist, "year": style.year, "thumbnail": ""}
        (folder / style.path.name).write_bytes(twin(style.data))
        if painting := style.thumbnail():
            thumbnail = Path(style.path.name).with_suffix(".webp")
            (folder / thumbnail).write_bytes(_small(painting))
            entry["thumbnail"] = f"styles/{thumbnail}"
        listed.append(entry | {"file": style.path.name})
    (folder / "levels.webp").write_bytes(_webp(Image.fromarray(levels_picture()[..., ::-1]), 95))
    (folder / "index.json").write_text(json.dumps(listed, ensure_ascii=False), "utf-8")


def _small(painting: bytes) -> bytes:
    picture = Image.open(io.BytesIO(painting)).convert("RGB")
    picture.thumbnail(THUMBNAIL)
    return _webp(picture, 82)


def _webp(picture: Image.Image, quality: int) -> bytes:
    packed = io.BytesIO()
    picture.save(packed, "WEBP", quality=quality, method=6)
    return packed.getvalue()


def _licences() -> str:
    """The texts that go with what is copied: ours, and those that ONNX Runtime carries for itself and its parts."""
    runtime = Path(onnxruntime.__file__).parent
    parts = {
        "stylecam and its painters (Apache-2.0)": WEB.parent / "LICENSE",
        "ONNX Runtime, onnxruntime-web (MIT)": runtime / "LICENSE",
        "Parts of ONNX Runtime": runtime / "ThirdPartyNotices.txt",
    }
    return "\n\n".join(f"{title}\n{'=' * len(title)}\n\n{path.read_text('utf-8')}" for title, path in parts.items())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
