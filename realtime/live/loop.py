"""The live loop: source -> painter -> sinks."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from stylecam.models.errors import SourceError
from stylecam.realtime.live.broadcast import Broadcast
from stylecam.realtime.live.control_queue import ControlQueue
from stylecam.realtime.live.controls import Controls
from stylecam.realtime.live.drops import Drops, DropTaker
from stylecam.realtime.live.frame_clock import FrameClock
from stylecam.realtime.live.frame_rate import FrameRate
from stylecam.realtime.live.frame_sink import Controller, FrameSink, Observer
from stylecam.realtime.live.hud import Hud, hud_of
from stylecam.realtime.live.lesson import Lesson
from stylecam.realtime.live.lessons import FPS, Lessons
from stylecam.realtime.live.live_options import LiveOptions
from stylecam.realtime.live.microphone import Microphone
from stylecam.realtime.live.outputs import Outputs
from stylecam.realtime.live.overlay import Overlay
from stylecam.realtime.live.report import Meter, about_source, about_style
from stylecam.realtime.live.saving import Saver
from stylecam.realtime.live.session_sound import SessionSound
from stylecam.realtime.live.source_messages import SourceMessages
from stylecam.realtime.painting.glide import Glide
from stylecam.realtime.painting.loaded_styles import LoadedStyles
from stylecam.realtime.painting.painter import Painter
from stylecam.realtime.video.frame import EndOfSource, Frame, FrameSource

__all__ = ["LiveOptions", "run_live"]

HINT = "?: all keys, t: painters, s: snapshot, q: quit"
IDLE_MS = 15
STILL_MS = 40  # between two paintings of a picture that stays
LEARNING_MS = 500  # the same while a painting is learnt, which can use the time; a key is answered at once


def run_live(
    source: FrameSource,
    styles: LoadedStyles,
    sinks: Sequence[FrameSink],
    options: LiveOptions,
    notify: Callable[[str], None] = lambda sentence: None,
    should_stop: Callable[[], bool] = lambda: False,
    controls: ControlQueue | None = None,
    drops: Drops | None = None,
    lesson: Lesson | None = None,
    microphone: Microphone | None = None,
) -> dict[str, Any]:
    """Shows frames until the source ends, the user quits or `options.frames` were shown; returns the report.

    `source`, `styles` and `sinks` are entered by the caller. Each sink is shown every picture; keys come from the first
    one that is a `Controller`, called the window here. `notify` gets sentences for the user. `should_stop` is asked
    between two frames, where the recording and the report agree: True ends the loop as the q key does, and the
    report's `interrupted` says so. `controls`, a queue whose styles are `styles.names`, lets others than the user at
    the keys steer the session: its changes are carried out between two frames, and while the loop waits. `drops` says
    what becomes of files that are dropped on the window; without it nothing does. A `lesson` that begins with the
    session learns from its frames. What a `microphone` hears is recorded with the pictures, but for files with a sound
    of their own, which they keep. What was to be saved and could not be is in the report's `failures`, and so is why a
    sink was lost; where that is the window, or without one the last of them, the session ends. What was recorded is
    finished in any case. `saved` names the files that this call wrote; those of `sinks` are whole once the caller has
    closed them, and named by each sink's own `saved`.
    Raises `SourceError` when a source ends without one frame, `RecordError` where `options.record` cannot be begun.
    """
    loop = _Loop(source, styles, sinks, options, notify, should_stop, controls, drops, lesson, microphone)
    try:
        loop.run()
    except KeyboardInterrupt:
        loop.saver.stop(drain=False)
        raise
    finally:
        loop.saver.stop()
        loop.broadcast.close()
        loop.painter.close()
        loop.lessons.close()
        if loop.drops is not None:
            loop.drops.close()
    return loop.finish()


class _Loop:
    def __init__(
        self,
        source: FrameSource,
        styles: LoadedStyles,
        sinks: Sequence[FrameSink],
        options: LiveOptions,
        notify: Callable[[str], None],
        should_stop: Callable[[], bool],
        queue: ControlQueue | None,
        drops: Drops | None,
        lesson: Lesson | None,
        microphone: Microphone | None,
    ) -> None:
        self.source, self.options, self.notify = source, options, notify
        self.should_stop = should_stop
        self.meter = Meter()
        self.painter = Painter(
            styles,
            options.strength,
            options.preserve_color,
            options.mirror,
            options.lines,
            options.steady,
        )
        prepare = None if drops is None else drops.prepare
        self.lessons = Lessons(self.painter, self.say, self.say_loss, prepare, lesson)
        self.overlay = Overlay(styles, self._hud, lambda: self.painter.current, lambda: self.lessons.current)
        self.overlay.hud = options.hud and not options.kiosk
        if lesson is None and not options.kiosk:
            self.overlay.say(HINT)
        self.outputs = Outputs(sinks, self.say_loss)
        self.window = next((sink for sink in sinks if isinstance(sink, Controller)), None)
        if self.window is not None:
            self.window.over = self.overlay.panels
        self.saver = Saver(options.folder, self.outputs, self.say)
        self.broadcast = Broadcast(options.virtual, self.outputs, lambda: self.painter.mirror, self.say)
        self.sound = SessionSound(microphone, self.say_loss)
        self.observers = [sink for sink in sinks if isinstance(sink, Observer)]
        for observer in self.observers:
            observer.figures, observer.files = self._hud, lambda: self.saver.saved
        self.controls = self._controls(ControlQueue({"style": styles.names}) if queue is None else queue)
        self.interrupted = self.replaced = False
        self.follow_source()
        self.drops = None
        if self.window is not None and drops is not None:
            self.drops = DropTaker(self.window, drops, self.painter, self.lessons, self.say, self.say_loss)
            self.controls.back = self.drops.back

    def _controls(self, queue: ControlQueue) -> Controls:
        options = self.options
        return Controls(
            self.painter,
            self.saver,
            self.overlay,
            self.lessons,
            self.window,
            options.keys,
            options.cycle_seconds,
            queue,
            Glide(self.painter, options.glide_seconds),
            options.gliding,
            self.broadcast,
            options.attract_seconds,
            options.kiosk,
        )

    @property
    def watched(self) -> bool:
        """Whether anybody sees what plays as it plays, which is then to have its own pace."""
        virtual = self.broadcast.open or self.options.virtual.from_start
        return self.window is not None or bool(self.observers) or virtual

    def follow_source(self) -> None:
        """Frames come from the source, or from another one that has stepped in its place."""
        source = self.source
        self.sound.follow(source)
        clock = self.clock = FrameClock(by_hand=self.sound.heard)
        if source.live or self.sound.heard:
            self.saver.follow(None, None, lambda: self.sound.track(lambda: clock.origin))
        else:
            self.saver.follow(source.time_base, source.fps, lambda: self.sound.track(lambda: clock.origin))
        self.broadcast.rate = source.fps
        self.messages = SourceMessages(source, self.overlay, self.notify)
        # A file that nobody watches is painted as fast as it goes, and one picture has no rate to hold.
        paced = source.live or (self.watched and not source.still)
        self.rate = FrameRate(source, self.options.target_fps if paced else None)
        self.last: Frame | None = None

    def run(self) -> None:
        if self.options.record:
            self.saver.start(self.painter.name, self.options.record)
        if self.options.virtual.from_start:
            self._begin_broadcast()
        while not self._ended():
            try:
                frame = self.source.read(timeout=0.1)
            except EndOfSource:
                if not self._stays():
                    break
                if self.drops is not None and not self.source.still:
                    self.drops.back()  # from a film that was dropped
                frame = self._again()
            self.messages.say_notes()
            painted = False
            if frame is None:
                self.messages.say_problem()
                self.outputs.show(None, self.clock.seconds)
            else:
                self._wait_until_due(frame)
                if self._ended():
                    break  # a picture shown now would open a closed window again
                self.rate.at_most = FPS if self.lessons.going_on else None
                self.rate.begin()
                painted = self._show(frame)
            self.lessons.follow(None if frame is None else frame.image)
            self.sound.check()
            self.controls.after_frame(self.meter.shown)
            if self._took_drops():
                continue
            if frame is not None:
                # What loading and mixing take is over in a moment: no reason for fewer lines.
                believed = painted and not (
                    self.painter.styles.loading or self.painter.mix.making or self.lessons.loading
                )
                self.painter.share = self.rate.share_after_frame(believed)
            if self.meter.shown == self.options.frames or self._abandoned():
                break

    def _begin_broadcast(self) -> None:
        if self.window is None:  # where nobody is to read what is wrong, it is an error
            self.broadcast.start()
        else:
            self.broadcast.set(True)

    def _took_drops(self) -> bool:
        if self.drops is None:
            return False
        mirrored = self.source.mirrors
        if not self.drops.take():
            return False
        if self.painter.mirror == mirrored:  # and the user did not choose otherwise
            self.painter.mirror = self.source.mirrors
        self.follow_source()
        self.replaced = True
        return True

    def _abandoned(self) -> bool:
        """Whether the window was lost, or without one, all sinks."""
        return self.outputs.lost and (self.outputs.none if self.window is None else self.window not in self.outputs)

    def _stays(self) -> bool:
        """Whether the last picture stays until the user leaves: of a picture, of what was dropped there, in full
        screen, and where a painting is still learnt."""
        full = self.window is not None and self.window.fullscreen
        return (
            self.watched
            and self.last is not None
            and (self.source.still or self.replaced or full or self.lessons.going_on)
        )

    def _again(self) -> Frame | None:
        """The picture once more, as a camera would give it."""
        self.controls.poll(LEARNING_MS if self.lessons.going_on else STILL_MS)
        return None if self.last is None else replace(self.last, time=time.monotonic(), pts=None)

    def _ended(self) -> bool:
        if not self.controls.quit:
            self.interrupted = self.interrupted or self.should_stop()
        return self.controls.quit or self.interrupted or self.lessons.ended

    def finish(self) -> dict[str, Any]:
        """Saves the last picture and returns the report."""
        if self.options.snapshot is not None and self.painter.picture is not None:
            self.saver.snapshot(self.painter.picture, self.painter.name, self.options.snapshot)
        if self.meter.shown == self.source.captured == 0 and not self._ended():
            raise SourceError(f"{self.source.name} gave no frames")
        return {
            **about_style(self.painter),
            **about_source(self.source),
            **self.meter.figures(),
            "saved": self.saver.saved,
            "failures": self.outputs.failures,
            "interrupted": self.interrupted,
            "quit": self.controls.quit,
        }

    def say(self, sentence: str) -> None:
        """Tells the user, in the window for a while and through `notify`."""
        self.overlay.say(sentence)
        self.notify(sentence)

    def say_loss(self, sentence: str) -> None:
        """The same of what failed, which is shown where messages are switched off too."""
        self.overlay.say(sentence, loss=True)
        self.notify(sentence)

    def _show(self, frame: Frame) -> bool:
        """Whether it was painted, and not shown as it is."""
        # A file's frames wait, decoded, until they are due: their latency counts from here.
        started = frame.time if self.source.live else time.monotonic()
        self.last = frame
        self.messages.flows()
        if self.window is not None and not self.window.visible and self.outputs.only(self.window):
            return False  # nobody sees it
        switched, problems = self.painter.switch()
        for problem in problems:
            self.say_loss(problem)
        inference_ms = self.painter.paint(frame.image)
        self.outputs.show(self.painter.picture, self.clock.time_of(frame, started))
        self.meter.frame_shown(started, inference_ms)
        if switched:
            self.meter.switched(self.painter.name, self.painter.asked)
        return inference_ms is not None

    def _wait_until_due(self, frame: Frame) -> None:
        """Where it is watched, a file plays at its own rate and answers keys meanwhile; else it plays at full speed."""
        if not self.watched or frame.pts is None:
            return
        due = self.clock.due(frame.pts)
        while not self._ended() and (left := due - time.monotonic()) > 0.001:
            wait_ms = max(1, min(IDLE_MS, int(left * 1000)))
            self.controls.poll(wait_ms)

    def _hud(self) -> Hud:
        auto = "glide" if self.controls.gliding else "auto" if self.controls.cycling else ""
        return hud_of(self.painter, self.meter, self.saver.recording, auto, self.broadcast, self.sound)
