"""The live command's part that is steered from outside: options, and what they start."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from stylecam.models.errors import OptionsError
from stylecam.realtime.commands.saying import notify
from stylecam.realtime.common.extras import needs_extra

if TYPE_CHECKING:
    from stylecam.realtime.live.control_queue import ControlQueue
    from stylecam.realtime.live.frame_sink import FrameSink
    from stylecam.realtime.live.remote.midi import MidiInput
    from stylecam.realtime.live.remote.osc import OscServer
    from stylecam.realtime.live.remote.server import PageServer
    from stylecam.realtime.live.remote.session_view import SessionView
    from stylecam.realtime.live.remote.steering import Steering
    from stylecam.realtime.painting.loaded_styles import LoadedStyles

__all__ = ["REMOTE_OPTIONS", "Remote", "check_remote", "remote_controls", "steered"]

TOKEN_VARIABLE = "STYLECAM_TOKEN"

REMOTE_OPTIONS = [
    click.Option(["--serve"], metavar="[HOST:]PORT",
                 help="Serve a page with the picture and the controls. Without a host only this machine reaches it."),
    click.Option(["--qr"], is_flag=True, help="Print the page's address as a QR code."),
    click.Option(["--midi"], metavar="[DEVICE]", is_flag=False, flag_value="",
                 help="Steer by a MIDI device: the first, or the one whose name has this in it."),
    click.Option(["--osc"], metavar="[HOST:]PORT",
                 help="Take OSC messages. Without a host only from this machine."),
]  # fmt: skip


@dataclass
class Remote:
    """What was started: sinks for the loop, and `say`, which passes sentences on."""

    sinks: list[FrameSink] = field(default_factory=list)
    listeners: list[Callable[[str], None]] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        """To the terminal, and to those who look from outside."""
        notify(sentence)
        for listener in self.listeners:
            listener(sentence)


def steered(options: dict[str, Any]) -> bool:
    """Whether anybody can ask for another style, though there is no window."""
    return _listens(options) or options["attract_seconds"] is not None


def _listens(options: dict[str, Any]) -> bool:
    return bool(options["serve"] or options["osc"]) or options["midi"] is not None


def check_remote(options: dict[str, Any]) -> None:
    """Raises for options that cannot be, and for a missing extra, before anything is loaded."""
    from stylecam.realtime.live.remote.addresses import parse_address

    if options["qr"] and not options["serve"]:
        raise OptionsError("--qr shows the page's address: add --serve PORT")
    if options["serve"]:
        parse_address(options["serve"], "--serve")
        with needs_extra("remote", "--serve needs aiohttp"):
            import aiohttp  # noqa: F401
    if options["osc"]:
        parse_address(options["osc"], "--osc")
        with needs_extra("remote", "--osc needs python-osc"):
            import pythonosc  # noqa: F401
    if options["qr"]:
        with needs_extra("remote", "--qr needs segno"):
            import segno  # noqa: F401


def remote_environment(options: dict[str, Any]) -> dict[str, str]:
    """For a process that is started again: the same token, so that open pages stay in."""
    from stylecam.realtime.live.remote.addresses import parse_address
    from stylecam.realtime.live.remote.tokens import new_token

    if not options["serve"] or parse_address(options["serve"], "--serve").local:
        return {}
    return {TOKEN_VARIABLE: os.environ.get(TOKEN_VARIABLE) or new_token()}


@contextmanager
def remote_controls(
    options: dict[str, Any], controls: ControlQueue, styles: LoadedStyles, window: bool
) -> Iterator[Remote]:
    """Starts what `options` ask for, and ends it."""
    remote = Remote()
    with ExitStack() as stack:
        if not _listens(options):
            yield remote
            return
        from stylecam.realtime.live.remote.steering import Steering

        steering = Steering(controls, {"style": styles.names}, window)
        midi = None
        if options["midi"] is not None:
            midi = stack.enter_context(_midi(options, steering, remote.say))
        if options["serve"]:
            from stylecam.realtime.live.remote.session_view import SessionView

            view = SessionView(steering, styles)
            remote.listeners.append(view.say)
            page = stack.enter_context(_page(options, view, midi))
            remote.sinks.append(page)
            _tell_address(page, options["qr"])
        if options["osc"]:
            osc = stack.enter_context(_osc(options, steering))
            open_to_all = "" if osc.address.local else "; OSC has no password: everyone in the network can steer"
            notify(f"OSC: {osc.address.shown}{open_to_all}")
        yield remote


def _osc(options: dict[str, Any], steering: Steering) -> OscServer:
    from stylecam.realtime.live.remote.addresses import parse_address
    from stylecam.realtime.live.remote.osc import OscServer

    return OscServer(parse_address(options["osc"], "--osc"), steering)


def _midi(options: dict[str, Any], steering: Steering, say: Callable[[str], None]) -> MidiInput:
    from stylecam.realtime.live.remote.midi import MidiInput, system_ports
    from stylecam.realtime.live.remote.midi_map import map_file

    return MidiInput(steering, system_ports(), options["midi"], map_file(), say)


def _page(options: dict[str, Any], view: SessionView, midi: MidiInput | None) -> PageServer:
    from stylecam.realtime.live.remote.addresses import parse_address
    from stylecam.realtime.live.remote.server import PageServer
    from stylecam.realtime.live.remote.tokens import new_token

    address = parse_address(options["serve"], "--serve")
    token = os.environ.get(TOKEN_VARIABLE) or (None if address.local else new_token())
    if midi is None:
        return PageServer(address, view, token)
    view.midi = midi.state
    return PageServer(address, view, token, learn=midi.learn)


def _tell_address(page: PageServer, as_code: bool) -> None:
    notify(f"the page: {page.link}")
    if not as_code:
        return
    from stylecam.realtime.live.remote.qr import qr_code

    if page.address.local:
        notify("a phone cannot reach this address: use --serve 0.0.0.0:PORT")
    click.echo(qr_code(page.link, sys.stderr.isatty() and not os.environ.get("NO_COLOR")), err=True)
