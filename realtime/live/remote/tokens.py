"""The token that a page shows where others than this machine can reach it."""

from __future__ import annotations

import re
import secrets

from stylecam.models.errors import OptionsError

__all__ = ["check_token", "new_token"]

SHORTEST = 16  # characters


def new_token() -> str:
    """One that nobody guesses: 128 random bits."""
    return secrets.token_urlsafe(16)


def check_token(token: str) -> None:
    """Raises `OptionsError` for one that could be guessed, or that an address cannot hold."""
    if len(token) < SHORTEST:
        raise OptionsError(f"the token is too short: want at least {SHORTEST} letters and digits")
    if not re.fullmatch(r"[A-Za-z0-9._~-]+", token):
        raise OptionsError("the token has signs that an address cannot hold: want letters, digits, - and _")
