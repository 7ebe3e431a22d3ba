import pytest

from stylecam.models.errors import OptionsError
from stylecam.realtime.live.control_queue import Press, Set, Step
from stylecam.realtime.live.control_table import CONTROLS
from stylecam.realtime.live.hotkeys import HELP, KeyPress, change_for, key_name, parse_keys


def test_every_control_has_a_key_and_a_line_of_help():
    keys = [key for text, _ in HELP for key in (("1", "9") if text == "1..9" else text.split())]
    assert {change_for(key, held=False).control for key in keys} == set(CONTROLS)


def test_number_keys_choose_styles_by_their_number():
    assert change_for("1", held=True) == Set("style", 1)
    assert change_for("9", held=False) == Set("style", 9)
    assert change_for("0", held=True) is None


def test_the_first_key_of_a_number_is_for_less():
    assert [change_for(key, held=True) for key in "[]"] == [Step("strength", -1), Step("strength", 1)]


def test_only_a_key_that_may_be_held_down_is_pressed_on_a_switch():
    assert change_for("space", held=True) == Press("original")
    assert change_for("space", held=False) == Step("original")
    assert change_for("s", held=True) == change_for("s", held=False) == Press("snapshot")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (27, "esc"),
        (32, "space"),
        (ord("?"), "?"),
        (ord("N"), "n"),
        (-1, None),
        (255, None),
        (9, None),
        (0xFF51, None),
        (0xFF52, None),
    ],
)
def test_codes_of_the_window_become_names(code, name):
    assert key_name(code) == name


def test_modifier_bits_do_not_matter():
    assert key_name(0x100000 + ord("q")) == "q"


def test_presses_are_sorted_by_frame():
    assert parse_keys("20:s, 5:n,40:q,6: ") == (
        KeyPress(5, "n"),
        KeyPress(6, "space"),
        KeyPress(20, "s"),
        KeyPress(40, "q"),
    )
    assert parse_keys("") == ()


@pytest.mark.parametrize("text", ["5", "x:n", "5:zz", "-1:n", "5:n;6:q"])
def test_nonsense_is_refused_with_an_example(text):
    with pytest.raises(OptionsError, match="example: --keys"):
        parse_keys(text)
