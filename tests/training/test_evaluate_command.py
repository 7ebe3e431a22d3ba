"""`realtime evaluate` as a user meets it."""

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest

from stylecam.models.errors import OptionsError, PictureError, RecordError, SourceError, StylecamError, StyleError
from stylecam.realtime.cli import main
from stylecam.realtime.commands_evaluate import evaluate_command
from stylecam.training.data import find_pictures, split

from ..commands import invoke
from ..source_frames import write_video


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


def test_everything_at_once(photos, painting_file, vgg_file, styles, tmp_path):
    sheet = tmp_path / "sheet.png"
    arguments = ("--photos", photos, "--count", 1, "--painting", painting_file, "--style-size", 64)
    arguments += ("--vgg-weights", vgg_file, "--gatys-photos", 1, "--max-iterations", 1, "--sheet", sheet, "--json")
    code, out, err = _run("same", styles / "negative-fast.onnx", *arguments)
    result = json.loads(out)
    same, negative = result["styles"]
    assert code == 0
    assert (same["name"], negative["name"], same["photos"], result["style_weight"]) == ("same", "negative", 1, 6.0)
    assert same["content"] == 0
    assert negative["content"] > 0
    for style in (same, negative):
        assert style["objective"] == pytest.approx(style["content"] + 6 * style["style"], abs=1e-3)
        assert style["stability"] == pytest.approx(1, rel=0.01)
        assert style["border"] == 1
        assert set(style["gatys_iterations"]) == {"from_noise", "from_content", "photos", "goal", "curve"}
        assert style["contrast_spread"] == pytest.approx(np.ptp([*style["contrast"].values()]), abs=1e-3)
    assert same["gatys_iterations"]["from_content"] == {"mean": 0.0, "capped": False}
    for part in ("loading the VGG", "same: distances", "negative: optimisation from noise, photo 1 of 1"):
        assert part in err
    photo = cv2.imread(str(photos / "0.png"))
    drawn = cv2.imread(str(sheet))
    assert drawn.shape == (288 + 24 + 2 * 8, 3 * (384 + 8) + 8, 3)
    for column, expected in enumerate((photo, photo, 255 - photo)):
        left = 8 + column * 392
        assert np.array_equal(drawn[8:296, left : left + 384], expected)


def test_the_figures_are_printed_though_the_sheet_cannot_be_saved(photos, capsys):
    arguments = ["evaluate", "same", "--photos", str(photos), "--count", "1", "--only", "border", "--tier", "full"]
    assert main([*arguments, "--json", "--sheet", f"{'a' * 300}.png"]) == 1  # longer than file systems take
    out, err = capsys.readouterr()
    assert json.loads(out)["styles"][0]["border"] == 1
    assert "another tier is used for what has no such one: same" in err
    assert "cannot save aaa" in err


def test_a_photo_at_four_contrasts_and_the_curve_of_the_optimisation(photos, painting_file, vgg_file, tmp_path):
    sheet, curve = tmp_path / "contrast.png", tmp_path / "curve.png"
    arguments = ("--photos", photos, "--count", 1, "--painting", painting_file, "--style-size", 64)
    arguments += ("--vgg-weights", vgg_file, "--gatys-photos", 1, "--max-iterations", 3, "--only", "gatys_iterations")
    code, out, _ = _run("negative", *arguments, "--contrast-sheet", sheet, "--curve", curve, "--json")
    assert code == 0
    (style,) = json.loads(out)["styles"]
    points = style["gatys_iterations"]["curve"]
    assert len(points) == 4
    assert points == sorted(points, reverse=True)
    assert cv2.imread(str(curve)).shape[1] == 800
    drawn = cv2.imread(str(sheet))
    rows = [drawn[8 + row * 320 : 296 + row * 320, 8:392] for row in range(4)]
    assert [row.std() for row in rows] == sorted(row.std() for row in rows)
    assert np.array_equal(rows[2], cv2.imread(str(photos / "0.png")))  # the third is the photo as it is
    with pytest.raises(OptionsError, match="is to be two pictures"):
        _run("negative", "--photos", photos, "--sheet", sheet, "--contrast-sheet", sheet)
    for arguments in (("--no-gatys", "--painting", painting_file), ()):
        with pytest.raises(OptionsError, match="--curve draws"):
            _run("negative", "--photos", photos, "--curve", curve, *arguments)


def test_styles_of_the_same_name_are_told_apart(photos, painting_file, vgg_file, styles, tmp_path):
    other = tmp_path / "negative-fast.onnx"
    other.write_bytes((styles / "negative-fast.onnx").read_bytes())
    curves, sheet = tmp_path / "curves.png", tmp_path / "sheet.png"
    arguments = ("--photos", photos, "--count", 1, "--painting", painting_file, "--style-size", 64, "--sheet", sheet)
    arguments += ("--vgg-weights", vgg_file, "--gatys-photos", 1, "--max-iterations", 2, "--only", "gatys_iterations")
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


def test_what_only_asks_for_is_not_left_out_too(photos, painting_file):
    for arguments in (("--no-gatys",), ("--gatys-photos", 0)):
        with pytest.raises(OptionsError, match="--only asks for gatys_iterations"):
            _run(
                "same", "--photos", photos, "--painting", painting_file, "--only", "style,gatys_iterations", *arguments
            )


def test_without_a_painting_no_vgg_is_needed_and_it_is_said(photos):
    code, out, err = _run("same", "--photos", photos)
    assert code == 0
    assert "without --painting there is no style, content, objective, large, " in err
    assert "broken.png is no picture" in err
    rows = {line[:34].strip(): line[34:].strip() for line in out.splitlines()}
    assert rows["photos"] == "2"
    assert rows["style distance"] == rows["gatys iterations, from noise"] == "-"
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
    with pytest.raises(OptionsError, match="--only style needs the painting"):
        _run("same", "--photos", photos, "--only", "style")
    with pytest.raises(OptionsError, match="not beauty"):
        _run("same", "--photos", photos, "--only", "beauty")


def test_the_demo_scene_needs_no_photos(tmp_path):
    sheet = tmp_path / "sheet.png"
    _, out, _ = _run("same", "--photos", "demo", "--count", 2, "--only", "border", "--sheet", sheet, "--json")
    assert json.loads(out)["styles"][0]["photos"] == 2
    first, second = (cv2.imread(str(sheet))[8 + row * 320 : 296 + row * 320, 8:392] for row in range(2))
    assert first.std() > 20
    assert not np.array_equal(first, second)


def test_content_takes_what_training_held_out(content_folder):
    assert json.loads(_run("same", "--content", content_folder, "--json")[1])["styles"][0]["photos"] == 1
    held_out = split(find_pictures(content_folder))[1]
    assert len(held_out) == 1


def test_the_painting_is_found_by_the_styles_name_and_treated_as_the_style_says(
    photos, painting_file, vgg_file, styles, make_style, tmp_path
):
    paintings = tmp_path / "paintings"
    paintings.mkdir()
    cv2.imwrite(str(paintings / "same.jpg"), cv2.imread(str(painting_file)))
    arguments = ("--photos", photos, "--count", 1, "--vgg-weights", vgg_file, "--only", "style", "--json")

    def style_distance(*more):
        return json.loads(_run("same", *arguments, "--painting", paintings, *more)[1])["styles"][0]["style"]

    make_style(styles / "same-fast.onnx", "same", "identity", training='{"style_size": 80, "crop": 0.1, "flatten": 60}')
    own = style_distance()
    assert own == style_distance("--style-size", 80, "--crop", 0.1, "--flatten", 60)
    assert own not in (style_distance("--crop", 0), style_distance("--flatten", 0))
    with pytest.raises(PictureError, match=r"negative\.jpg"):
        _run("negative", *arguments, "--painting", paintings)
    for size in ('"large"', "NaN"):
        make_style(styles / "same-fast.onnx", "same", "identity", training=f'{{"style_size": {size}}}')
        with pytest.raises(OptionsError, match="give it with --style-size"):
            style_distance()


def test_a_clip_that_nothing_is_measured_on_is_refused(photos, tmp_path):
    with pytest.raises(OptionsError, match="--clip is for the stability"):
        _run("same", "--photos", photos, "--clip", tmp_path / "clip.avi", "--only", "grid")


def test_a_sheet_replaces_no_photo(photos):
    with pytest.raises(OptionsError, match="never overwritten"):
        _run("same", "--photos", photos, "--no-gatys", "--sheet", photos / "0.png")


def test_a_clip_is_measured(photos, tmp_path):
    clip = tmp_path / "clip.avi"
    photo = cv2.imread(str(photos / "0.png"))
    writer = cv2.VideoWriter(str(clip), cv2.VideoWriter_fourcc(*"MJPG"), 25, (200, 160))
    for n in range(5):
        writer.write(np.ascontiguousarray(photo[20:180, 10 + 3 * n : 210 + 3 * n]))
    writer.release()
    result = json.loads(_run("same", "--photos", photos, "--clip", clip, "--json")[1])
    assert result["styles"][0]["clip_stability"] == {str(clip): 1.0}
    assert "stability on clip.avi" in _run("same", "--photos", photos, "--clip", clip)[1]
    with pytest.raises(SourceError, match=r"none\.mp4"):
        _run("same", "--photos", photos, "--clip", tmp_path / "none.mp4")
    with pytest.raises(StylecamError, match="two and more"):
        _run("same", "--photos", photos, "--clip", photos / "0.png")


def test_mistakes_are_errors_of_ours(photos, tmp_path):
    for given in ((), ("--photos", photos, "--content", photos)):
        with pytest.raises(OptionsError, match="--photos DIR or with --content DIR"):
            _run("same", *given)
    with pytest.raises(StyleError, match="there is no style"):
        _run("nothing", "--photos", photos)
    with pytest.raises(PictureError, match="there is no folder"):
        _run("same", "--photos", tmp_path / "none")
    with pytest.raises(PictureError, match="there is no painting"):
        _run("same", "--photos", photos, "--painting", tmp_path / "none.jpg")
    with pytest.raises(RecordError, match="there is no folder"):
        _run("same", "--photos", photos, "--sheet", tmp_path / "none" / "sheet.png")
    with pytest.raises(OptionsError, match="--style-weight"):
        _run("same", "--photos", photos, "--style-weight", -1)


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
