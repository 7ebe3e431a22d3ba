"""`realtime web`: the page that paints in the browser, served from this machine."""

from __future__ import annotations

import webbrowser

import click

from stylecam.realtime.commands.saying import notify

__all__ = ["web_command"]

PORT = 8710


@click.command("web")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="Port on this machine; 0: any."
)
@click.option("--open", "open_", is_flag=True, help="Open the page in your browser.")
def web_command(port: int, open_: bool) -> int:
    """Serve the page that paints in a browser, to this machine only. Ctrl-C ends it.

    \b
    Examples:
      realtime web --open
      realtime web --port 9000
    """
    from stylecam.realtime.live.web_page import WebPageServer

    with WebPageServer(port) as server:
        click.echo(server.url)
        notify("the page is served until Ctrl-C is pressed; it paints in the browser, nothing leaves this machine")
        if open_ and not webbrowser.open(server.url):
            notify("there is no browser to open: visit the address above")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0
