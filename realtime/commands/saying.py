"""How a command speaks to its user: on stderr, under its own name."""

from __future__ import annotations

import click

__all__ = ["notify"]


def notify(sentence: str) -> None:
    """Says a sentence."""
    click.echo(f"realtime: {sentence}", err=True)
