"""Where a server listens, and the names by which it may be called."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass

from stylecam.models.errors import OptionsError

__all__ = ["LOOPBACK", "Address", "host_of", "parse_address"]

LOOPBACK = "127.0.0.1"

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?")
_NOWHERE = "192.0.2.1", 9  # reserved for documentation: asking for the way there sends nothing


@dataclass(frozen=True)
class Address:
    """An address of this machine to listen at, and a port; port 0 is any free one."""

    host: str
    port: int

    @property
    def local(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host == "localhost" or (_is_ip(self.host) and ipaddress.ip_address(self.host).is_loopback)

    @property
    def everywhere(self) -> bool:
        """Whether it is every address of this machine."""
        return _is_ip(self.host) and ipaddress.ip_address(self.host).is_unspecified

    @property
    def shown(self) -> str:
        """``host:port`` as others reach it, for every address of this machine the one of its way out."""
        host = _own_address() if self.everywhere else self.host
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

    def is_ours(self, host: str) -> bool:
        """Whether a client that names `host` (see `host_of`) means this machine.

        Names that anyone can point at it are not ours: a page from elsewhere would else reach the server under its own
        name. An address in digits cannot be pointed anywhere.
        """
        if _is_ip(host):
            return not self.local or ipaddress.ip_address(host).is_loopback
        own = socket.gethostname().lower().removesuffix(".local")
        return host == "localhost" or (not self.local and host in (own, f"{own}.local", self.host))


def parse_address(text: str, option: str) -> Address:
    """``"8080"``, ``"0.0.0.0:8080"`` or ``"[::1]:8080"``; without a host only this machine. Raises `OptionsError`."""
    host, _, port = text.strip().rpartition(":")
    host = host.removeprefix("[").removesuffix("]").lower() or LOOPBACK
    if not (port.isdecimal() and port.isascii() and int(port) <= 65535 and re.fullmatch(r"[0-9a-z:.-]+", host)):
        raise OptionsError(f"{option}: {text!r} is not [HOST:]PORT (example: {option} 8080)")
    try:
        host.encode("idna")  # as the system's functions do, whose errors are no OSError
    except UnicodeError:
        raise OptionsError(f"{option}: {host!r} is no host (example: {option} 0.0.0.0:8080)") from None
    return Address(host, int(port))


def host_of(header: str) -> str | None:
    """The host in a Host header, without its port and brackets; None for anything that is no such header."""
    found = _HOST.fullmatch(header.lower())
    return None if found is None else found[1].strip("[]").removesuffix(".")


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _own_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_NOWHERE)
        except OSError:  # there is no way out
            return socket.gethostname()
        return str(probe.getsockname()[0])
