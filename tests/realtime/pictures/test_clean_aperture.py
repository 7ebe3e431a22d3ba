"""The part of an AVIF picture that is meant to be seen is what is painted."""

import numpy as np
import pytest
from PIL import Image

from stylecam.realtime.pictures.clean_aperture import clean_aperture

from ...apertures import with_aperture
from ...films import pictures
from ...pictures import file, inverted, opened, repaint, rgb, smooth
from ...source_frames import read_frames

SIZE = 120, 88
BOXES = [(40, 8, 104, 56), (0, 0, 64, 88), (56, 40, 120, 88), (3, 5, 52, 40)]


def _avif(picture, **options):
    return file(Image.fromarray(picture), "AVIF", quality=95, subsampling="4:4:4", **options)


def _seen(box):
    left, top, right, bottom = box
    return smooth(*SIZE)[top:bottom, left:right].astype(int)


@pytest.mark.parametrize("box", BOXES)
def test_what_lies_around_it_is_cut_off(convert, tmp_path, source_of, box):
    source, expected = tmp_path / "in.avif", _seen(box)
    source.write_bytes(with_aperture(_avif(smooth(*SIZE)), SIZE, box))
    assert opened(source.read_bytes()).size == SIZE  # it is not Pillow that cuts
    with source_of(source) as live:
        assert live.size == (box[2] - box[0], box[3] - box[1])
        assert np.abs(read_frames(live, 1)[0].image[..., ::-1] - expected).mean() < 4
    for suffix in (".jpg", ".png", ".avif"):
        target = tmp_path / f"out{suffix}"
        assert convert(source, target, style="negative")[0] == 0
        made = rgb(target.read_bytes())
        assert made.shape == expected.shape
        assert np.abs(made - (255 - expected)).mean() < 5
    assert b"clap" not in (tmp_path / "out.avif").read_bytes()  # nothing is left to be cut off again


@pytest.mark.parametrize("suffix", [".avif", ".heic"])
def test_ffmpeg_cuts_it_off_too(convert, tmp_path, source_of, suffix):
    """A picture that becomes a film, and one that has HEIC's name."""
    box = BOXES[0]
    source = tmp_path / f"in{suffix}"
    source.write_bytes(with_aperture(_avif(smooth(*SIZE)), SIZE, box))
    with source_of(source) as live:
        assert np.abs(read_frames(live, 1)[0].image[..., ::-1] - _seen(box)).mean() < 4
    assert convert(source, tmp_path / "out.mp4")[0] == 0
    ((_, picture),) = pictures(tmp_path / "out.mp4")
    assert picture.shape == _seen(box).shape
    assert np.abs(picture[..., ::-1] - _seen(box)).mean() < 8


def test_transparency_is_cut_with_it():
    left, top, right, bottom = box = BOXES[0]
    alpha = np.zeros(SIZE[::-1], np.uint8)
    alpha[:, 60:] = 255
    data = with_aperture(_avif(np.dstack([smooth(*SIZE), alpha])), SIZE, box)
    made = np.asarray(opened(repaint(data, ".png")))
    assert made.shape == (bottom - top, right - left, 4)
    assert np.abs(made[..., 3].astype(int) - alpha[top:bottom, left:right]).mean() < 4
    assert np.abs(made[:, 24:, :3] - _seen(box)[:, 24:]).mean() < 4


def test_it_is_cut_before_it_is_turned():
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter to the right
    made = rgb(repaint(with_aperture(_avif(smooth(*SIZE), exif=exif), SIZE, BOXES[0]), ".png"))
    assert made.shape[:2] == (64, 48)
    assert np.abs(made - np.rot90(_seen(BOXES[0]), -1)).mean() < 4


def test_each_picture_of_an_animation_is_cut(convert, tmp_path, source_of):
    first, *others = (Image.fromarray(np.roll(smooth(*SIZE), 9 * n, 1)) for n in range(3))
    data = file(first, "AVIF", save_all=True, append_images=others, duration=[100] * 3, quality=95)
    cut = with_aperture(data, SIZE, BOXES[0])
    painted = opened(repaint(cut, ".png", inverted))
    assert (painted.n_frames, painted.size) == (3, (64, 48))
    (tmp_path / "in.avif").write_bytes(cut)
    with source_of(tmp_path / "in.avif") as live:  # by FFmpeg, as a film
        assert [frame.image.shape for frame in read_frames(live, 9)] == [(48, 64, 3)] * 3
    assert convert(tmp_path / "in.avif", tmp_path / "out.mp4")[0] == 0
    assert [picture.shape for _, picture in pictures(tmp_path / "out.mp4")] == [(48, 64, 3)] * 3


def test_what_is_no_aperture_cuts_nothing():
    whole = (0, 0, *SIZE)
    data = _avif(smooth(*SIZE))
    assert clean_aperture(data, SIZE) == whole
    for box in ((-8, 0, 56, 48), (80, 0, 144, 48), (0, 60, 64, 108), (0, 0, 0, 48)):
        assert clean_aperture(with_aperture(data, SIZE, box), SIZE) == whole
    good = with_aperture(data, SIZE, BOXES[0])
    assert clean_aperture(good, SIZE) == BOXES[0]
    place = good.index(b"clap")
    assert clean_aperture(good[: place + 8] + bytes(4) + good[place + 12 :], SIZE) == whole  # of 0 / 1 px
    assert clean_aperture(good[: place + 4] + bytes(32) + good[place + 36 :], SIZE) == whole  # of 0 / 0 px
    for length in range(len(good)):
        assert clean_aperture(good[:length], SIZE) in (whole, BOXES[0])
    assert clean_aperture(b"", SIZE) == whole
