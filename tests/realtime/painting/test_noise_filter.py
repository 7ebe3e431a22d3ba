"""NoiseFilter: what rests loses its noise, what moves is passed on, and nothing leaves a trail."""

import time

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from stylecam.realtime.live.loop import LiveOptions, run_live
from stylecam.realtime.painting.noise_filter import NoiseFilter
from stylecam.realtime.painting.painter import PaintLines
from stylecam.realtime.video.frame import Frame
from stylecam.realtime.video.libraries import cv2

from ...live_session import FakeWindow, ScriptedSource

HEIGHT, WIDTH = 240, 320


def scene(seed=5, size=(WIDTH, HEIGHT)):
    """Detail of all sizes, float32, within 25..230 so that noise is not cut off."""
    random = np.random.default_rng(seed)
    layers = [cv2.resize(random.uniform(-1, 1, (n, n, 3)).astype(np.float32), size) for n in (4, 16, 64)]
    return (127.5 + 34 * sum(layers)).astype(np.float32)


def noisy(picture, sigma, random):
    return np.clip(np.rint(picture + random.normal(0, sigma, picture.shape)), 0, 255).astype(np.uint8)


def error(frame, picture):
    return float(np.abs(frame - picture).mean())


def played(clean, sigma, count, taken=lambda frame, step: frame, seed=1):
    """What the filter makes of `count` frames of `clean(step)`: lists of (filtered, frame, clean) as float."""
    random, quiet, film = np.random.default_rng(seed), NoiseFilter(), []
    for step in range(count):
        picture = clean(step)
        frame = taken(noisy(picture, sigma, random), step)
        film.append((quiet(frame).astype(float), frame.astype(float), np.clip(picture, 0, 255)))
    return film


def relative(film, where=np.s_[:]):
    """The filter's mean error over that of the frames: 1 does nothing, less takes noise away, more smears."""
    return np.mean([error(o[where], c[where]) for o, _, c in film]) / np.mean(
        [error(f[where], c[where]) for _, f, c in film]
    )


def jpeg(frame, step):
    return cv2.imdecode(cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 85])[1], cv2.IMREAD_COLOR)


@pytest.mark.parametrize("sigma", [1, 2, 4, 8, 12])
def test_what_rests_has_a_fraction_of_its_noise_and_stays_where_it_was(sigma):
    film = played(lambda step: scene(), sigma, 30)
    assert relative(film[-5:]) < 0.45
    assert error(film[-1][0], film[-2][0]) < 0.25 * error(film[-1][1], film[-2][1])
    assert abs(float((film[-1][0] - film[-1][2]).mean())) < 0.1


@pytest.mark.parametrize("sigma", [2, 4])
def test_a_webcam_s_jpeg_rests_too(sigma):
    film = played(lambda step: scene(), sigma, 40, jpeg)
    assert error(film[-1][0], film[-2][0]) < 0.6 * error(film[-1][1], film[-2][1])


def test_a_frame_without_noise_stays_as_it_is():
    quiet, frame = NoiseFilter(), scene().astype(np.uint8)
    for _ in range(5):
        assert_array_equal(quiet(frame), frame)


def black_at_first(frame, step):
    return frame if step > 1 else frame * 0


def hand_over_the_lens(frame, step):
    return frame * 0 if 20 <= step < 25 else frame


def each_frame_twice():
    kept = []

    def taken(frame, step):
        if step % 2 == 0:
            kept.append(frame)
        return kept[-1]

    return taken


@pytest.mark.parametrize("oddity", [black_at_first, hand_over_the_lens, each_frame_twice()])
def test_frames_without_noise_among_others_do_not_end_it(oddity):
    film = played(lambda step: scene(), 3, 60, oddity)
    assert relative(film[-4:]) < 0.5


def test_black_bars_are_not_the_noise_of_what_is_between_them():
    def barred(frame, step):
        frame[:80] = 0
        return frame

    film = played(lambda step: scene(), 3, 40, barred)
    assert relative(film[-4:], np.s_[80:]) < 0.4


def test_what_moves_is_passed_on_as_it_is():
    size = (315, 237)  # whose sides are no multiples of the blocks'
    ground, thing = scene(size=size), scene(6, (48, 48))

    def clean(step):
        picture = ground.copy()
        picture[10 + step : 58 + step, 4 + 4 * step : 52 + 4 * step] = thing
        return picture

    filtered, frame, picture = played(clean, 2, 44)[-1]
    inside, left_behind = np.s_[61:93, 184:216], np.s_[30:80, 40:160]
    assert_array_equal(filtered[inside], frame[inside])
    assert error(filtered[left_behind], picture[left_behind]) < 0.6 * error(frame[left_behind], picture[left_behind])


@pytest.mark.parametrize(("contrast", "sigma"), [(8, 4), (4, 2)])
def test_what_is_hardly_more_than_noise_leaves_no_trail(contrast, sigma):
    def clean(step):
        picture = np.full((HEIGHT, WIDTH, 3), 120, np.float32)
        picture[80:144, 4 * step : 4 * step + 64] += contrast
        return picture

    filtered, _, picture = played(clean, sigma, 44)[-1]
    for where in (np.s_[88:136, 172 + 8 : 172 + 56], np.s_[88:136, 130:168]):
        assert abs(float((filtered - picture)[where].mean())) < 0.1 * contrast


@pytest.mark.parametrize("first", [40, 41])
def test_a_thin_line_leaves_no_ghosts(first):
    def clean(step):
        picture = np.full((HEIGHT, WIDTH, 3), 100, np.float32)
        picture[first + 2 * step] += 100
        return picture

    filtered, _, picture = played(clean, 1, 30)[-1]
    assert np.abs((filtered - picture).mean((1, 2))).max() < 2


@pytest.mark.parametrize(
    ("speed", "sigma", "blur"), [(2, 2, 0), (2, 3, 0), (1, 2, 0), (1, 3, 0), (0.5, 2, 0), (1, 2, 2)]
)
def test_a_pan_is_not_taken_for_noise(speed, sigma, blur):
    wide = scene(7, (WIDTH + 160, HEIGHT))
    wide = cv2.GaussianBlur(wide, (0, 0), blur) if blur else wide

    def clean(step):
        moved = np.float32([[1, 0, -speed * max(0, step - 20)], [0, 1, 0]])
        return cv2.warpAffine(wide, moved, (WIDTH, HEIGHT))

    film = played(clean, sigma, 80)[-15:]
    assert relative(film) < 1.12
    left, raw = (np.quantile([np.abs(each[n] - each[2]) for each in film], 0.999) for n in (0, 1))
    assert left < 1.2 * raw


def test_noise_that_grows_is_followed():
    random, quiet, picture = np.random.default_rng(9), NoiseFilter(), scene()
    for step in range(150):  # as a camera that turns its gain up
        frame = noisy(picture, 1 + 0.04 * step, random)
        filtered = quiet(frame)
    assert error(filtered, picture) < 0.45 * error(frame, picture)


def test_noise_that_jumps_is_followed_within_a_hundred_frames():
    random, quiet, picture = np.random.default_rng(10), NoiseFilter(), scene()
    for step in range(160):
        frame = noisy(picture, 2 if step < 60 else 6, random)
        filtered = quiet(frame)
    assert error(filtered, picture) < 0.45 * error(frame, picture)


def test_light_that_is_switched_on_is_there_at_once():
    random, quiet, picture = np.random.default_rng(3), NoiseFilter(), scene()
    for _ in range(20):
        quiet(noisy(picture, 2, random))
    frame = noisy(picture + 20, 2, random)
    assert_array_equal(quiet(frame), frame)


def test_light_that_changes_slowly_is_followed():
    random, quiet, picture = np.random.default_rng(4), NoiseFilter(), scene()
    for step in range(60):
        clean = picture + 0.4 * step
        filtered = quiet(noisy(clean, 2, random))
    assert abs(float((filtered - clean).mean())) < 4


def test_the_camera_s_frame_is_left_alone_and_may_be_used_again():
    quiet, buffer, picture = NoiseFilter(), np.empty((HEIGHT, WIDTH, 3), np.uint8), scene()
    random = np.random.default_rng(5)
    for _ in range(12):
        buffer[:] = noisy(picture, 3, random)
        given = buffer.copy()
        filtered = quiet(buffer)
        assert_array_equal(buffer, given)
    assert error(filtered, picture) < 0.5 * error(buffer, picture)


@pytest.mark.parametrize("size", [(WIDTH, 120), (33, 35), (7, 5), (1, 1)])
def test_a_frame_of_another_size_begins_anew(size):
    quiet, random = NoiseFilter(), np.random.default_rng(6)
    quiet(scene().astype(np.uint8))
    picture = scene(8, size)
    frame = noisy(picture, 2, random)
    assert_array_equal(quiet(frame), frame)
    assert quiet(frame).shape == frame.shape


@pytest.mark.parametrize("denoise", [False, True])
@pytest.mark.parametrize("paint_lines", [None, 120])
def test_the_live_loop_paints_what_the_filter_leaves(styles, denoise, paint_lines):
    random, picture, window = np.random.default_rng(7), scene(), FakeWindow({1: ["h"]})
    source = ScriptedSource([], live=True)
    source.read = lambda timeout: Frame(noisy(picture, 3, random), 0, time.monotonic())
    source.size = WIDTH, HEIGHT

    run_live(source, styles, [window], LiveOptions(denoise=denoise, frames=20, lines=PaintLines(exactly=paint_lines)))
    flicker = error(window.pictures[-1].astype(float), window.pictures[-2])  # `negative` keeps every difference
    assert (flicker < 0.8) is denoise
