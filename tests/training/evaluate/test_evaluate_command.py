"""`realtime evaluate` as a user meets it."""

import functools
import json
import subprocess
import sys

import cv2
import numpy as np
import pytest

from stylecam.models.errors import OptionsError, PictureError, RecordError, SourceError, StylecamError, StyleError
from stylecam.realtime.cli import main
from stylecam.realtime.commands.evaluate import evaluate_command
from stylecam.realtime.pictures.contact_sheet import TITLE
from stylecam.training.data import find_pictures, split
from stylecam.training.evaluate import evaluation_data, gatys_iterations

from ...commands import invoke
from ...full_disk import no_file_larger_than
from ...source_frames import write_video


def _run(*args):
    return invoke(evaluate_command, *args)


@pytest.fixture(autouse=True)
def styles(style_folder, monkeypatch):
    monkeypatch.setenv("STYLECAM_STYLES", str(style_folder))
    return style_folder


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Two photos of 288x384, and a file that is none."""
    folder = tmp_path_factory.mktemp("photos")
    random = np.random.default_rng(2)
    for number in range(2):
        coarse = random.uniform(0, 255, (9, 12, 3)).astype(np.float32)
        photo = cv2.resize(coarse, (384, 288), interpolation=cv2.INTER_CUBIC).clip(0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"{number}.png"), photo)
    (folder / "broken.png").write_bytes(b"no picture")
    return folder


@pytest.fixture
def painted(painting_file, vgg_file):
    """The options that every measure of the painting needs."""
    return ("--painting", painting_file, "--vgg-weights", vgg_file, "--device", "cpu")


@pytest.fixture
def small_photos(monkeypatch):
    """Photos in fewer lines than 480, and than 256 for the optimisation, which take most of the time."""
    monkeypatch.setattr(evaluation_data, "read_photos", functools.partial(evaluation_data.read_photos, lines=160))
    monkeypatch.setattr(gatys_iterations, "SIDE", 64)


ALL = "content,style,swd,sharp,stability,gatys_iterations,grid,border"


@pytest.mark.usefixtures("small_photos")
def test_everything_at_once(photos, painted, styles, tmp_path):
    arguments = ("--photos", photos, "--count", 1, *painted, "--only", ALL)
    arguments += ("--gatys-photos", 1, "--max-iterations", 1, "--json")
    code, out, err = _run("same", styles / "negative-fast.onnx", *arguments)
    result = json.loads(out)
    same, negative = result["styles"]
    assert code == 0
    assert result["published"] == []
    assert (same["name"], negative["name"], same["photos"]) == ("same", "negative", 1)
    assert same["content"] == 0
    assert negative["content"] > 0
    assert negative["sharp"] == pytest.approx(same["sharp"], rel=0.01)  # the edges are where they were
    for style in (same, negative):
        assert min(style["style"], style["swd"], style["sharp"]) > 0
        assert style["stability"] == pytest.approx(1, rel=0.01)
        assert style["border"] == 1
        assert {"from_noise", "from_content", "photos", "style_weight"} < set(style["gatys_iterations"])
    assert same["gatys_iterations"]["from_content"] == {"mean": 0.0, "capped": False}
    for part in ("loading the VGG", "same: likeness", "negative: optimisation from noise, photo 1 of 1"):
        assert part in err


def test_a_sheet_has_photo_painting_and_picture_at_the_size_that_is_measured(photos, painting_file, styles, tmp_path):
    sheet = tmp_path / "sheet.png"
    arguments = ("--photos", photos, "--painting", painting_file, "--only", "border", "--sheet", sheet)
    assert _run("same", styles / "negative-fast.onnx", *arguments)[0] == 0
    drawn = cv2.imread(str(sheet))
    assert drawn.shape == (TITLE + 2 * (480 + 24 + 8) + 8, 4 * (640 + 8) + 8, 3)  # no VGG is needed for it
    drawn = drawn[TITLE:]
    photo = cv2.resize(cv2.imread(str(photos / "0.png")), (640, 480), interpolation=cv2.INTER_CUBIC)
    for column, expected in ((0, photo), (2, photo), (3, 255 - photo)):
        left = 8 + column * 648
        assert np.array_equal(drawn[8:488, left : left + 640], expected)
    scan = cv2.imread(str(painting_file))[2:-2, 2:-2]  # its colours, whatever its size in the cell
    assert np.abs(drawn[28:468, 676:1276].mean((0, 1)) - scan.mean((0, 1))).max() < 8


def test_published_pictures_are_measured_beside_ours(photos, painted, styles, tmp_path):
    photo, sheet = photos / "0.png", tmp_path / "sheet.png"
    cv2.imwrite(str(tmp_path / "theirs.png"), 255 - cv2.imread(str(photo)))
    arguments = ("same", styles / "negative-fast.onnx", "--photos", photos, "--count", 1, *painted, "--only", "border")
    arguments += ("--published", photo, tmp_path / "theirs.png")
    rows = json.loads(_run(*arguments, "--json", "--sheet", sheet)[1])["published"]
    assert [row["picture"] for row in rows] == ["same (fast)", "negative (fast)", str(tmp_path / "theirs.png")]
    assert {row["photo"] for row in rows} == {str(photo)}
    same, negative, theirs = ({k: row[k] for k in ("content", "style", "swd", "sharp")} for row in rows)
    assert same["content"] == 0
    assert theirs == negative
    assert cv2.imread(str(sheet)).shape == (TITLE + 2 * (480 + 24 + 8) + 8, 5 * (640 + 8) + 8, 3)
    out = _run(*arguments)[1]
    assert out.splitlines()[-1].split()[:2] == [str(photo), str(tmp_path / "theirs.png")]


def test_published_pictures_are_of_one_painting(photos, painting_file, tmp_path):
    pair = ("--published", photos / "0.png", photos / "1.png")
    with pytest.raises(OptionsError, match="--published compares pictures of one painting"):
        _run("same", "--photos", photos, *pair)
    for name in ("same", "negative"):
        cv2.imwrite(str(tmp_path / f"{name}.jpg"), cv2.imread(str(painting_file)))
    with pytest.raises(OptionsError, match="--published compares pictures of one painting"):
        _run("same", "negative", "--photos", photos, "--painting", tmp_path, *pair)


def test_the_figures_are_printed_though_the_sheet_cannot_be_saved(photos, capsys):
    arguments = ["evaluate", "same", "--photos", str(photos), "--count", "1", "--only", "border", "--tier", "full"]
    with no_file_larger_than(1000):
        assert main([*arguments, "--json", "--sheet", str(photos.parent / "sheet.png")]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["styles"][0]["border"] == 1
    assert "these styles have no such tier, so the other one is used: same" in err
    assert "cannot save" in err
    assert "sheet.png" in err


@pytest.mark.usefixtures("small_photos")
def test_the_curve_of_the_optimisation(photos, painted, tmp_path):
    curve = tmp_path / "curve.png"
    arguments = ("--photos", photos, "--count", 1, *painted, "--gatys-photos", 1, "--max-iterations", 3)
    code, out, _ = _run("negative", *arguments, "--only", "gatys_iterations", "--curve", curve, "--json")
    assert code == 0
    (style,) = json.loads(out)["styles"]
    points = style["gatys_iterations"]["curve"]
    assert len(points) == 4
    assert points == sorted(points, reverse=True)
    assert cv2.imread(str(curve)).shape[:2] == (900, 1600)
    curve = tmp_path / "curve.svg"
    _run("negative", *arguments, "--only", "gatys_iterations", "--curve", curve)
    for part in ("content + 6 x style distance (no unit)", "iteration of L-BFGS from noise", "network: 1 photo"):
        assert part in curve.read_text("utf-8")
    with pytest.raises(OptionsError, match="is given for two pictures"):
        _run("negative", "--photos", photos, *painted, "--only", ALL, "--sheet", curve, "--curve", curve)


def test_what_is_only_for_the_optimisation_is_refused_without_it(photos, painted, tmp_path):
    for given in (("--curve", tmp_path / "c.png"), ("--gatys-photos", 2), ("--max-iterations", 9)):
        with pytest.raises(OptionsError, match=f"{given[0]} is only for gatys_iterations"):
            _run("negative", "--photos", photos, *painted, *given)


@pytest.mark.usefixtures("small_photos")
def test_styles_of_the_same_name_are_told_apart(photos, painted, styles, tmp_path):
    other = tmp_path / "-".join(["a-long-folder"] * 4) / "negative-fast.onnx"
    other.parent.mkdir()
    other.write_bytes((styles / "negative-fast.onnx").read_bytes())
    curves = tmp_path / "curves.png"
    arguments = ("--photos", photos, "--count", 1, *painted, "--gatys-photos", 1, "--max-iterations", 2)
    arguments += ("--only", "gatys_iterations")
    _, out, _ = _run("same", "negative", other, *arguments, "--curve", curves)
    head = out.splitlines()[0]
    assert "same (fast)" in head
    assert "negative (fast)" not in head
    assert str(other) in head
    assert str(styles / "negative-fast.onnx") in head
    # One colour of a line each: the three first of matplotlib's.
    drawn = cv2.imread(str(curves)).reshape(-1, 3).astype(int)
    for colour in ([180, 119, 31], [14, 127, 255], [44, 160, 44]):
        assert np.abs(drawn - colour).max(-1).min() < 60


def test_without_a_painting_no_vgg_is_needed_and_it_is_said(photos):
    code, out, err = _run("same", "--photos", photos)
    assert code == 0
    assert "not measured without --painting: content, style, swd, sharp\n" in err
    assert "broken.png cannot be decoded as a picture" in err
    rows = {line[:34].strip(): line[34:].strip() for line in out.splitlines()}
    assert rows["photos"] == "2"
    assert rows["style (0: the painting)"] == rows["gatys iterations, from noise"] == "-"
    assert rows["stability (1: as the input)"] == "1.00"
    assert "same (fast)" in out


def test_only_some_measures(photos, painting_file):
    _, out, err = _run("same", "--photos", photos, "--only", "stability, border", "--json")
    (style,) = json.loads(out)["styles"]
    assert (style["stability"], style["border"], style["grid"], style["style"]) == (1, 1, None, None)
    assert "grid" not in err
    assert "--painting" not in err
    _, out, _ = _run("same", "--photos", photos, "--painting", painting_file, "--only", "grid", "--json")
    assert json.loads(out)["styles"][0]["grid_photos"] == {"2": 0, "4": 0, "8": 0}
    with pytest.raises(OptionsError, match="--only style needs a painting"):
        _run("same", "--photos", photos, "--only", "style")
    with pytest.raises(OptionsError, match="not beauty"):
        _run("same", "--photos", photos, "--only", "beauty")


def test_the_demo_scene_needs_no_photos(tmp_path):
    sheet = tmp_path / "sheet.png"
    _, out, _ = _run("same", "--photos", "demo", "--count", 2, "--only", "border", "--sheet", sheet, "--json")
    assert json.loads(out)["styles"][0]["photos"] == 2
    first, second = (cv2.imread(str(sheet))[TITLE + 8 + row * 512 :][:480, 8:648] for row in range(2))
    assert first.std() > 20
    assert not np.array_equal(first, second)


def test_content_takes_what_training_held_out(content_folder):
    assert json.loads(_run("same", "--content", content_folder, "--json")[1])["styles"][0]["photos"] == 1
    held_out = split(find_pictures(content_folder))[1]
    assert len(held_out) == 1


@pytest.mark.usefixtures("small_photos")
def test_the_painting_is_found_by_the_styles_name_and_is_the_scan_whatever_was_learnt(
    photos, painted, styles, make_style, tmp_path
):
    paintings = tmp_path / "paintings"
    paintings.mkdir()
    cv2.imwrite(str(paintings / "same.jpg"), cv2.imread(str(painted[1])))
    arguments = ("--photos", photos, "--count", 1, *painted[2:], "--painting", paintings, "--only", "style", "--json")
    before = json.loads(_run("same", *arguments)[1])["styles"][0]["style"]
    make_style(styles / "same-fast.onnx", "same", "identity", training='{"style_size": 80, "crop": 0.1, "flatten": 60}')
    assert json.loads(_run("same", *arguments)[1])["styles"][0]["style"] == before
    with pytest.raises(PictureError, match=r"negative\.jpg"):
        _run("negative", *arguments)


def test_a_clip_that_nothing_is_measured_on_is_refused(photos, tmp_path):
    with pytest.raises(OptionsError, match="--clip is only for stability"):
        _run("same", "--photos", photos, "--clip", tmp_path / "clip.avi", "--only", "grid")


@pytest.mark.parametrize("suffix", [".svg", ".pdf"])
def test_a_sheet_that_is_no_png(photos, tmp_path, suffix):
    sheet = tmp_path / f"sheet{suffix}"
    _run("same", "--photos", photos, "--count", 1, "--only", "border", "--sheet", sheet)
    assert sheet.read_bytes()[:5] in (b"%PDF-", b"<?xml")
    with pytest.raises(OptionsError, match=r"sheet\.bmp must end in .png or .svg or .pdf"):
        _run("same", "--photos", photos, "--sheet", tmp_path / "sheet.bmp")


def test_a_sheet_replaces_no_photo(photos):
    with pytest.raises(OptionsError, match="never overwritten"):
        _run("same", "--photos", photos, "--sheet", photos / "0.png")


def test_a_clip_is_measured(photos, tmp_path):
    clip = tmp_path / "clip.avi"
    photo = cv2.imread(str(photos / "0.png"))
    writer = cv2.VideoWriter(str(clip), cv2.VideoWriter_fourcc(*"MJPG"), 25, (200, 160))
    for n in range(5):
        writer.write(np.ascontiguousarray(photo[20:180, 10 + 3 * n : 210 + 3 * n]))
    writer.release()
    result = json.loads(_run("same", "--photos", photos, "--clip", clip, "--json")[1])
    assert result["styles"][0]["clip_stability"] == {str(clip): 1.0}
    assert "  on clip.avi" in _run("same", "--photos", photos, "--clip", clip)[1]
    with pytest.raises(SourceError, match=r"none\.mp4"):
        _run("same", "--photos", photos, "--clip", tmp_path / "none.mp4")
    with pytest.raises(StylecamError, match="at least two"):
        _run("same", "--photos", photos, "--clip", photos / "0.png")


def test_mistakes_are_errors_of_ours(photos, tmp_path):
    for given in ((), ("--photos", photos, "--content", photos)):
        with pytest.raises(OptionsError, match="--photos DIR or --content DIR"):
            _run("same", *given)
    with pytest.raises(StyleError, match="there is no style"):
        _run("nothing", "--photos", photos)
    with pytest.raises(PictureError, match="there is no folder"):
        _run("same", "--photos", tmp_path / "none")
    with pytest.raises(PictureError, match="no painting"):
        _run("same", "--photos", photos, "--painting", tmp_path / "none.jpg")
    with pytest.raises(RecordError, match="there is no folder"):
        _run("same", "--photos", photos, "--sheet", tmp_path / "none" / "sheet.png")
    with pytest.raises(OptionsError, match="--style-weight"):
        _run("same", "--photos", photos, "--style-weight", -1)
    with pytest.raises(PictureError, match="cannot be decoded as a picture"):
        _run("same", "--photos", photos, "--painting", photos / "0.png", "--published", photos / "0.png", __file__)


def test_help_shows_an_example():
    assert "realtime evaluate hokusai" in _run("--help")[1]


def test_without_torch_it_says_what_to_install():
    program = """
import sys
sys.modules["torch"] = None
from stylecam.realtime.cli import main
sys.exit(main(["evaluate", "x", "--photos", "y"]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == "realtime: evaluating needs torch: pip install 'stylecam[train]' (torch is missing)\n"


def test_a_table_in_a_pipe_has_a_line_a_measure_and_a_whole_column_a_style(photos, styles):
    given = ["same", styles / "negative-fast.onnx"] * 4
    code, out, _ = _run(*given, "--photos", photos, "--count", 1, "--only", "grid")
    head, *rows = out.splitlines()
    assert code == 0
    assert head.split() == ["measure", *["same", "(fast)", "negative", "(fast)"] * 4]
    (grid,) = (row.split() for row in rows if row.split()[0] == "grid,")
    assert len(grid) == 2 + 8  # "grid, levels", and a figure for each


def test_a_clip_that_is_cut_off_is_said_to_be(photos, tmp_path):
    whole = write_video(tmp_path / "whole.mkv", 40, size=(192, 160)).read_bytes()
    (tmp_path / "cut.mkv").write_bytes(whole[: len(whole) * 2 // 3])
    arguments = ("--photos", photos, "--count", 1, "--only", "stability", "--clip", tmp_path / "cut.mkv")
    code, _, err = _run("same", *arguments)
    assert code == 0
    assert "cut.mkv is cut off after frame" in err
