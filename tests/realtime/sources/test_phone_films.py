"""What phones and HD cameras write: pictures that lie on their side, and colours without a tag."""

import struct

import numpy as np
import pytest

from stylecam.realtime.sources.camera_option import open_source
from stylecam.realtime.video.libraries import av

# The display matrix of an MP4 track for a picture to be turned clockwise by 90, 180 and 270 degrees (16.16, 2.30).
ONE = 1 << 16
TURNS = {
    0: (ONE, 0, 0, ONE),
    1: (0, ONE, -ONE, 0),
    2: (-ONE, 0, 0, -ONE),
    3: (0, -ONE, ONE, 0),
}
HEADER_TO_MATRIX = 44  # from "tkhd", version 0
CORNERS = np.array([[[0, 0, 255], [0, 255, 0]], [[255, 0, 0], [255, 255, 255]]], np.uint8)


def _write(path, frame):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def test_the_decoders_messages_never_wait_for_python():
    assert av.logging.get_level() is None  # any level is a deadlock, now and then, when a damaged file is closed


@pytest.mark.parametrize("turns", TURNS)
def test_phone_video_stands_upright(tmp_path, turns):
    path = tmp_path / "phone.mp4"
    picture = CORNERS.repeat(32, 0).repeat(48, 1)
    _write(path, av.VideoFrame.from_ndarray(picture, "bgr24"))
    data = bytearray(path.read_bytes())
    a, b, c, d = TURNS[turns]
    matrix = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    start = data.index(b"tkhd") + HEADER_TO_MATRIX
    data[start : start + len(matrix)] = matrix
    path.write_bytes(data)
    with open_source(str(path)) as source:
        image = source.read(1).image
        assert source.size == image.shape[1::-1]
    upright = np.rot90(picture, -turns)
    assert image.shape == upright.shape
    height, width = image.shape[:2]
    for y, x in ((8, 8), (8, width - 8), (height - 8, 8), (height - 8, width - 8)):
        assert np.abs(image[y, x].astype(int) - upright[y, x]).max() < 12


@pytest.mark.parametrize(("size", "standard"), [((1280, 720), "itu709"), ((640, 480), "itu601")])
def test_untagged_video_has_the_colours_that_its_size_implies(tmp_path, size, standard):
    colour = (40, 200, 40)
    frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), colour, np.uint8), "bgr24")
    frame = frame.reformat(format="yuv420p", dst_colorspace=standard)
    frame.colorspace = 2  # unspecified
    _write(tmp_path / "a.mp4", frame)
    with open_source(str(tmp_path / "a.mp4")) as source:
        assert np.abs(source.read(1).image[9, 9].astype(int) - colour).max() <= 6
