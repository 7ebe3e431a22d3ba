"""Which files a conversion makes, and the sheet that it makes of them."""

import json

import numpy as np
import pytest

from stylecam.models.errors import OptionsError, RecordError, SourceError
from stylecam.realtime.cli import main
from stylecam.realtime.convert.jobs import plan_jobs
from stylecam.realtime.video.libraries import cv2

from ...films import write_film


@pytest.fixture
def same(style_folder):
    return ["--style", str(style_folder / "same-fast.onnx")]


def test_jobs_mirror_folders(tmp_path):
    for name in ("a/one.jpg", "a/b/two.PNG", "a/b/film.avi", "a/notes.txt", "a/.hidden.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    plan = plan_jobs([str(tmp_path / "a")], str(tmp_path / "out"), ["s"])
    made = [str(job.targets[0].relative_to(tmp_path / "out")) for job in plan.jobs]
    assert made == ["one.jpg", "b/film.mp4", "b/two.PNG"]
    assert plan.others == (tmp_path / "a" / "notes.txt",)
    jobs = plan_jobs([str(tmp_path / "a" / "**" / "*.*[gG]")], str(tmp_path / "out"), ["x", "y"]).jobs
    assert [[t.name for t in job.targets] for job in jobs] == [["two-x.PNG", "two-y.PNG"], ["one-x.jpg", "one-y.jpg"]]
    with pytest.raises(SourceError, match="pattern"):
        plan_jobs([str(tmp_path / "*.gif")], str(tmp_path / "out"), ["s"])
    (tmp_path / "a" / "b" / "film.mp4").touch()
    twice = [str(tmp_path / "a" / "b"), str(tmp_path / "a" / "b" / "film.mp4")]
    assert [job.targets[0].name for job in plan_jobs(twice, str(tmp_path / "out"), ["s"]).jobs] == [
        "film.mp4",
        "film.mp4.mp4",
        "two.PNG",
    ]
    (tmp_path / "a" / "done").mkdir()
    (tmp_path / "a" / "done" / "one.jpg").touch()
    again = plan_jobs([str(tmp_path / "a")], str(tmp_path / "a" / "done"), ["s"], resume=True)
    assert (again.finished, len(again.jobs)) == (1, 3)  # what it made before is no input
    (tmp_path / "out" / "one.jpg").mkdir(parents=True)
    with pytest.raises(OptionsError, match="is a folder"):
        plan_jobs([str(tmp_path / "a" / "one.jpg")], str(tmp_path / "out"), ["s"])


def test_the_output_is_a_folder_unless_it_is_called_as_a_picture_or_video(tmp_path):
    for n in range(3):
        (tmp_path / f"{n}.mp4").touch()
    several = [str(tmp_path / f"{n}.mp4") for n in range(3)]
    for inputs in (several, several[:1], [str(tmp_path / "*.mp4")], [str(tmp_path / "0*.mp4")]):
        for output in ("out", "out.v2", "out.mp4/"):
            jobs = plan_jobs(inputs, f"{tmp_path}/{output}", ["s"]).jobs
            assert jobs[0].targets == (tmp_path / output / "0.mp4",)
    for inputs in (several[:1], [str(tmp_path / "0*.mp4")]):
        assert plan_jobs(inputs, f"{tmp_path}/out.mkv", ["s"]).jobs[0].targets == (tmp_path / "out.mkv",)
    with pytest.raises(OptionsError, match=r"out.mkv names one file, but 3 files will be written: give a folder"):
        plan_jobs(several, f"{tmp_path}/out.mkv", ["s"])
    (tmp_path / "notes").touch()
    with pytest.raises(OptionsError, match="must end in"):
        plan_jobs(several[:1], f"{tmp_path}/notes", ["s"])


def test_a_wrong_style_is_said_before_anything_about_outputs(tmp_path, capsys):
    source = write_film(tmp_path / "in.mp4", [0, 512])
    (tmp_path / "out.mp4").touch()
    for output in (tmp_path / "out.mp4", tmp_path / "out.avi", tmp_path / "new" / "out.mp4"):
        assert main(["convert", str(source), "-o", str(output), "--style", "hokusay"]) == 5
        assert "did you mean 'hokusai'" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "out.mp4"]


def test_every_file_of_one_name_has_a_result_of_its_own(tmp_path):
    sources = [tmp_path / folder / "photo.jpg" for folder in "abcd"]
    for source in sources:
        source.parent.mkdir()
        source.touch()
    for styles in (["s"], ["x", "y"]):
        jobs = plan_jobs([str(source) for source in sources], str(tmp_path / "out"), styles).jobs
        made = [target.name for job in jobs for target in job.targets]
        assert len(set(made)) == len(made) == 4 * len(styles)
    assert made[0] == "photo-x.jpg"


def test_links_that_lead_nowhere_are_no_files(tmp_path):
    (tmp_path / "a.jpg").touch()
    (tmp_path / "b.jpg").symlink_to(tmp_path / "nowhere.jpg")
    plan = plan_jobs([str(tmp_path)], str(tmp_path / "out"), ["s"])
    assert [job.source.name for job in plan.jobs] == ["a.jpg"]


def test_a_sheet_of_a_film_whose_sound_is_longer_than_its_picture(tmp_path, same):
    source = write_film(tmp_path / "in.mp4", range(0, 8 * 512, 512), sounds=1)
    command = ["convert", str(source), "-o", str(tmp_path / "out.mp4"), "--sheet", str(tmp_path / "sheet.png")]
    assert main([*command, *same]) == 0
    assert (tmp_path / "sheet.png").exists()


def test_a_sheet_that_fails_does_not_cost_the_report(tmp_path, same, capsys, monkeypatch):
    def fail(*args):
        raise RecordError("no sheet today")

    monkeypatch.setattr("stylecam.realtime.commands.convert_sheet.write_sheet", fail)
    source = write_film(tmp_path / "in.mp4")
    command = ["convert", str(source), "-o", str(tmp_path / "out.mp4"), "--sheet", str(tmp_path / "s.png"), "--json"]
    assert main([*command, *same]) == 3
    captured = capsys.readouterr()
    report = json.loads(captured.out)
    assert (report["exit_code"], report["files"][0]["exit_code"], report["files"][0]["frames"]) == (3, 0, 20)
    assert "no sheet today" in captured.err


def test_a_sheet_replaces_nothing(tmp_path, same, capsys):
    source = write_film(tmp_path / "in.mp4", [0, 512])
    original = source.read_bytes()
    source = source.rename(tmp_path / "in.png")  # a name that a sheet may have
    out, sheet = str(tmp_path / "out.mp4"), tmp_path / "sheet.png"
    sheet.write_bytes(b"precious")
    for path in (source, sheet):
        assert main(["convert", str(source), "-o", out, "--sheet", str(path), *same]) == 2
        assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    assert (source.read_bytes(), sheet.read_bytes()) == (original, b"precious")


@pytest.mark.parametrize(
    "hidden", ["._one.jpg", ".DS_Store", "__MACOSX/one.jpg", "__MACOSX/._one.jpg", "a/@eaDir/two.jpg"]
)
def test_hidden_files_are_nobodys(tmp_path, hidden):
    for name in ("one.jpg", "a/two.jpg", hidden):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).touch()
    for given in (tmp_path / "in", tmp_path / "in" / "**" / "*.jpg"):
        plan = plan_jobs([str(given)], str(tmp_path / "out"), ["s"])
        found = [str(job.source.relative_to(tmp_path / "in")) for job in plan.jobs]
        assert (sorted(found), plan.others) == (["a/two.jpg", "one.jpg"], ())
    (tmp_path / ".photos").mkdir()
    (tmp_path / ".photos" / "three.jpg").touch()
    for given in (tmp_path / ".photos", tmp_path / ".photos" / "*.jpg", tmp_path / ".photos" / "three.jpg"):
        assert len(plan_jobs([str(given)], f"{tmp_path / 'out'}/", ["s"]).jobs) == 1  # it was asked for


LONG = ["\u590f" * 81 + "a", "\u00e9" * 125, "x" * 251]


@pytest.mark.parametrize("name", LONG)
def test_names_up_to_the_file_systems_limit(tmp_path, same, name):
    source = write_film(tmp_path / "in.mp4", [0, 512]).rename(tmp_path / f"{name}.mp4")
    arguments = ["convert", str(source), "-o", f"{tmp_path / 'out'}/", *same]
    (tmp_path / "out").mkdir()
    assert main([*arguments, "--resume"]) == 0
    assert main([*arguments, "--overwrite"]) == 0
    record = tmp_path / "out" / f"{name[:-1]}y.mp4"
    assert main(["--camera", str(source), "--no-window", "--record", str(record), *same]) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted([source.name, record.name])
    write_film(tmp_path / "picture.mp4", [0])
    photo = tmp_path / f"{name}.png"
    cv2.imwrite(str(tmp_path / "short.png"), np.full((40, 40, 3), 9, np.uint8))
    (tmp_path / "short.png").rename(photo)
    assert main(["convert", str(photo), "-o", f"{tmp_path / 'out'}/", *same]) == 0
    assert (tmp_path / "out" / photo.name).is_file()


def test_a_name_that_is_too_long_is_said_before_any_work(tmp_path, same, capsys):
    source = str(write_film(tmp_path / "in.mp4", [0, 512]))
    target = str(tmp_path / f"{'x' * 252}.mp4")
    for command in (["convert", source, "-o", target], ["--camera", source, "--no-window", "--record", target]):
        assert main([*command, *same]) == 2
        said = capsys.readouterr().err
        assert (said.count("\n"), "has 256 bytes, too long for a file: shorten it" in said) == (1, True)
