import pytest

from stylecam.models.errors import OptionsError
from stylecam.realtime.live.control_queue import Press, Set, Step
from stylecam.realtime.live.control_table import CONTROLS
from stylecam.realtime.live.hotkeys import HELP, Key, KeyPress, change_for, known_key, parse_keys, shown_key


def test_every_control_has_a_key_and_a_line_of_help():
    keys = [key for text, _ in HELP for key in (("1", "9") if text == "1..9" else text.split())]
    assert {change_for(Key(key)).control for key in keys} == {c.name for c in CONTROLS.values() if not c.offered}
    assert [change_for(Key(key)) for key in ("enter", "+")] == [Press("keep"), Press("learn-longer")]


def test_number_keys_choose_styles_by_their_number_and_go_on_with_shift():
    assert change_for(Key("1")) == Set("style", 1)
    assert change_for(Key("9")) == Set("style", 9)
    assert change_for(Key("shift+1")) == Set("style", 10)
    assert change_for(Key("0")) is None
    assert shown_key("shift+1") == "\u21e71"


def test_the_first_key_of_a_number_is_for_less():
    assert [change_for(Key(key)) for key in "[]"] == [Step("strength", -1), Step("strength", 1)]


def test_a_key_that_is_held_changes_a_number_on_and_does_nothing_else_twice():
    assert change_for(Key("]", "repeat")) == Step("strength", 1)
    for key in ("space", "s", "1", "v", "n"):
        assert change_for(Key(key, "repeat")) is None
        assert change_for(Key(key, "up")) is None
    assert change_for(Key("space")) == Step("original")
    assert change_for(Key("s")) == Press("snapshot")


@pytest.mark.parametrize(
    ("key", "same"),
    [("left", "["), ("wheel-up", "]"), ("up", "="), ("+", "+"), ("f1", "?"), ("f11", "f"), ("q", "q"), ("w", None)],
)
def test_other_keys_do_the_same(key, same):
    assert known_key(key) == same


def test_presses_are_sorted_by_frame():
    assert parse_keys("20:s, 5:n,40:q,6: ") == (
        KeyPress(5, "n"),
        KeyPress(6, "space"),
        KeyPress(20, "s"),
        KeyPress(40, "q"),
    )
    assert parse_keys("") == ()
    assert parse_keys("3:Left,4:shift+2") == (KeyPress(3, "["), KeyPress(4, "shift+2"))


@pytest.mark.parametrize("text", ["5", "x:n", "5:zz", "-1:n", "5:n;6:q"])
def test_nonsense_is_refused_with_an_example(text):
    with pytest.raises(OptionsError, match="example: --keys"):
        parse_keys(text)
