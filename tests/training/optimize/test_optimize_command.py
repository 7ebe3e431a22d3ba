"""`realtime optimize` as a user meets it."""

import csv
import json

import numpy as np
import pytest
from PIL import Image

from stylecam.models.errors import OptionsError, PictureError, RecordError, VGGWeightsError
from stylecam.realtime.commands import optimize
from stylecam.realtime.commands.optimize import optimize_command
from stylecam.realtime.pictures.contact_sheet import TITLE
from stylecam.realtime.video.libraries import av, cv2

from ...commands import invoke


def _run(*args):
    return invoke(optimize_command, *args)


@pytest.fixture
def arguments(painting_file, content_folder, vgg_file, tmp_path):
    layers = ("--content-layer", "relu2_1", "--style-layers", "relu1_1,relu2_1", "--vgg", 16)
    photo = content_folder / "photo0.png"
    size = ("--size", 32, "--style-size", 64, "--iterations", 4, "--device", "cpu")
    return (photo, painting_file, "-o", tmp_path / "out.png", "--vgg-weights", vgg_file, *layers, *size)


def test_a_picture_and_everything_beside_it(arguments, tmp_path):
    beside = ("--save-every", 2, "--plot", tmp_path / "loss.png", "--video", tmp_path / "way.mp4", "--json")
    code, out, err = _run(*arguments, *beside)
    assert code == 0
    assert cv2.imread(str(tmp_path / "out.png")).shape == (32, 48, 3)
    # The last one saved on the way is the picture.
    assert (tmp_path / "out-000004.png").read_bytes() == (tmp_path / "out.png").read_bytes()
    assert (tmp_path / "out-000002.png").exists()
    assert cv2.imread(str(tmp_path / "loss.png")).shape[2] == 3
    with av.open(str(tmp_path / "way.mp4")) as video:
        assert sum(1 for _ in video.decode(video=0)) == 5
    (run,) = json.loads(out)["runs"]
    assert (run["method"], run["iterations"], run["settings"]["vgg"]) == ("gatys", 4, 16)
    assert run["end"]["objective"] < run["start"]["objective"]
    assert "iteration 4/4: objective" in err
    assert not list(tmp_path.glob(".*"))


def test_the_demo_scene_needs_no_photo(arguments, tmp_path):
    code, _, _ = _run("demo", *arguments[1:])
    assert code == 0
    assert cv2.imread(str(tmp_path / "out.png")).shape == (32, 43, 3)


def test_a_gif_and_a_jpeg(arguments, tmp_path):
    _run(*arguments, "-o", tmp_path / "out.jpg", "--video", tmp_path / "way.gif")
    assert cv2.imread(str(tmp_path / "out.jpg")).shape == (32, 48, 3)
    with Image.open(tmp_path / "way.gif") as animation:
        assert animation.n_frames == 5


def test_a_gif_ends_with_the_picture(arguments, tmp_path, monkeypatch):
    monkeypatch.setattr("stylecam.realtime.commands.optimize_output.GIF_FRAMES", 2)
    _run(*arguments, "--iterations", 5, "--gif", tmp_path / "way.gif")  # every third: 0 and 3
    with Image.open(tmp_path / "way.gif") as animation:
        assert animation.n_frames == 3
        animation.seek(2)
        last = np.asarray(animation.convert("RGB")).astype(int)
    painted = cv2.imread(str(tmp_path / "out.png"))[..., ::-1].astype(int)
    assert np.abs(last - painted).mean() < 8  # a GIF has 256 colours


def test_no_two_files_of_one_name_and_no_original_replaced_on_the_way(arguments, tmp_path):
    with pytest.raises(OptionsError, match="is given for two files"):
        _run(*arguments, "--plot", tmp_path / "out.png")
    photo = tmp_path / "out-000002.png"
    photo.write_bytes(arguments[0].read_bytes())
    with pytest.raises(OptionsError, match="would be overwritten"):
        _run(photo, *arguments[1:], "--save-every", 2)
    assert photo.read_bytes() == arguments[0].read_bytes()


def test_weights_of_the_other_vgg_say_what_to_do(arguments):
    with pytest.raises(VGGWeightsError, match="VGG-16's, not VGG-19's: give --vgg 16"):
        _run(*arguments, "--vgg", 19)


def test_the_seed_decides_the_picture(arguments, tmp_path):
    pictures = []
    for seed in (1, 1, 2):
        _run(*arguments, "--seed", seed)
        pictures.append((tmp_path / "out.png").read_bytes())
    assert pictures[0] == pictures[1] != pictures[2]


def test_a_sweep_is_one_labelled_sheet(arguments, tmp_path):
    sweeps = ("--sweep", "style-weight=1e1,1e5", "--sweep", "style-layers=relu1_1;relu1_1,relu2_1")
    code, out, _ = _run(*arguments, *sweeps, "--iterations", 1, "--json")
    runs = json.loads(out)["runs"]
    assert code == 0
    assert [run["cell"]["style_weight"] for run in runs] == ["1e1", "1e1", "1e5", "1e5"]
    assert [len(run["settings"]["style_layers"]) for run in runs] == [1, 2, 1, 2]
    sheet = cv2.imread(str(tmp_path / "out.png"))
    assert sheet.shape == (TITLE + 2 * (288 + 3 * 24 + 8) + 8, 2 * (384 + 8) + 8, 3)
    _, out, _ = _run(*arguments, "--sweep", "method=gatys,keras", "--iterations", 1, "--json")
    assert [run["method"] for run in json.loads(out)["runs"]] == ["gatys", "keras"]


def test_changes_are_one_sheet(arguments, tmp_path):
    sheet = tmp_path / "out.svg"
    given = ("--change", "init=content", "--change", "style-layers=relu1_1,relu2_1 gram-shift=-1", "--iterations", 1)
    code, out, _ = _run(*arguments, *given, "-o", sheet, "--json")
    settings = [run["settings"] for run in json.loads(out)["runs"]]
    assert code == 0
    assert [(s["init"], s["gram_shift"]) for s in settings] == [("noise", 0), ("content", 0), ("content", -1)]
    for part in ("as it is", "and init=content", "photo0.png painted as painting.png, method gatys"):
        assert part in sheet.read_text("utf-8")
    layers = ",".join(f"relu{block}_{number}:0.25" for block in (1, 2) for number in (1, 2))
    _run(*arguments, "-o", sheet, "--iterations", 1, "--change", f"style-layers={layers}")
    for line in ("and style-layers=relu1_1:0.25,", "relu1_2:0.25, relu2_1:0.25, relu2_2:0.25"):
        assert f">{line}<" in sheet.read_text("utf-8")
    with pytest.raises(OptionsError, match="give only one"):
        _run(*arguments, *given, "--sweep", "init=noise,content")


def test_the_losses_as_a_table_and_as_a_plot_of_words(arguments, tmp_path):
    table, plot = tmp_path / "loss.csv", tmp_path / "loss.svg"
    given = ("--csv", table, "--plot", plot, "--tv-weight", 0.001, "--style-weight", 300)
    end = json.loads(_run(*arguments, *given, "--json")[1])["runs"][0]["end"]
    lines = table.read_text("utf-8").splitlines()
    rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(lines)]
    assert [row["iteration"] for row in rows] == [0, 1, 2, 3, 4]
    for row in rows:
        assert row["objective"] == pytest.approx(row["content"] + row["style"] + row["tv"], rel=1e-6)
    assert rows[-1] == pytest.approx({"iteration": 4, **end}, rel=1e-6)
    for part in ("1 x content", "300 x style", "0.001 x tv", "total", "iteration", "weighted loss (no unit)"):
        assert f">{part}<" in plot.read_text("utf-8")
    assert "photo0.png painted as painting.png, method gatys" in plot.read_text("utf-8")


def test_the_content_alone_needs_no_painting(arguments, tmp_path):
    photo, painting, *rest = arguments
    given = ("--style-weight", 0, "--content-layer", "relu1_1", "--iterations", 30)
    _run(photo, *rest, *given)
    rebuilt = cv2.imread(str(tmp_path / "out.png")).astype(float)
    original = cv2.resize(cv2.imread(str(photo)), rebuilt.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(rebuilt - original).mean() < 15  # where noise is 70 away
    alone = (tmp_path / "out.png").read_bytes()
    _run(photo, painting, *rest, *given)
    assert (tmp_path / "out.png").read_bytes() == alone
    for more in ((), ("--style-weight", 0, "--init", "painting"), ("--sweep", "style-weight=0,1")):
        with pytest.raises(OptionsError, match="give a PAINTING"):
            _run(photo, *rest, *more)


def test_of_the_style_alone_the_photo_decides_only_the_size(arguments, content_folder, tmp_path):
    photo, painting, *rest = arguments
    other = tmp_path / "other.png"
    cv2.imwrite(str(other), 255 - cv2.imread(str(photo)))
    pictures = []
    for content in (photo, other):
        _run(content, painting, *rest, "--content-weight", 0)
        pictures.append((tmp_path / "out.png").read_bytes())
    assert pictures[0] == pictures[1]
    out = _run(*arguments, "--content-weight", 0, "--json")[1]
    assert json.loads(out)["runs"][0]["end"]["content"] == 0


def test_smoothness_alone(arguments):
    out = _run(*arguments, "--content-weight", 0, "--style-weight", 0, "--tv-weight", 1, "--json")[1]
    (run,) = json.loads(out)["runs"]
    assert run["end"]["tv"] < run["start"]["tv"]


@pytest.mark.parametrize("sweep", [False, True])
def test_interrupting_leaves_the_picture_of_that_moment(arguments, tmp_path, monkeypatch, sweep):
    class Asked(optimize.Interrupts):
        """Ctrl-C as soon as it is graceful."""

        @property
        def graceful(self):
            return self.asked

        @graceful.setter
        def graceful(self, value):
            self.asked = value

    monkeypatch.setattr(optimize, "Interrupts", Asked)
    more = (
        ("--sweep", "init=noise,content") if sweep else ("--video", tmp_path / "way.mp4", "--plot", tmp_path / "l.png")
    )
    code, out, err = _run(*arguments, *more, "--json")
    assert code == 130
    assert "stopped, saved" in err
    assert cv2.imread(str(tmp_path / "out.png")) is not None
    assert len(json.loads(out)["runs"]) == 1
    assert json.loads(out)["runs"][0]["iterations"] <= 1
    assert sweep or ((tmp_path / "way.mp4").exists() and (tmp_path / "l.png").exists())


def test_mistakes_are_errors_of_ours(arguments, tmp_path, vgg_file):
    for wrong, error, match in (
        (("--style-layers", "relu9_1"), OptionsError, "no layer 'relu9_1'"),
        (("--method", "magic"), OptionsError, "no method 'magic'"),
        (("--content-layer", "relu5_1", "--size", 16, "--sweep", "colour=1,2"), OptionsError, "no setting colour"),
        (("--content-layer", "pool5", "--size", 20), OptionsError, "too small for the layer pool5"),
        (("-o", tmp_path / "out.bmp"), OptionsError, "out.bmp must end in .png"),
        (("-o", tmp_path / "none" / "out.png"), RecordError, "there is no folder"),
        (("--plot", tmp_path / "loss.eps"), OptionsError, "loss.eps must end in .png or .svg or .pdf"),
        (("--csv", tmp_path / "loss.txt"), OptionsError, "loss.txt must end in .csv"),
        (
            ("--sweep", "init=noise", "-o", tmp_path / "out.jpg"),
            OptionsError,
            "must end in .png or .svg or .pdf",
        ),
        (("--video", tmp_path / "way.avi"), OptionsError, "way.avi must end in .mp4 or .gif"),
        (("--sweep", "init=noise", "--plot", tmp_path / "l.png"), OptionsError, "a sheet is the only output"),
        (("--vgg", 19), VGGWeightsError, "VGG-16's, not VGG-19's|another network"),
    ):
        with pytest.raises(error, match=match):
            _run(*arguments, *wrong)
    notes = tmp_path / "notes.txt"
    notes.write_text("no picture")
    with pytest.raises(PictureError, match=r"notes\.txt cannot be decoded"):
        _run(notes, *arguments[1:])
    assert not (tmp_path / "out.png").exists()
    assert not list(tmp_path.glob(".*"))


def test_the_originals_are_never_written_over(arguments, tmp_path, content_folder):
    photo = content_folder / "photo0.png"
    before = photo.read_bytes()
    (tmp_path / "link.png").symlink_to(photo)
    for place in ((3, photo), (3, tmp_path / "link.png")):
        given = list(arguments)
        given[place[0]] = place[1]
        with pytest.raises(OptionsError, match="would be overwritten"):
            _run(*given)
    with pytest.raises(OptionsError, match="would be overwritten"):
        _run(*arguments, "--plot", photo)
    assert photo.read_bytes() == before


def test_help_shows_an_example():
    assert "realtime optimize photo.jpg" in _run("--help")[1]
