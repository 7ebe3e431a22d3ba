"""An address as a QR code in a terminal, for phones."""

from __future__ import annotations

from stylecam.realtime.common.extras import needs_extra

__all__ = ["qr_code"]

_BLACK_ON_WHITE, _USUAL = "\033[38;5;16;48;5;231m", "\033[0m"
_HALVES = {(0, 0): " ", (0, 1): "▄", (1, 0): "▀", (1, 1): "█"}  # (upper, lower): which is dark


def qr_code(address: str, colours: bool) -> str:
    """The code in lines of half blocks; without `colours` for a dark terminal, which most are."""
    with needs_extra("remote", "--qr needs segno"):
        import segno
    rows = [[int(dark) for dark in row] for row in segno.make(address, error="l", micro=False).matrix_iter(border=2)]
    if not colours:
        rows = [[1 - dark for dark in row] for row in rows]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    lines = ("".join(_HALVES[pair] for pair in zip(*rows[n : n + 2], strict=True)) for n in range(0, len(rows), 2))
    return "\n".join(f"{_BLACK_ON_WHITE}{line}{_USUAL}" if colours else line for line in lines)
