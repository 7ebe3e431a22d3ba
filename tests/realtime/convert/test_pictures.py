"""`realtime convert` on pictures, folders and pipes; what is kept inside a picture is tested with `repaint_picture`."""

import io
import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from stylecam.realtime.cli import main
from stylecam.realtime.video.libraries import av, cv2

from ...films import pictures, write_film


@pytest.fixture
def negative(style_folder):
    return str(style_folder / "negative-fast.onnx")


def photo(path, seed=0, size=(60, 40)):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), np.uint8)
    cv2.imwrite(str(path), picture)
    return picture


def test_one_picture(tmp_path, negative, capsys):
    original = photo(tmp_path / "in.png")
    out = tmp_path / "out.png"
    assert main(["convert", str(tmp_path / "in.png"), "-o", str(out), "--style", negative, "--json"]) == 0
    assert np.array_equal(cv2.imread(str(out)), 255 - original)
    assert json.loads(capsys.readouterr().out)["files"][0]["outputs"] == [str(out)]
    assert main(["convert", str(tmp_path / "in.png"), "-o", str(out), "--style", negative]) == 2
    half = tmp_path / "half.png"
    assert main(["convert", str(tmp_path / "in.png"), "-o", str(half), "--style", negative, "--split"]) == 0
    left = cv2.imread(str(half))[:, :29]
    assert np.array_equal(left, original[:, :29])
    jpeg = tmp_path / "small.jpg"
    arguments = ["convert", str(tmp_path / "in.png"), "-o", str(jpeg), "--style", negative, "--size", "48x32"]
    assert main([*arguments, "--quality", "80", "--strength", "0.5", "--preserve-color"]) == 0
    assert cv2.imread(str(jpeg)).shape == (32, 48, 3)


def test_folders_are_mirrored_and_one_bad_file_stops_nothing(tmp_path, negative, capsys):
    for n, name in enumerate(("a.png", "deep/er/b.jpg", "deep/c.webp")):
        photo(tmp_path / "in" / name, n)
    write_film(tmp_path / "in" / "deep" / "film.avi", codec="mpeg4")
    (tmp_path / "in" / "notes.txt").write_text("no picture")
    (tmp_path / "in" / "bad.png").write_bytes(b"no picture")
    code = main(["convert", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--style", negative])
    said = capsys.readouterr().err
    made = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.*"))
    assert made == ["a.png", "deep/c.webp", "deep/er/b.jpg", "deep/film.mp4"]
    assert code == 3
    for words in (
        "bad.png is not a supported picture",
        f"skipped {tmp_path / 'in' / 'notes.txt'}",
        "4 of 5 files converted",
    ):
        assert words in said
    assert len(pictures(tmp_path / "out" / "deep" / "film.mp4")) == 20


def test_what_is_skipped_is_named_and_counts(tmp_path, negative, capsys):
    photo(tmp_path / "in" / "a.png")
    (tmp_path / "in" / "notes.txt").write_text("no picture")
    for given, out in ((tmp_path / "in", "out"), (tmp_path / "in" / "*", "other")):
        assert main(["convert", str(given), "-o", str(tmp_path / out), "--style", negative, "--json"]) == 3
        told = capsys.readouterr()
        assert f"skipped {tmp_path / 'in' / 'notes.txt'}: it is neither a picture nor a video" in told.err
        report = json.loads(told.out)
        assert [file["exit_code"] for file in report["files"]] == [1, 0]
    (tmp_path / "in" / "a.png").write_bytes(b"no picture")
    (tmp_path / "in" / "b.mp4").write_bytes(b"no film")
    assert main(["convert", str(tmp_path / "in"), "-o", str(tmp_path / "nothing"), "--style", negative]) == 1
    assert "0 of 2 files converted" in capsys.readouterr().err


def test_only_bad_files(tmp_path, negative, capsys):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    assert main(["convert", str(tmp_path / "bad.png"), "-o", str(tmp_path / "out.png"), "--style", negative]) == 1
    assert "bad.png is not a supported picture" in capsys.readouterr().err
    assert not (tmp_path / "out.png").exists()


def test_through_pipes(tmp_path, negative):
    original = photo(tmp_path / "in.png")
    film = write_film(tmp_path / "film.mkv", [0, 512, 1024], sounds=1)
    command = [sys.executable, "-m", "stylecam.realtime.cli", "convert", "-", "-o", "-", "--style", negative]
    for source in (tmp_path / "in.png", film):
        with source.open("rb") as file:
            done = subprocess.run(command, stdin=file, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        if source == film:
            with av.open(io.BytesIO(done.stdout)) as container:
                assert len(list(container.decode(video=0))) == 3
        else:
            painted = np.asarray(Image.open(io.BytesIO(done.stdout)))[..., ::-1]
            assert np.array_equal(painted, 255 - original)
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (4, b"")
    assert b"standard input is empty" in done.stderr
