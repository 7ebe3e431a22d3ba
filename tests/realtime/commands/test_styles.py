"""`realtime styles` as a user meets it."""

import json
import os
from functools import partial

import cv2
import numpy as np
import pytest

from stylecam.models.catalog import Style, StyleCatalog
from stylecam.models.errors import OptionsError, SourceError, StylecamError, StyleError
from stylecam.realtime.commands.styles import styles_command
from stylecam.realtime.live.control_table import CONTROLS
from stylecam.realtime.pictures.contact_sheet import TITLE

from ...commands import invoke


@pytest.fixture
def run(style_folder, tmp_path, monkeypatch):
    """Runs `realtime styles ARGS`: exit code, stdout, stderr; errors of ours are raised."""
    monkeypatch.setenv("STYLECAM_STYLES", str(style_folder))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("stylecam.realtime.commands.styles.user_folder", lambda: tmp_path / "own")

    return partial(invoke, styles_command)


def test_the_list_has_one_line_for_each_style(run, style_folder, make_style):
    make_style(style_folder / "negative-full.onnx", tier="full")
    make_style(style_folder / "long.onnx", "n" * 60, title="A painting with a name " * 5, artist="Somebody " * 9)
    code, out, err = run()
    assert (code, err) == (0, "")
    lines = [line.rstrip() for line in out.splitlines()]
    names = StyleCatalog().names
    assert len(lines) == 1 + len(names)
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == ["key", "name", "painting", "painter", "year", "tiers"]
    assert [line.split()[0] for line in lines[1:]] == list(CONTROLS["style"].keys[: len(names)])
    (line,) = (line for line in lines if "negative" in line)
    for part in ("The negative", "Nobody", "2024", "fast,full"):
        assert part in line
    assert all("…" in line for line in lines if "nnnn" in line)


def test_the_json_list_has_all(run):
    same = next(style for style in json.loads(run("--json")[1]) if style["name"] == "same")
    assert same["metrics"] == {"style": 0.5, "content": 1.0}
    assert same["license"] == "CC0-1.0"


def test_own_styles_are_renamed_and_removed_and_keep_their_place(run, tmp_path, monkeypatch, tiny_style, make_style):
    folder = tmp_path / "data" / "stylecam" / "styles"
    monkeypatch.setattr("stylecam.realtime.commands.styles_own.user_folder", lambda: folder)
    folder.mkdir(parents=True)
    first, _ = (make_style(folder / f"{name}-fast.onnx", name, title=name) for name in ("mia", "leo"))
    os.utime(first, (10**9, 10**9))
    run("order", "mia", "scream")
    code, out, err = run("rename", "mia", "rainbow", "--title", "Mia's rainbow")
    assert (code, out.strip(), err) == (0, str(folder / "rainbow-fast.onnx"), "realtime: mia is called rainbow now\n")
    assert Style.read(folder / "rainbow-fast.onnx").title == "Mia's rainbow"
    assert StyleCatalog().names[:2] == ["rainbow", "scream"]
    assert not first.exists()
    run("rename", "leo", "lion")
    assert Style.read(folder / "lion-fast.onnx").title == "lion"  # which was the name's, and nobody's own words
    run("rename", "lion", "lion", "--title", "A lion")
    assert Style.read(folder / "lion-fast.onnx").title == "A lion"
    code, out, _ = run("remove", "rainbow")
    assert (code, out.strip()) == (0, str(folder / "rainbow-fast.onnx"))
    assert "rainbow" not in StyleCatalog().names
    for arguments, error, match in (
        (("remove", "scream"), StyleError, "scream is not one of your own styles"),
        (("remove", "liom"), StyleError, "did you mean 'lion'"),
        (("rename", "lion", "scream"), OptionsError, "there is already a style scream"),
        (("rename", "lion", "two words"), OptionsError, "give one word"),
    ):
        with pytest.raises(error, match=match):
            run(*arguments)
    assert [path.name for path in folder.iterdir()] == ["lion-fast.onnx"]


def test_the_order_is_the_users(run, tmp_path):
    usual = run("order")[1].splitlines()
    assert usual == StyleCatalog().names
    ordered = run("order", "same", "scream")[1].splitlines()
    assert ordered == ["same", "scream", *(name for name in usual if name not in ("same", "scream"))]
    assert StyleCatalog().names == ordered
    assert [line.split()[1] for line in run()[1].splitlines()[1:]] == ordered
    with pytest.raises(StyleError, match="did you mean 'same'"):
        run("order", "sama")
    with pytest.raises(OptionsError, match="leave them out"):
        run("order", "same", "--reset")
    assert StyleCatalog().names == ordered
    assert run("order", "--reset") == (0, "".join(f"{name}\n" for name in usual), "")


def test_a_damaged_order_is_said(run, tmp_path):
    run("order", "same")
    (order,) = (tmp_path / "data").rglob("style-order.json")
    order.write_text("no list")
    for args in ((), ("--json",), ("order",)):
        code, _, err = run(*args)
        assert (code, err.count("\n")) == (0, 1)
        assert f"the order of the styles in {order} cannot be read" in err
    assert run("order", "--reset")[2] == ""


def test_one_style_is_shown(run):
    _, out, _ = run("show", "negative")
    shown = dict(line.strip().split(maxsplit=1) for line in out.splitlines())
    assert shown["title"] == "The negative"
    assert shown["licence"] == "CC0-1.0"
    assert shown["metrics"] == "style 0.5, content 1.0"
    assert shown["training"] == "steps 0"
    assert run("show", "negative", "--tier", "full")[2] == (
        "realtime: --tier full: these styles have no such tier, so the other one is used: negative\n"
    )


def test_a_strangers_text_does_not_reach_the_terminal_as_a_command(run, style_folder, make_style):
    make_style(style_folder / "evil-fast.onnx", "evil", title="\x1b[2J[red]gone[/red]")
    for out in (run()[1], run("show", "evil")[1]):
        assert "\x1b" not in out
        assert "?[2J[red]gone" in out


def test_a_style_is_added_once(run, tmp_path, make_style):
    source = make_style(tmp_path / "download.onnx", "mine")
    code, out, err = run("add", source)
    target = tmp_path / "own" / "mine-fast.onnx"
    assert (code, out) == (0, f"{target}\n")
    assert Style.read(source).sha256 in err
    assert target.read_bytes() == source.read_bytes()
    with pytest.raises(StylecamError, match="--overwrite replaces it"):
        run("add", source)
    make_style(source, "mine", "identity")
    os.utime(target, (1000, 1000))
    run("add", source, "--overwrite")
    assert target.read_bytes() == source.read_bytes()
    assert target.stat().st_mtime == 1000  # its place among the number keys
    assert [p.name for p in target.parent.iterdir()] == ["mine-fast.onnx"]


def test_a_style_of_the_same_name_in_a_file_of_another_is_the_one_replaced(run, tmp_path, make_style):
    own = tmp_path / "own"
    own.mkdir()
    make_style(own / "zebra.onnx", "mine")
    source = make_style(tmp_path / "download.onnx", "mine", "identity")
    with pytest.raises(StylecamError, match=r"zebra\.onnx"):
        run("add", source)
    run("add", source, "--overwrite")
    assert [p.name for p in own.iterdir()] == ["zebra.onnx"]
    assert Style.read(own / "zebra.onnx").sha256 == Style.read(source).sha256


def test_the_tier_of_a_strangers_file_is_no_path(run, tmp_path, make_style):
    source = make_style(tmp_path / "download.onnx", "mine", tier="../../up")
    run("add", source)
    assert (tmp_path / "own" / "mine.onnx").exists()


def test_a_file_that_is_no_style_is_not_added(run, tmp_path, make_style):
    (tmp_path / "text.onnx").write_text("no style")
    for file in ("text.onnx", "none.onnx"):
        with pytest.raises(StyleError, match=file):
            run("add", tmp_path / file)
    assert not (tmp_path / "own").exists()


def test_a_folder_that_cannot_be_written_in(run, tmp_path, make_style):
    (tmp_path / "own").write_text("a file")
    with pytest.raises(StylecamError, match="cannot write"):
        run("add", make_style(tmp_path / "download.onnx", "mine"))


def test_every_style_paints_the_picture(run, tmp_path):
    picture = np.random.default_rng(1).integers(0, 256, (288, 384, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "picture.png"), picture)
    code, out, _ = run("sheet", tmp_path / "picture.png", "-o", tmp_path / "sheet.png")
    assert (code, out) == (0, f"{tmp_path / 'sheet.png'}\n")
    sheet = cv2.imread(str(tmp_path / "sheet.png"))
    names = StyleCatalog().names
    columns = int(np.ceil(np.sqrt(len(names) + 1)))
    for name, expected in (("negative", 255 - picture), ("same", picture)):
        row, column = divmod(names.index(name) + 1, columns)
        top, left = TITLE + 8 + row * (288 + 2 * 24 + 8), 8 + column * (384 + 8)
        assert np.array_equal(sheet[top : top + 288, left : left + 384], expected)
    assert np.array_equal(sheet[TITLE + 8 : TITLE + 296, 8:392], picture)


def test_the_demo_scene_can_be_painted(run, tmp_path):
    run("sheet", "demo", "-o", tmp_path / "sheet.png")
    assert cv2.imread(str(tmp_path / "sheet.png")).std() > 30


def test_a_sheet_that_cannot_be_made(run, tmp_path):
    with pytest.raises(SourceError, match=r"none\.jpg"):
        run("sheet", tmp_path / "none.jpg", "-o", tmp_path / "sheet.png")
    with pytest.raises(OptionsError, match=r"sheet\.gif must end in .png or .svg or .pdf: call it sheet\.png"):
        run("sheet", "demo", "-o", tmp_path / "sheet.gif")
    assert not list(tmp_path.glob("*sheet*"))


def test_help_shows_an_example(run):
    for args in ([], ["show"], ["add"], ["order"], ["sheet"]):
        assert "realtime styles" in run(*args, "--help")[1].split("Example")[1]
