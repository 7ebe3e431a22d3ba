"""What a word without an option means before anything else: a subcommand, or a file to play."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence

import click

__all__ = ["file_as_camera"]


def file_as_camera(group: click.Group, ctx: click.Context, args: Sequence[str]) -> list[str]:
    """The words of a command line, with ``--camera=FILE`` for a FILE that stands where a subcommand would.

    Options may come before and after it. Raises `click.UsageError` for a second file, and for what is neither a
    subcommand nor a file.
    """
    words, played = list(args), ""
    while True:
        # A parser of its own: only it knows which words are the values of options.
        given, rest, _ = group.make_parser(ctx).parse_args(list(words))
        if not rest or (rest[0] in group.list_commands(ctx) and not played):
            return words
        word = rest[0]
        if played and word in group.list_commands(ctx):
            raise click.UsageError(f"{word} is a command and goes before its files: realtime {word} {played}", ctx)
        if not os.path.exists(os.path.expanduser(word)):
            raise click.UsageError(_neither(word, group.list_commands(ctx)), ctx)
        if played or "camera" in given:
            other = played or f"--camera {given['camera']}"
            raise click.UsageError(f"{other} and {word}: only one source can be played at a time: give one", ctx)
        before = words[: len(words) - len(rest)]
        played, words = word, [*(w for w in before if w != "--"), f"--camera={word}", *rest[1:]]


def _neither(word: str, commands: Sequence[str]) -> str:
    what = f"{word} is neither a command nor a file"
    near = difflib.get_close_matches(word, commands, n=1)
    if near and word.isalpha():  # else it was meant as a file
        return f"{what}; did you mean `realtime {near[0]}`?"
    if word == "demo" or word.isdecimal() or "://" in word:
        return f"{what}; to use it as a camera: realtime --camera {word}"
    return f"{what}: check the path, or use one of {', '.join(commands)}"
