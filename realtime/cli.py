"""The command `realtime`: parses, builds, calls. Subcommands are imported when they are called."""

from __future__ import annotations

import errno
import importlib
import importlib.metadata
import os
import sys
import threading
import traceback
from typing import Any

import click

from stylecam.models.errors import StylecamError

__all__ = ["main"]

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))  # no room: on the disk, or in one's share of it

# name: (module, attribute, one line for --help)
_COMMANDS = {
    "learn": ("stylecam.realtime.commands.learn", "learn_command", "Learn a new style while you watch."),
    "convert": ("stylecam.realtime.commands.convert", "convert_command", "Repaint pictures and videos."),
    "train": (
        "stylecam.realtime.commands.train",
        "train_command",
        "Train a style on your photographs, for the best quality.",
    ),
    "export": ("stylecam.realtime.commands.export", "export_command", "Turn a checkpoint into a style file."),
    "optimize": (
        "stylecam.realtime.commands.optimize",
        "optimize_command",
        "Paint one picture slowly, without training.",
    ),
    "styles": ("stylecam.realtime.commands.styles", "styles_command", "List, add, mix and order styles."),
    "evaluate": ("stylecam.realtime.commands.evaluate", "evaluate_command", "Measure how good a style is."),
    "bench": ("stylecam.realtime.commands.bench", "bench_command", "Measure the speed of this machine."),
    "web": ("stylecam.realtime.commands.web", "web_command", "Serve the page that paints in a browser."),
    "doctor": ("stylecam.realtime.commands.doctor", "doctor_command", "Check what works on this machine."),
}


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are called, so that the live command starts fast."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        from stylecam.realtime.commands.first_word import file_as_camera

        return super().parse_args(ctx, file_as_camera(self, ctx, args))

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, attribute, _ = _COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        _add_debug(command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in _COMMANDS.items()])


def main(argv: list[str] | None = None) -> int:
    """Runs the command and returns its exit code; the entry point of ``realtime``, where `argv` is None."""
    code = _run(sys.argv[1:] if argv is None else argv)
    if argv is None:
        _leave_held_threads(code)
    return code


def _run(argv: list[str]) -> int:
    debug = "--debug" in argv  # read here and not by click: a failure to read the options is shown too
    try:
        code = _cli()(argv, prog_name="realtime", standalone_mode=False, obj=argv)
        return code if isinstance(code, int) else 0
    except (KeyboardInterrupt, click.Abort):
        return _fail("interrupted", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the reader left: nothing more can be said
        return 1
    except Exception as error:  # noqa: BLE001 (told in one sentence, and with --debug in full)
        if debug:
            traceback.print_exception(error)
        return _fail(*_sentence(error, debug))


def _sentence(error: Exception, debug: bool) -> tuple[str, int]:
    """What is said of a failure, and its exit code."""
    if isinstance(error, click.UsageError):
        command = error.ctx.command_path if error.ctx else "realtime"
        return f"{error.format_message().rstrip('.')}; see `{command} --help`", 2
    if isinstance(error, click.ClickException):
        return error.format_message(), 1
    if isinstance(error, StylecamError):
        return str(error), error.exit_code
    if isinstance(error, OSError) and error.errno in _FULL:
        return (
            f"{error.filename or 'the output'} cannot be written: {error.strerror}; free some space, then run it again",
            1,
        )
    text = (str(error).strip().splitlines() or [""])[0]
    return f"unexpected {type(error).__name__}: {text}{'' if debug else ' (--debug shows where)'}", 1


def _fail(sentence: str, code: int) -> int:
    print(f"realtime: {sentence}", file=sys.stderr)  # noqa: T201 (the command's one voice for failures)
    return code


def _leave_held_threads(code: int) -> None:
    """Ends the process when a driver or a server holds one of our threads: Python's own way out would crash."""
    if not any(thread.name.startswith(("capture ", "decode ")) for thread in threading.enumerate()):
        return
    for thread in threading.enumerate():
        if not thread.daemon and thread is not threading.current_thread():
            thread.join()  # a recording is being finished
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _cli() -> click.Group:
    from stylecam.realtime.commands.live import live
    from stylecam.realtime.commands.live_arguments import LIVE_OPTIONS
    from stylecam.realtime.commands.options import refuse_options

    def default(ctx: click.Context, **options: Any) -> int | None:
        if not ctx.invoked_subcommand:
            return live(**options)
        refuse_options(ctx)
        return None

    return _LazyGroup(
        "realtime",
        params=[*LIVE_OPTIONS, _debug(), _version()],
        invoke_without_command=True,
        subcommand_metavar="[FILE | COMMAND [ARGS]...]",
        callback=click.pass_context(default),
        help=_HELP,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )


def _debug() -> click.Option:
    return click.Option(["--debug"], is_flag=True, expose_value=False, help="Show the full traceback of an error.")


def _add_debug(command: click.Command) -> None:
    """Gives a command and its subcommands the options that all have."""
    if not any("--debug" in option.opts for option in command.params):
        command.params += [_debug(), _version()]
    for subcommand in command.commands.values() if isinstance(command, click.Group) else ():
        _add_debug(subcommand)


def _version() -> click.Option:
    def show(ctx: click.Context, _: click.Parameter, value: bool) -> None:
        if value:
            click.echo(f"stylecam {importlib.metadata.version('stylecam')}")
            ctx.exit()

    return click.Option(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=show, help="Show the version and exit."
    )


_HELP = """Turn a camera into a painting, live. Press ? in the window to see the keys.

\b
Examples:
  realtime --camera 0 --style hokusai
  realtime --camera demo
  realtime holiday.mp4
  realtime holiday.mp4 --no-window --record painted.mp4
"""

if __name__ == "__main__":
    sys.exit(main())
