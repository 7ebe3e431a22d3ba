"""Steers a session by OSC over UDP, and sends its state to those who ask."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from stylecam.models.errors import StylecamError
from stylecam.realtime.live.control_queue import Value
from stylecam.realtime.live.remote.addresses import Address
from stylecam.realtime.live.remote.osc_messages import PREFIX, carry_out, is_action, message_of, messages_in
from stylecam.realtime.live.remote.steering import Steering

__all__ = ["OscServer"]

PAUSE = 0.01  # seconds in which messages gather: of many for one control only the last counts
TELL = 0.05  # seconds between two looks at what has changed
_BATCH, _LARGEST = 2000, 4096  # datagrams that are read at once, and bytes of one
_ACTIONS = 20  # of those, messages each of which counts
_LISTENERS = 16
_LISTEN_SECONDS = 60.0  # for which one who asked is told what changes
_ASK_SECONDS = 0.5  # between two answers with all values to one who asks: an answer is larger than its question
_OWN_SECONDS = 0.5  # for which one is not told what he himself has set: his fader would jump back

_Peer = tuple[Any, ...]


@dataclass
class _Listener:
    """One who is told what changes: until when, when he was told all, what he knows, and when he set what."""

    until: float = 0.0
    answered: float = -_ASK_SECONDS
    told: dict[str, Value] = field(default_factory=dict)
    own: dict[str, float] = field(default_factory=dict)


class OscServer:
    """Takes messages at `address` in a thread of its own until it is closed.

    Raises `StylecamError` where nothing can listen there. What means nothing is ignored: there is nobody to be told.
    """

    def __init__(self, address: Address, steering: Steering) -> None:
        self._steering = steering
        self._listeners: dict[_Peer, _Listener] = {}
        try:
            family = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_DGRAM)[0][0]
            self._socket = socket.socket(family, socket.SOCK_DGRAM)
        except OSError as error:
            raise StylecamError(f"--osc cannot listen at {address.host}:{address.port}: {error.strerror}") from None
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)  # or what the system allows
            self._socket.bind((address.host, address.port))
        except OSError as error:
            self._socket.close()
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise StylecamError(f"--osc cannot listen at {address.host}:{address.port}: {reason}") from None
        self._socket.setblocking(False)
        self.address = Address(address.host, self._socket.getsockname()[1])
        self._woken, self._wake = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="osc")
        self._thread.start()

    def close(self) -> None:
        """Ends the thread; closing it again does nothing."""
        if self._thread.is_alive():
            self._wake.send(b"x")
            self._thread.join()
        for one in (self._socket, self._woken, self._wake):
            one.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def _run(self) -> None:
        tell_at = 0.0
        while True:
            now = time.monotonic()
            wait = max(0.0, tell_at - now) if self._listeners else None
            ready = select.select([self._socket, self._woken], [], [], wait)[0]
            if self._woken in ready:
                return
            if self._socket in ready:
                for datagram, peer in self._gathered():
                    self._take(datagram, peer)
                if select.select([self._woken], [], [], PAUSE)[0]:
                    return
            if self._listeners and time.monotonic() >= tell_at:
                self._tell()
                tell_at = time.monotonic() + TELL

    def _gathered(self) -> list[tuple[bytes, _Peer]]:
        """What has come: of messages that set the same control the last, and not more actions than anybody presses."""
        last: dict[bytes, tuple[bytes, _Peer]] = {}
        actions = 0
        receive = self._socket.recvfrom
        with contextlib.suppress(OSError):  # BlockingIOError once there are no more; on Windows also who is gone
            for number in range(_BATCH):
                datagram, peer = receive(_LARGEST)
                address = datagram[: datagram.find(b"\0")]
                if address in last or not is_action(address):
                    last.pop(address, None)  # and to the end: the order is that of the last ones
                    last[address] = datagram, peer
                elif actions < _ACTIONS:
                    actions += 1
                    last[b"%d" % number] = datagram, peer
        return list(last.values())

    def _take(self, datagram: bytes, peer: _Peer) -> None:
        for address, arguments in messages_in(datagram):
            if not address.startswith(PREFIX):
                continue
            name = address.removeprefix(PREFIX)
            if name == "state":
                self._answer(peer)
                continue
            with contextlib.suppress(StylecamError):
                carry_out(self._steering, name, arguments)
                if peer in self._listeners:
                    self._listeners[peer].own[name] = time.monotonic()

    def _answer(self, peer: _Peer) -> None:
        now = time.monotonic()
        if peer not in self._listeners and len(self._listeners) >= _LISTENERS:
            return
        listener = self._listeners.setdefault(peer, _Listener())
        listener.until = now + _LISTEN_SECONDS
        if now - listener.answered >= _ASK_SECONDS:
            listener.answered, listener.told, listener.own = now, {}, {}

    def _tell(self) -> None:
        values, now = self._steering.values(), time.monotonic()
        for peer, listener in list(self._listeners.items()):
            if listener.until < now:
                del self._listeners[peer]
                continue
            for name, value in values.items():
                if listener.told.get(name) != value and now - listener.own.get(name, -1.0) >= _OWN_SECONDS:
                    listener.told[name] = value
                    with contextlib.suppress(OSError):  # nobody is there any more
                        self._socket.sendto(message_of(name, value), peer)
