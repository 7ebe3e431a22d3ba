"""Colours through the decoder's and the encoder's side, against the formulas of the standards."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from stylecam.realtime.video.colours import ColourTags, colour_tags, to_bgr, to_yuv, usual_tags
from stylecam.realtime.video.hdr import HLG, PQ, REFERENCE_WHITE, curve, linear_light
from stylecam.realtime.video.libraries import av

# H.273 number: (Kr, Kb), ITU-R BT.709, BT.601 and BT.2020.
WEIGHTS = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}
LIMITED, FULL, UNSPECIFIED = 1, 2, 2


def flat(levels, matrix=UNSPECIFIED, color_range=0, fmt="yuv444p", size=(64, 48), primaries=2, trc=2):
    frame = av.VideoFrame(*size, fmt)
    for plane, level in zip(frame.planes, levels, strict=True):
        kind = np.uint8 if "10" not in fmt and "12" not in fmt else np.uint16
        plane.update(np.full(plane.buffer_size // kind().itemsize, level, kind).tobytes())
    frame.colorspace, frame.color_range, frame.color_primaries, frame.color_trc = matrix, color_range, primaries, trc
    return frame


def expected(levels, matrix, full, bits=8):
    """BGR by the standards' formulas."""
    kr, kb = WEIGHTS[matrix]
    unit, most = 2 ** (bits - 8), 2**bits - 1
    spans = (0, most, most) if full else (16 * unit, 219 * unit, 224 * unit)
    y = (levels[0] - spans[0]) / spans[1]
    u, v = ((level - 128 * unit) / spans[2] for level in levels[1:])
    red, blue = y + 2 * (1 - kr) * v, y + 2 * (1 - kb) * u
    green = (y - kr * red - kb * blue) / (1 - kr - kb)
    return np.clip(np.array([blue, green, red]) * 255, 0, 255)


@pytest.mark.parametrize("matrix", WEIGHTS)
@pytest.mark.parametrize("color_range", [LIMITED, FULL])
@pytest.mark.parametrize("sampling", ["yuv444p", "yuv422p", "yuv420p"])
@pytest.mark.parametrize("bits", [8, 10, 12])
def test_every_matrix_range_and_depth(matrix, color_range, sampling, bits):
    fmt = sampling if bits == 8 else f"{sampling}{bits}le"
    # swscale takes the white of deep full range for 2^bits.
    tolerance = 1.5 if bits > 8 and color_range == FULL else 0.6
    for levels in ((120, 90, 160), (200, 128, 128), (60, 150, 110)):
        deep = [level * 2 ** (bits - 8) for level in levels]
        picture = to_bgr(flat(deep, matrix, color_range, fmt))
        assert np.abs(picture[20, 20] - expected(deep, matrix, color_range == FULL, bits)).max() <= tolerance
        assert np.ptp(picture.astype(int), axis=(0, 1)).max() <= 1


def test_untagged_video_is_what_players_assume():
    levels = (120, 90, 160)
    for height, matrix in ((576, 6), (720, 1)):
        frame = flat(levels, size=(64, height))
        assert np.abs(to_bgr(frame)[9, 9] - expected(levels, matrix, False)).max() <= 1.1
        assert colour_tags(frame) == ColourTags(matrix, matrix, matrix)


@pytest.mark.parametrize("matrix", [*WEIGHTS, 7, 4])
def test_what_is_encoded_is_what_is_seen(matrix):
    y, x = np.mgrid[:64, :96]
    picture = np.stack([60 + x, 200 - y - x // 2, 40 + 2 * y], axis=-1).astype(np.uint8)
    frame = to_yuv(picture, ColourTags(matrix, 1, 1), "yuv444p")
    assert (frame.colorspace, frame.color_range, frame.color_primaries, frame.color_trc) == (matrix, LIMITED, 1, 1)
    assert np.abs(to_bgr(frame).astype(int) - picture).max() <= 3
    if matrix in WEIGHTS:
        flat_picture = to_yuv(np.full((32, 32, 3), (60, 120, 200), np.uint8), ColourTags(matrix, 1, 1), "yuv444p")
        levels = [np.frombuffer(plane, np.uint8)[40] for plane in flat_picture.planes]
        assert np.abs(expected([int(level) for level in levels], matrix, False) - (60, 120, 200)).max() <= 2


@pytest.mark.parametrize("fmt", ["yuv420p", "yuv444p", "nv12"])
def test_grey_stays_grey(fmt):
    for level in (0, 45, 110, 210, 255):
        picture = np.full((64, 96, 3), level, np.uint8)
        found = to_bgr(to_yuv(picture, usual_tags(64), fmt)).astype(int)
        assert np.abs(found - level).max() <= 2
        assert np.ptp(found, axis=-1).max() == 0


@pytest.mark.parametrize("fmt", ["yuv420p", "yuv422p", "yuv444p"])
def test_a_round_trip_makes_nothing_darker(fmt):
    y, x = np.mgrid[:64, :96]
    picture = np.stack([60 + x, 200 - y - x // 2, 40 + 2 * y], axis=-1).astype(np.uint8)
    change = to_bgr(to_yuv(picture, usual_tags(64), fmt)).astype(int) - picture
    assert np.abs(change.mean((0, 1))).max() < 0.4
    assert np.abs(change).max() <= (3 if fmt == "yuv444p" else 6)


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (63, 47)])
def test_odd_sides(size):
    picture = to_bgr(flat((120, 90, 160), 1, LIMITED, "yuv420p", size))
    assert picture.shape == (size[1], size[0], 3)
    assert np.abs(picture - expected((120, 90, 160), 1, False)).max() <= 0.6


@pytest.mark.parametrize("matrix", [0, 8, 10, 12, 14])
def test_a_matrix_that_swscale_refuses_is_decoded_all_the_same(matrix):
    levels = (120, 90, 160)
    wide = flat(levels, matrix, LIMITED, primaries=9)
    assert np.abs(to_bgr(wide)[9, 9] - expected(levels, 9, False)).max() <= 1
    assert np.abs(to_bgr(flat(levels, matrix, LIMITED, size=(64, 720)))[9, 9] - expected(levels, 1, False)).max() <= 1
    picture = np.full((32, 32, 3), (60, 120, 200), np.uint8)
    frame = to_yuv(picture, ColourTags(matrix, 1, 1), "yuv444p")
    assert frame.colorspace == 1
    assert np.abs(to_bgr(frame).astype(int) - picture).max() <= 2


def test_tags_of_the_result():
    assert colour_tags(flat((16, 128, 128), 6, LIMITED, primaries=5, trc=6)) == ColourTags(6, 5, 6)
    assert colour_tags(flat((64, 512, 512), 9, LIMITED, "yuv444p10le", primaries=9, trc=PQ)) == ColourTags(1, 1, 1)
    assert colour_tags(flat((16, 128, 128), 8, LIMITED, primaries=1, trc=1)) == ColourTags(1, 1, 1)  # YCgCo
    screen = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
    assert colour_tags(screen) == ColourTags(6, 6, 6)


@pytest.mark.parametrize("fmt", ["rgb24", "gbrp", "bgr0", "gray", "rgb48le"])
def test_other_formats(fmt):
    picture = np.full((48, 64, 3), (90, 90, 90) if fmt == "gray" else (40, 120, 220), np.uint8)
    frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format=fmt)
    assert np.abs(to_bgr(frame).astype(int) - picture).max() <= 1


def test_a_palette():
    colours = np.zeros((256, 4), np.uint8)
    colours[3] = (255, 220, 120, 40)  # A, R, G, B
    frame = av.VideoFrame.from_ndarray((np.full((720, 64), 3, np.uint8), colours), format="pal8")
    assert list(to_bgr(frame)[9, 9]) == [40, 120, 220]


@pytest.mark.parametrize(("fmt", "bits"), [("gray", 8), ("gray10le", 10)])
def test_grey_of_limited_range_is_stretched(fmt, bits):
    for level, wanted in ((16, 0), (126, 128), (235, 255)):
        limited = to_bgr(flat((level * 2 ** (bits - 8),), color_range=LIMITED, fmt=fmt))[9, 9]
        assert np.abs(limited.astype(int) - wanted).max() <= 1
    assert list(to_bgr(flat((126,), color_range=FULL, fmt="gray"))[9, 9]) == [126, 126, 126]


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_turned_and_mirrored_films_are_upright(tmp_path, degrees, mirrored):
    picture = np.zeros((64, 96, 3), np.uint8)
    picture[:16, :48] = 200
    with av.open(str(tmp_path / "film.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.set_display_rotation(degrees, hflip=mirrored)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "bgr24")))
        container.mux(stream.encode(None))
    with av.open(str(tmp_path / "film.mp4")) as container:
        found = to_bgr(next(container.decode(video=0)))
    turned = np.rot90(picture, degrees // 90)
    assert np.abs(found.astype(int) - (turned[:, ::-1] if mirrored else turned)).mean() < 4


def pq(nits):
    """The PQ signal of a light, ITU-R BT.2100."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = (nits / 10000) ** m1
    return ((c1 + c2 * power) / (1 + c3 * power)) ** m2


def grey(signal, trc):
    return to_bgr(flat((round(64 + 876 * signal), 512, 512), 9, LIMITED, "yuv444p10le", primaries=9, trc=trc))[5, 5]


def test_hdr_becomes_what_the_curve_says():
    for nits in (5, 50, REFERENCE_WHITE, 600, 1000, 4000):
        wanted = 255 * float(curve(np.float32(nits / REFERENCE_WHITE))) ** (1 / 2.4)
        assert np.abs(grey(pq(nits), PQ) - wanted).max() <= 3, nits
    assert 215 < grey(pq(REFERENCE_WHITE), PQ)[0] < 235
    assert list(grey(0, PQ)) == list(grey(0, HLG)) == [0, 0, 0]
    assert grey(pq(1000), PQ)[0] == grey(pq(10000), PQ)[0] == 255
    # HLG's reference white is 75 % of its signal, and as bright as PQ's 203 cd/m2.
    assert abs(int(grey(0.75, HLG)[0]) - int(grey(pq(203), PQ)[0])) <= 4


@pytest.mark.parametrize("trc", [PQ, HLG])
def test_hdr_is_monotonic_and_keeps_hues(trc):
    steps = [int(grey(signal, trc)[1]) for signal in np.linspace(0, 1, 40)]
    assert steps == sorted(steps)
    assert np.all(np.diff(linear_light(trc)) >= 0)
    red = to_bgr(flat((400, 440, 640), 9, LIMITED, "yuv444p10le", primaries=9, trc=trc))[5, 5].astype(int)
    assert red[2] > red[1] + 40
    assert red[2] > red[0] + 40


def test_hdr_of_few_bits_and_other_primaries():
    frame = flat((126, 128, 128), 1, LIMITED, primaries=1, trc=PQ)
    assert np.ptp(to_bgr(frame)[5, 5].astype(int)) <= 1


@pytest.mark.parametrize("trc", [PQ, HLG])
@pytest.mark.parametrize("matrix", [UNSPECIFIED, 10, 14])
def test_hdr_that_does_not_say_more_is_bt2020(trc, matrix):
    levels = (400, 500, 560)
    said = to_bgr(flat(levels, 9, LIMITED, "yuv444p10le", primaries=9, trc=trc))
    assert np.array_equal(to_bgr(flat(levels, matrix, LIMITED, "yuv444p10le", trc=trc)), said)


def test_the_darkest_hdr_greys_differ():
    for nits in (0.001, 0.004, 0.01, 0.03, 0.1):
        wanted = 255 * (nits / REFERENCE_WHITE) ** (1 / 2.4)
        deep = av.VideoFrame.from_ndarray(np.full((8, 8, 3), round(65535 * pq(nits)), np.uint16), format="rgb48le")
        deep.color_trc, deep.color_primaries = PQ, 1
        assert np.abs(to_bgr(deep)[4, 4] - wanted).max() <= 0.6, nits
    # The 16-bit signal that swscale makes of YUV has its white at 65280.
    wanted = 255 * float(curve(np.float32(1))) ** (1 / 2.4)
    assert np.abs(grey(pq(REFERENCE_WHITE), PQ) - wanted).max() <= 1


def test_what_was_converted_before_changes_nothing():
    rng = np.random.default_rng(5)
    frames = []
    for matrix, color_range, fmt, size in (
        (1, LIMITED, "yuv420p", (64, 48)),
        (5, LIMITED, "yuv420p", (64, 48)),
        (5, FULL, "yuv420p", (64, 48)),
        (5, FULL, "yuv444p", (50, 34)),
        (9, LIMITED, "yuv420p10le", (64, 48)),
        (UNSPECIFIED, LIMITED, "gray", (64, 48)),
    ):
        frame = flat((100, 90, 160)[: 1 if fmt == "gray" else 3], matrix, color_range, fmt, size)
        for plane in frame.planes:
            plane.update(rng.integers(20, 200, plane.buffer_size, np.uint8).tobytes())
        frames.append(frame)
    alone = []
    for frame in frames:
        with ThreadPoolExecutor(1) as new_thread:
            alone.append(new_thread.submit(to_bgr, frame).result())
    order = [int(n) for n in rng.integers(0, len(frames), 60)]
    pictures = [to_bgr(frames[n]) for n in order]
    with ThreadPoolExecutor(4) as pool:
        pictures += pool.map(to_bgr, (frames[n] for n in order))
    assert all(np.array_equal(picture, alone[n]) for n, picture in zip(order * 2, pictures, strict=True))
