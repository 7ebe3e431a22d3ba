"""Which styles a live session is started with."""

import pytest

from stylecam.models.catalog import Style, StyleCatalog, user_folder
from stylecam.models.errors import StylecamError
from stylecam.realtime.cli import main
from stylecam.realtime.painting.user_styles import add_style


class _StartedError(StylecamError):
    """Ends the session where its first frame would be read."""


@pytest.fixture
def start(style_folder, tmp_path, monkeypatch, capsys):
    """Starts `realtime ARGS`: the styles' names, the number of the first, its file, and stderr."""
    monkeypatch.setenv("STYLECAM_STYLES", str(style_folder))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    found = []

    def run_live(source, styles, *_, **__):
        found[:] = [list(styles.names), styles.first, styles.get(styles.first).style.path]
        for name, file in run.added.items():
            add_style(Style.read(file), user_folder())
            number = styles.add(name)
            assert styles.wait(60)
            found[2] = styles.get(number).style.path
        raise _StartedError("enough")

    monkeypatch.setattr("stylecam.realtime.live.loop.run_live", run_live)

    def run(*args):
        assert main(["--camera", "demo", "--no-window", "--device", "cpu", *map(str, args)]) == 1
        return (*found, capsys.readouterr().err)

    run.added = {}  # styles that the session is given while it runs
    return run


def test_a_file_of_the_catalog_is_not_listed_twice(start, style_folder, tmp_path, make_style):
    file = make_style(style_folder / "same-full.onnx", "same", tier="full")
    (tmp_path / "link.onnx").symlink_to(file)
    for given in (file, tmp_path / "link.onnx"):
        names, first, path, _ = start("--style", given, "--keys", "1:q")
        assert names == StyleCatalog().names
        assert names[first] == "same"
        assert path.samefile(file)  # and not the file that the name alone would stand for
    assert start("--style", file)[:2] == (["same"], 0)


def test_another_file_of_the_same_name_is_one_more_style(start, tmp_path, make_style):
    file = make_style(tmp_path / "other.onnx", "same")
    names, first, path, _ = start("--style", file, "--keys", "1:q")
    assert names == [str(file), *StyleCatalog().names]
    assert (first, path) == (0, file)


@pytest.mark.parametrize("name", ["same", "new"])
def test_a_style_that_is_added_to_the_session_is_the_one_painted_with(start, style_folder, tmp_path, make_style, name):
    start.added = {name: make_style(tmp_path / "dropped.onnx", name)}
    added = start("--style", style_folder / "same-fast.onnx")[2]
    assert added == user_folder() / f"{name}-fast.onnx"


def test_the_number_keys_have_the_users_order_and_a_damaged_one_is_said(start, tmp_path):
    StyleCatalog().reorder(["same", "negative"])
    assert start("--style", "negative", "--keys", "1:q")[0][:2] == ["same", "negative"]
    (order,) = (tmp_path / "data").rglob("style-order.json")
    order.write_text("{")
    assert f"the order of the styles in {order} cannot be read" in start("--style", "negative")[3]
