"""A film that begins again where it ends, as --loop plays it."""

import itertools
from fractions import Fraction

import cv2
import numpy as np

from stylecam.realtime.sources.camera_option import open_source
from stylecam.realtime.sources.looped_source import LoopedSource
from stylecam.realtime.video.frame import EndOfSource

from ...source_frames import SIZE, read_frames, write_video


def test_a_film_goes_on_from_its_start_with_times_that_go_on(tmp_path):
    path = write_video(tmp_path / "a.mp4")
    with open_source(str(path)) as once:
        film, fps = [], once.fps
        while (frame := _next(once)) is not None:
            film.append(frame)
    with LoopedSource(lambda: open_source(str(path))) as source:
        frames = [_next(source) for _ in range(2 * len(film) + 3)]
        assert source.captured >= len(frames)
        assert (source.live, source.still) == (False, False)
    assert [frame.index for frame in frames] == list(range(len(frames)))
    steps = {later.pts - earlier.pts for earlier, later in itertools.pairwise(frames)}
    assert steps == {1 / Fraction(fps)}
    for number, frame in enumerate(frames):
        assert (frame.image == film[number % len(film)].image).all()


def test_a_picture_stays_as_it_is(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((SIZE[1], SIZE[0], 3), np.uint8))
    with LoopedSource(lambda: open_source(str(tmp_path / "a.png"))) as source:
        assert len(read_frames(source, 1)) == 1
        assert _next(source) is None
        assert source.still


def _next(source):
    """The next frame; None after the last one."""
    try:
        while (frame := source.read(1.0)) is None:
            pass
    except EndOfSource:
        return None
    return frame
