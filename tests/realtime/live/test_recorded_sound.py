"""The sound of recordings: a microphone's in step with the picture, and a file's own."""

import time
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest

from stylecam.models.errors import RecordError
from stylecam.realtime.live.file_track import FileTrack
from stylecam.realtime.live.hotkeys import parse_keys
from stylecam.realtime.live.loop import LiveOptions, run_live
from stylecam.realtime.live.microphone import Microphone
from stylecam.realtime.live.recorder import RecorderSink
from stylecam.realtime.live.sound_timeline import SoundTimeline
from stylecam.realtime.live.sound_tracks import MicrophoneTrack
from stylecam.realtime.sources.camera_option import open_source
from stylecam.realtime.video.frame import EndOfSource, Frame
from stylecam.realtime.video.libraries import av

from ...live_session import HEIGHT, WIDTH, FakeWindow, ScriptedSource
from ...sounds import PITCH, DriftingCard, fake_sounddevice, flashes, heard, onsets

RATE = 8000
TICK = Fraction(1, 90000)


class Session:
    """A recording with a sound card, without a wait: `to(time)` shows pictures of `fps` up to then, light at beeps."""

    def __init__(self, path, card, fps, keep=lambda time: True):
        self.card, self.fps, self.now, self.keep = card, fps, 0.0, keep
        self.timeline = SoundTimeline(card.rate, 1)
        track = MicrophoneTrack(self.timeline, lambda: 0.0, lambda: self.now)
        self.recorder = RecorderSink(path, TICK, None, track)
        self._shown = 0

    def to(self, end, listens=True):
        while self._shown / self.fps < end:
            time = self._shown / self.fps
            self.now = time + 0.08  # it is painted by then
            while listens and self.card.time() < self.now - 0.02:
                self.timeline.put(*self.card.next())
            light = any(beep <= time + 1e-6 < beep + 0.5 for beep in self.card.beeps)
            if self.keep(time):
                self.recorder.show(np.full((48, 64, 3), 255 * light, np.uint8), time)
            self._shown += 1


def test_a_flash_and_a_beep_stay_together_for_ten_minutes(tmp_path):
    path, times = tmp_path / "a.mp4", [1.0, 60.0, 300.0, 599.0]
    session = Session(path, DriftingCard(RATE, -1.0, times, drift=400e-6, jitter=0.004), fps=2)
    session.to(600.0)
    session.recorder.close()
    sound, rate, start = heard(path)
    beeps = [start + beep for beep in onsets(sound[:, 0], rate)]
    assert flashes(path) == pytest.approx(times, abs=0.001)
    off = np.array(beeps) - times
    assert np.abs(off).max() < 0.015  # of the 40 ms at which one begins to notice
    with av.open(str(path)) as container:
        (stream,) = container.streams.audio
        assert (stream.codec_context.name, stream.codec_context.layout.name) == ("aac", "mono")
        assert abs(len(sound) / rate - 600) < 0.6  # the last picture's second


def test_a_microphone_that_vanishes_leaves_silence_and_the_picture_goes_on(tmp_path):
    path, card = tmp_path / "a.mp4", DriftingCard(RATE, -1.0, [1.0, 8.0])
    session = Session(path, card, fps=10)
    session.to(3.0)
    session.to(6.0, listens=False)
    card.lose(3.0)
    session.to(10.0)
    session.recorder.close()
    sound, rate, start = heard(path)
    assert [start + beep for beep in onsets(sound[:, 0], rate)] == pytest.approx([1.0, 8.0], abs=0.01)
    assert np.abs(sound[4 * rate : 5 * rate]).max() < 0.001
    assert len(flashes(path)) == 2
    assert abs(len(sound) / rate - 10) < 0.2


def test_sound_that_was_never_heard_is_silence_from_the_first_picture_on(tmp_path):
    session = Session(tmp_path / "a.mp4", DriftingCard(RATE, 0.0), fps=10)
    session.to(3.0, listens=False)
    session.recorder.close()
    sound, rate, start = heard(tmp_path / "a.mp4")
    assert start == 0
    assert abs(len(sound) / rate - 3) < 0.2
    assert not sound.any()


def test_a_recording_that_is_given_up_lets_go_of_the_sound(tmp_path):
    session = Session(tmp_path / "a.mp4", DriftingCard(RATE, -1.0), fps=10)
    session.to(1.0)
    session.recorder.abort()
    assert list(tmp_path.iterdir()) == []
    assert session.timeline._wanted is None


def test_a_file_that_cannot_be_begun_lets_go_of_the_sound(tmp_path):
    timeline = SoundTimeline(RATE, 1)
    with pytest.raises(RecordError):
        RecorderSink(tmp_path / "no folder" / "a.mp4", TICK, None, MicrophoneTrack(timeline, lambda: 0.0))
    assert timeline._wanted is None


def test_numbers_that_are_none_do_not_end_the_recording(tmp_path):
    session = Session(tmp_path / "a.mp4", DriftingCard(RATE, -1.0, [1.0]), fps=10)
    session.to(0.5)
    samples, said = session.card.next()
    samples[::7], samples[3::7] = np.nan, np.inf
    session.timeline.put(samples, said)
    session.to(2.0)
    session.recorder.close()
    sound, rate, start = heard(tmp_path / "a.mp4")
    assert np.isfinite(sound).all()
    assert start + onsets(sound[rate * 3 // 4 :, 0], rate)[0] + 0.75 == pytest.approx(1.0, abs=0.01)


# With the live loop


class FlashingCamera:
    """A camera of which all has happened: pictures at `times` after `began`, light from `flash` on."""

    name, size, fps, time_base = "flashing", (WIDTH, HEIGHT), Fraction(25), None
    notes, damaged, mirrors, sound, live, still, problem, dropped = (), None, False, None, True, False, None, 0

    def __init__(self, began, flash, count):
        self.began, self.flash, self.count, self.captured = began, flash, count, 0

    def read(self, timeout):
        if self.captured == self.count:
            raise EndOfSource
        at = self.captured / 25
        image = np.full((HEIGHT, WIDTH, 3), 0 if at >= self.flash else 255, np.uint8)  # which is painted the other way
        self.captured += 1
        return Frame(image, self.captured, self.began + at)


@pytest.fixture
def sounddevice(monkeypatch):
    return fake_sounddevice(monkeypatch, channels=1)


def _speak(stream, card, seconds):
    while card.time() < card.start + seconds:
        samples, said = card.next()
        stream.hear(samples, time.monotonic() - said)


def test_the_microphone_is_recorded_with_the_cameras_picture(styles, sounddevice, tmp_path, monkeypatch):
    monkeypatch.setattr("stylecam.realtime.live.microphone.OLDEST", 1e6)  # however slow this machine is
    path, began = tmp_path / "a.mp4", time.monotonic() - 1.8
    with Microphone() as microphone:
        _speak(sounddevice.streams[0], DriftingCard(48000, began, [began + 0.48], block=480), 1.8)
        source = FlashingCamera(began, 0.48, 40)
        window = FakeWindow()
        report = run_live(source, styles, [window], LiveOptions(record=path), microphone=microphone)
    assert report["saved"] == [str(path)]
    sound, rate, start = heard(path)
    (beep,) = onsets(sound[:, 0], rate)
    (flash,) = flashes(path)
    assert (flash, start + beep) == pytest.approx((0.48, 0.48), abs=0.005)
    with av.open(str(path)) as container:
        assert len(list(container.decode(video=0))) == 40


def test_a_lost_microphone_is_said_once_and_the_session_goes_on(styles, sounddevice, tmp_path, monkeypatch):
    said, now = [], [time.monotonic()]
    with Microphone() as microphone:
        monkeypatch.setattr("stylecam.realtime.live.microphone.time.monotonic", lambda: now[0])
        source = ScriptedSource(range(9), live=True)
        read = source.read

        def read_later(timeout):
            now[0] += 0.8
            return read(timeout)

        source.read = read_later
        options = LiveOptions(record=tmp_path / "a.mp4")
        report = run_live(source, styles, [FakeWindow()], options, said.append, microphone=microphone)
    assert [sentence for sentence in said if sentence.startswith("the microphone")] == [
        "the microphone Built-in is gone: recordings are silent; plug it in and record anew"
    ]
    assert report["frames_shown"] == 9
    assert report["saved"] == [str(tmp_path / "a.mp4")]


def _film(path, seconds=4, flash=2.0, codec="aac", rate=44100, layout="stereo", begins=0.0):
    """A film of 25 a second with a flash and a beep at the same time; its sound begins at `begins`."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        audio = container.add_stream(codec, rate=rate)
        audio.codec_context.layout = layout
        for n in range(25 * seconds):
            picture = np.full((HEIGHT, WIDTH, 3), 0 if flash <= n / 25 < flash + 0.2 else 255, np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, "bgr24")))
        container.mux(video.encode(None))
        times = np.arange(round(begins * rate), seconds * rate) / rate
        wave = 0.8 * np.sin(2 * np.pi * PITCH * times) * ((times >= flash) & (times < flash + 0.2))
        channels = av.AudioLayout(layout).nb_channels
        samples = np.tile(wave.astype(np.float32), (channels, 1))
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, round(begins * rate), Fraction(1, rate)
        container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
    return path


def _played(styles, film, tmp_path, keys="", **more):
    record = None if keys else tmp_path / "out.mp4"
    options = LiveOptions(keys=parse_keys(keys), record=record, folder=tmp_path)
    with open_source(str(film)) as source:
        run_live(source, styles, [], options, **more)
    (path,) = set(tmp_path.glob("*.mp4")) - {film}
    return path


def _flash_and_beep(path):
    sound, rate, start = heard(path)
    return flashes(path)[0], start + onsets(sound[:, 0], rate)[0]


FILMS = [
    ("film.mp4", {}),
    ("film.mkv", {"codec": "libopus", "rate": 48000, "layout": "mono"}),
    ("film.mov", {"begins": 0.5}),
    ("film.ts", {}),
    ("film.avi", {"codec": "pcm_s16le", "rate": 22050}),
]


@pytest.mark.parametrize(("name", "film"), FILMS, ids=[name for name, _ in FILMS])
def test_a_file_keeps_its_own_sound(styles, tmp_path, name, film):
    path = _played(styles, _film(tmp_path / name, **film), tmp_path)
    assert _flash_and_beep(path) == pytest.approx((2.0, 2.0), abs=0.012)
    sound, rate, start = heard(path)
    assert abs(start + len(sound) / rate - 4.0) < 0.1
    with av.open(str(path)) as container:
        assert container.streams.audio[0].codec_context.layout.name == film.get("layout", "stereo")


@pytest.mark.parametrize("name", ["film.mp4", "film.ts"])
def test_a_recording_that_begins_in_the_middle_has_the_sound_from_there_on(styles, tmp_path, name):
    path = _played(styles, _film(tmp_path / name, 8, flash=6.0), tmp_path, "100:r,175:r")
    flash, beep = _flash_and_beep(path)
    assert (flash, beep) == pytest.approx((2.0, 2.0), abs=0.012)
    sound, rate, start = heard(path)
    assert abs(start + len(sound) / rate - 3.0) < 0.1


def test_a_silent_film_is_recorded_without_sound(styles, tmp_path):
    film = tmp_path / "film.mp4"
    with RecorderSink(film, Fraction(1, 25), Fraction(25)) as recorder:
        for n in range(5):
            recorder.show(np.full((48, 64, 3), 90, np.uint8), Fraction(n, 25))
    with av.open(str(_played(styles, film, tmp_path))) as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_a_gap_of_hours_is_silence_and_takes_no_memory(tmp_path):
    film, rate, hours = tmp_path / "film.mkv", 8000, 3
    with av.open(str(film), "w") as container:
        audio = container.add_stream("pcm_s16le", rate=rate)
        audio.codec_context.layout = "mono"
        for begin in (0, hours * 3600):
            frame = av.AudioFrame.from_ndarray(np.full((1, rate), 9000, np.int16), format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = rate, begin * rate, Fraction(1, rate)
            container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
    track = FileTrack("film", lambda: av.open(str(film)), lambda: Fraction(0))
    track.begin(0)
    tracemalloc.start()
    heard = [track.take(until) for until in (1, 2, 3)]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [len(part) for part in heard] == [rate] * 3
    assert np.abs(heard[0]).min() > 0.2
    assert not np.any(heard[1:])
    assert most < 8 * rate * 60  # a minute of it would be as much
    for until in range(600, hours * 3600, 600):
        assert not track.take(until).any()
    end = track.take(hours * 3600 + 1)
    assert np.abs(end[-rate + 1 :]).min() > 0.2
    track.close()


def test_sound_that_cannot_be_read_is_said_and_the_picture_is_recorded(styles, tmp_path, monkeypatch):
    def none(*_):
        raise ValueError("there is no decoder for it")

    monkeypatch.setattr("stylecam.realtime.live.file_track.encoder_layout", none)
    said, film = [], _film(tmp_path / "film.mp4", 1)
    path = _played(styles, film, tmp_path, notify=said.append)
    assert f"the sound of {film} cannot be read (there is no decoder for it): it is not recorded" in said
    with av.open(str(path)) as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_a_file_keeps_its_sound_beside_a_microphone(styles, sounddevice, tmp_path):
    film = _film(tmp_path / "film.mp4")
    with Microphone() as microphone:
        assert _flash_and_beep(_played(styles, film, tmp_path, microphone=microphone)) == pytest.approx(
            (2.0, 2.0), abs=0.012
        )
