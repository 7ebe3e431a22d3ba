"""Contact sheets as files: one sheet, three formats."""

import base64
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from stylecam.models.errors import RecordError
from stylecam.realtime.pictures.contact_sheet import Cell, Sheet
from stylecam.realtime.pictures.sheet_file import save_sheet
from stylecam.realtime.video.libraries import cv2

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def sheet():
    random = np.random.default_rng(3)
    pictures = [random.integers(0, 256, (72, 96, 3), dtype=np.uint8) for _ in range(3)]
    lines = [["R & <B>", "faint"], ["a\x1b[2Jb"], ["W" * 300]]
    return Sheet([Cell(p, text) for p, text in zip(pictures, lines, strict=True)], 2, "Title & all", (96, 72))


def test_a_png_is_the_drawn_sheet_at_200_dpi(sheet, tmp_path):
    save_sheet(tmp_path / "a.PNG", sheet)
    assert np.array_equal(cv2.imread(str(tmp_path / "a.PNG")), sheet.drawn())
    with Image.open(tmp_path / "a.PNG") as picture:
        assert picture.info["dpi"] == pytest.approx((200, 200), abs=0.1)


def test_an_svg_holds_the_pictures_and_its_words_as_text(sheet, tmp_path):
    save_sheet(tmp_path / "a.svg", sheet)
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    assert root.get("viewBox") == "0 0 {} {}".format(*sheet.size)
    assert float(root.get("width").removesuffix("in")) == pytest.approx(sheet.size[0] / 200, abs=0.001)
    assert root.find(f"{SVG}title").text == "Title & all"
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert texts[1:4] == ["R & <B>", "faint", "a?[2Jb"]
    assert re.fullmatch(r"W{3,12}\.\.\.", texts[4])  # as far as there is room
    drawn = sheet.drawn()
    images = list(root.iter(f"{SVG}image"))
    assert len(images) == 3
    for image in images:
        png = np.frombuffer(base64.b64decode(image.get("href").removeprefix("data:image/png;base64,")), np.uint8)
        left, top, width, height = (int(image.get(key)) for key in ("x", "y", "width", "height"))
        assert np.array_equal(cv2.imdecode(png, cv2.IMREAD_COLOR), drawn[top : top + height, left : left + width])


def test_a_pdf_is_one_page_of_the_same_size(sheet, tmp_path):
    save_sheet(tmp_path / "a.pdf", sheet)
    data = (tmp_path / "a.pdf").read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") == 1
    box = [float(n) for n in re.search(rb"/MediaBox \[([^]]*)\]", data)[1].split()]
    assert box == pytest.approx([0, 0, sheet.size[0] * 72 / 200, sheet.size[1] * 72 / 200], abs=0.01)


def test_a_sheet_that_cannot_be_saved_leaves_nothing(sheet, tmp_path):
    with pytest.raises(RecordError, match="cannot save"):
        save_sheet(tmp_path / "none" / "a.svg", sheet)
    assert list(tmp_path.iterdir()) == []
