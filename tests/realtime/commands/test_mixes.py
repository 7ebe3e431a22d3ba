"""Mixes as a user meets them: shown, saved as style files, painted with live and in conversions."""

import json
from functools import partial

import cv2
import numpy as np
import pytest

from stylecam.models.catalog import NAME, Style, StyleCatalog
from stylecam.models.errors import OptionsError, RecordError, StyleError
from stylecam.realtime.cli import main
from stylecam.realtime.commands.styles import styles_command
from stylecam.realtime.painting.mixing import mix_styles
from stylecam.realtime.painting.stylizer import Stylizer

from ...commands import invoke
from ...pictures import smooth


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs `realtime styles ARGS`: exit code, stdout, stderr; errors of ours are raised."""
    monkeypatch.setenv("STYLECAM_STYLES", str(tmp_path / "own"))
    monkeypatch.setattr("stylecam.realtime.commands.styles.user_folder", lambda: tmp_path / "own")
    return partial(invoke, styles_command)


@pytest.fixture
def photo_file(tmp_path):
    cv2.imwrite(str(tmp_path / "photo.png"), smooth())
    return tmp_path / "photo.png"


def test_a_mix_is_shown_with_its_parts(run):
    _, out, err = run("show", "hokusai:0.7+scream:0.3")
    shown = dict(line.strip().split(maxsplit=1) for line in out.splitlines() if not line.startswith("  "))
    assert err == ""
    assert shown["name"] == "hokusai-70+scream-30"
    assert shown["training"] == "mixed of hokusai 70 %, scream 30 %"
    assert shown["metrics"] == "-"
    record = json.loads(run("show", "hokusai+starry-night", "--json")[1])
    assert [part["name"] for part in record["training"]["mix"]] == ["hokusai", "starry-night"]


def test_a_strangers_recipe_of_a_mix_is_no_traceback(run, tmp_path, make_style):
    for mix in ("x", [1], [{}], [{"name": "a", "weight": "b"}], {"a": 1}):
        make_style(tmp_path / "odd.onnx", "odd", training=json.dumps({"mix": mix}))
        assert run("show", tmp_path / "odd.onnx")[0] == 0


def test_a_mix_becomes_a_style_like_any_other(run, tmp_path):
    file = tmp_path / "storm-fast.onnx"
    code, out, err = run("mix", "hokusai", "scream:0.3", "-o", file, "--name", "storm", "--title", "A storm")
    assert (code, out) == (0, f"{file}\n")
    assert "mixed hokusai 70 %, scream 30 %" in err
    style = Style.read(file)
    assert (style.name, style.title, style.tier) == ("storm", "A storm", "fast")
    thumbnail = cv2.imdecode(np.frombuffer(style.thumbnail(), np.uint8), cv2.IMREAD_COLOR)
    assert max(thumbnail.shape) == 160
    assert np.ptp(thumbnail) > 100
    assert len(style.data) < 2_000_000
    run("add", file)
    catalog = StyleCatalog()
    mixed = mix_styles([(catalog.find("hokusai"), 0.7), (catalog.find("scream"), 0.3)])
    frame = np.ascontiguousarray(smooth()[..., ::-1])
    assert np.array_equal(Stylizer.load("storm", device="cpu")(frame), Stylizer(mixed, "cpu")(frame))
    # And it is mixed on, as one painter with a name of its own.
    assert json.loads(run("show", "storm+udnie", "--json")[1])["title"] == "A storm + Udnie"


def test_a_mix_is_not_saved_over_another_file(run, tmp_path):
    file = tmp_path / "a.onnx"
    file.write_bytes(b"mine")
    with pytest.raises(OptionsError, match="exists already; --overwrite replaces it"):
        run("mix", "hokusai", "scream", "-o", file, "--name", "a")
    assert file.read_bytes() == b"mine"
    run("mix", "hokusai", "scream", "-o", file, "--name", "a", "--overwrite")
    assert Style.read(file).name == "a"
    before = file.read_bytes()
    with pytest.raises(OptionsError, match="is the input itself"):
        run("mix", file, "udnie", "-o", file, "--name", "a", "--overwrite")
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("args", "error", "said"),
    [
        (["hokusai"], OptionsError, "hokusai is only one style"),
        (["hokusai", "hokusai"], OptionsError, "has hokusai twice"),
        (["hokusai", "screm"], StyleError, "did you mean 'scream'"),
        (["a", "b", "c", "d", "e"], OptionsError, "2 to 4"),
        (["hokusai", "scream", "--name", "a b"], OptionsError, "--name a b: give one word"),
        (["hokusai", "scream", "-o", "mix.png"], OptionsError, "mix.png must end in .onnx"),
        (["hokusai", "scream", "-o", "none/mix.onnx"], RecordError, "there is no folder none"),
    ],
)
def test_what_cannot_be_mixed_is_said(run, tmp_path, monkeypatch, args, error, said):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=said):
        run("mix", "-o", "mix.onnx", "--name", "mix", *args)
    assert list(tmp_path.iterdir()) == []


def test_a_mix_paints_live_and_its_files_have_names_that_every_system_takes(tmp_path, capsys):
    demo = ["--camera", "demo", "--size", "160x120", "--no-window", "--frames", "4", "--json", "--device", "cpu"]
    code = main([*demo, "--keys", "2:s", "--style", "hokusai:0.7+scream:0.3", "--folder", str(tmp_path)])
    report = json.loads(capsys.readouterr().out)
    assert (code, report["style"], report["failures"]) == (0, "hokusai-70+scream-30", [])
    (file,) = tmp_path.iterdir()
    assert file.name.startswith("stylecam-hokusai-70+scream-30-")
    assert ":" not in file.name


def test_conversions_are_called_by_the_mix(photo_file, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    styles = "hokusai,hokusai+scream,hokusai:0.7+scream:0.3"
    assert main(["convert", str(photo_file), "-o", str(out), "--device", "cpu", "--style", styles]) == 0
    names = ("hokusai", "hokusai+scream", "hokusai-70+scream-30")
    assert sorted(path.name for path in out.iterdir()) == sorted(f"photo-{name}.png" for name in names)
    pictures = [cv2.imread(str(out / f"photo-{name}.png")) for name in names]
    assert not np.array_equal(pictures[0], pictures[1])
    assert not np.array_equal(pictures[1], pictures[2])
    assert main(["convert", str(photo_file), "-o", str(out), "--style", "hokusai:0.701+scream,hokusai:0.7+scream"]) == 2
    assert "two styles have the same name, so their results would too" in capsys.readouterr().err


def test_a_wrong_mix_is_found_out_before_the_inputs_are_read(tmp_path, capsys):
    assert main(["convert", str(tmp_path / "none.mp4"), "-o", "x.mp4", "--style", "hokusai:0+scream"]) == 2
    assert "must be above 0" in capsys.readouterr().err
    assert main(["--camera", "demo", "--no-window", "--frames", "1", "--style", "hokusai+nobody"]) == 5
    assert "there is no style 'nobody'" in capsys.readouterr().err


def test_names_with_a_plus_stay_those_of_mixes(tmp_path, make_style):
    assert not NAME.fullmatch("a+b")
    assert Style.read(make_style(tmp_path / "file.onnx", "a+b")).name == "file"
