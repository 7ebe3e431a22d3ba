"""`realtime styles remove` and `rename`: what a user does with their own styles."""

from __future__ import annotations

import os

import click

from stylecam.models.catalog import StyleCatalog, user_folder
from stylecam.models.errors import OptionsError
from stylecam.models.style_order import order_file, read_order, write_order

__all__ = ["remove_command", "rename_command"]


@click.command("remove")
@click.argument("name")
def remove_command(name: str) -> int:
    """Remove one of your own styles.

    \b
    Example:
      realtime styles remove wave
    """
    from stylecam.realtime.painting.user_styles import own_files, remove_files

    files = own_files(name, user_folder())
    remove_files(files)
    for style in files:
        click.echo(str(style.path))
    click.echo(f"realtime: removed {name}", err=True)
    return 0


@click.command("rename")
@click.argument("name")
@click.argument("new_name")
@click.option("--title", help="Title of the painting.  [default: as it was, or the new name]")
def rename_command(name: str, new_name: str, title: str | None) -> int:
    """Give one of your own styles another name. It keeps its number key.

    \b
    Example:
      realtime styles rename mias-drawing rainbow --title "Mia's rainbow"
    """
    from stylecam.realtime.painting.user_styles import add_style, own_files, remove_files, renamed

    files = own_files(name, user_folder())
    if new_name != name and new_name in StyleCatalog().names:
        raise OptionsError(f"there is already a style {new_name}: choose another name")
    for style in files:
        given = title if title is not None else new_name if style.title == name else None
        path = add_style(renamed(style, new_name, given), user_folder(), overwrite=new_name == name)
        if path != style.path:
            before = style.path.stat()
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # own styles have their keys by date
            remove_files([style])
        click.echo(str(path))
    order = read_order(order_file())
    if name in order:
        write_order(order_file(), [new_name if one == name else one for one in order])
    click.echo(f"realtime: {name} is called {new_name} now", err=True)
    return 0
