"""Commands called in this process, as the program's main() calls them."""

from click.testing import CliRunner

from stylecam.models.errors import StylecamError


def invoke(command, *args):
    """Exit code, stdout and stderr of `command ARGS`; errors of ours are raised, as for main()."""
    result = CliRunner().invoke(command, [str(a) for a in args], standalone_mode=False)
    if isinstance(result.exception, StylecamError):
        raise result.exception
    assert result.exception is None, result.exception
    return result.return_value, result.stdout, result.stderr
