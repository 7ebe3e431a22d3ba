"""Contact sheets, by their size and their pixels."""

import numpy as np
import pytest

from stylecam.models.catalog import Style
from stylecam.realtime.pictures.contact_sheet import GAP, LINE, TITLE, Cell, Sheet, fitted, style_sheet

BACK = [32, 30, 28]


def _flat(height, width, value):
    return np.full((height, width, 3), value, np.uint8)


def test_cells_stand_in_rows_with_gaps():
    cells = [Cell(_flat(40, 60, value), []) for value in (50, 100, 150)]
    sheet = Sheet(cells, 2, cell=(60, 40)).drawn()
    assert sheet.shape == (2 * (40 + GAP) + GAP, 2 * (60 + GAP) + GAP, 3)
    for value, (row, column) in zip((50, 100, 150), ((0, 0), (0, 1), (1, 0)), strict=True):
        top, left = row * (40 + GAP) + GAP, column * (60 + GAP) + GAP
        assert (sheet[top : top + 40, left : left + 60] == value).all()
    assert (sheet[40 + 2 * GAP :, 60 + 2 * GAP :] == BACK).all()  # no fourth cell
    assert (sheet[:GAP] == BACK).all()


def test_labels_lie_below_their_picture_and_nowhere_else():
    cells = [Cell(_flat(80, 120, 90), ["a title", "a painter, 1900"]), Cell(_flat(80, 120, 90), [])]
    sheet = Sheet(cells, 2, cell=(120, 80)).drawn()
    labels = sheet[GAP + 80 : -GAP]
    assert labels.shape[0] == 2 * LINE
    left, right = labels[:, GAP : GAP + 120], labels[:, -GAP - 120 :]
    for line in (left[:LINE], left[LINE:]):
        assert (line != BACK).any()
    assert (right == BACK).all()
    assert left[:LINE].max() > left[LINE:].max()  # the title is brighter


def test_a_long_label_stays_in_its_cell():
    cells = [Cell(_flat(40, 120, 90), ["W" * 300]), Cell(_flat(40, 120, 90), [""])]
    sheet = Sheet(cells, 2, cell=(120, 40)).drawn()
    labels = sheet[GAP + 40 :]
    assert (labels[:, GAP + 80 : GAP + 120] != BACK).any()
    assert (labels[:, GAP + 120 :] == BACK).all()


@pytest.mark.parametrize(
    ("size", "expected"),
    [((400, 100), (288, 72)), ((576, 768), (288, 384)), ((60, 80), (288, 384)), ((9, 900), (32, 384))],
)
def test_pictures_are_fitted_into_their_cell(size, expected):
    assert fitted(_flat(*size, 7)).shape == (*expected, 3)


def test_the_title_stands_above_all_and_moves_nothing_else():
    cells = [Cell(_flat(80, 120, 90), ["a line"])] * 2
    plain, titled = (Sheet(cells, 2, title, (120, 80)).drawn() for title in ("", "Far more than there is room for"))
    assert np.array_equal(titled[TITLE:], plain)
    assert (titled[GAP:TITLE] != BACK).any()
    assert (titled[:, -GAP:] == BACK).all()


def test_no_cells():
    with pytest.raises(ValueError, match="at least one cell"):
        Sheet([], 1)


def test_the_original_comes_before_the_styles(tiny_style):
    picture = np.random.default_rng(0).integers(0, 256, (288, 384, 3), dtype=np.uint8)
    sheet = style_sheet(picture, [(Style.read(tiny_style), lambda frame: 255 - frame)]).drawn()
    assert sheet.shape == (288 + 2 * LINE + 2 * GAP, 2 * 384 + 3 * GAP, 3)
    assert np.array_equal(sheet[GAP : GAP + 288, GAP : GAP + 384], picture)
    assert np.array_equal(sheet[GAP : GAP + 288, -GAP - 384 : -GAP], 255 - picture)


@pytest.mark.parametrize(("size", "painted"), [((480, 640),) * 2, ((1440, 1920), (720, 960)), ((20, 64), (32, 64))])
def test_a_style_is_shown_with_its_strokes_as_the_live_window_has_them(tiny_style, size, painted):
    seen = []

    def stylize(frame):
        seen.append(frame.shape[:2])
        return 255 - frame

    sheet = style_sheet(_flat(*size, 99), [(Style.read(tiny_style), stylize)]).drawn()
    assert seen == [painted]
    assert sheet.shape == (288 + 2 * LINE + 2 * GAP, 2 * 384 + 3 * GAP, 3)
