"""Where a window opens."""

import pytest

from stylecam.realtime.live.window_place import first_place, remember_place, remembered_place

LAPTOP, PROJECTOR = (0, 0, 1280, 770), (1280, 0, 1920, 1080)


@pytest.mark.parametrize("picture", [(320, 240), (640, 480), (1920, 1080), (1080, 1920), (4000, 100)])
@pytest.mark.parametrize("display", [None, 0, 1])
@pytest.mark.parametrize("last", [None, (100, 100, 640, 480), (1500, 50, 300, 900), (9000, 9000, 640, 480)])
def test_a_window_lies_on_its_screen_in_the_shape_of_its_picture(picture, display, last):
    left, top, width, height = first_place(picture, [LAPTOP, PROJECTOR], display, last)
    screens = [LAPTOP, PROJECTOR] if display is None else [[LAPTOP, PROJECTOR][display]]
    assert any(x <= left and y <= top and left + width <= x + w and top + height <= y + h for x, y, w, h in screens)
    if min(width, height) > 32:
        assert width / height == pytest.approx(picture[0] / picture[1], rel=0.05)


def test_a_small_picture_is_not_enlarged_and_a_large_one_fits():
    assert first_place((640, 480), [LAPTOP], None, None) == (320, 145, 640, 480)
    assert first_place((1920, 1080), [LAPTOP], None, None)[2:] == (1152, 648)


def test_it_opens_where_it_was():
    assert first_place((640, 480), [LAPTOP, PROJECTOR], None, (1500, 60, 800, 600)) == (1500, 60, 800, 600)
    assert first_place((320, 240), [LAPTOP], None, (10, 20, 800, 600)) == (10, 20, 800, 600)
    assert first_place((640, 480), [LAPTOP], None, (900, 500, 640, 480)) == (640, 290, 640, 480)


def test_the_display_that_is_asked_for_comes_first():
    assert first_place((640, 480), [LAPTOP, PROJECTOR], 1, (10, 20, 640, 480))[0] >= 1280
    assert first_place((640, 480), [LAPTOP, PROJECTOR], 0, (10, 20, 640, 480)) == (10, 20, 640, 480)


def test_places_are_kept(tmp_path):
    file = tmp_path / "state" / "window.json"
    assert remembered_place(file) is None
    remember_place(file, (1, -2, 300, 400))
    assert remembered_place(file) == (1, -2, 300, 400)


@pytest.mark.parametrize(
    "text", ["", "{", "[1, 2]", "[1, 2, 3, 4]", '"abcd"', "null", '[1, 2, "x", 4]', "[1, 2, 1e999, 400]"]
)
def test_a_file_that_says_nothing_is_as_none(tmp_path, text):
    file = tmp_path / "window.json"
    file.write_text(text)
    assert remembered_place(file) is None
