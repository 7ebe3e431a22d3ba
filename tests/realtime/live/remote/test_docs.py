"""docs/remote.md tells what there is."""

import re
from pathlib import Path

from stylecam.realtime.live.control_queue import ControlQueue
from stylecam.realtime.live.remote.api import PUBLIC, Api
from stylecam.realtime.live.remote.osc_messages import addresses
from stylecam.realtime.live.remote.steering import Steering

from .conftest import FREE

DOCS = Path(__file__).parents[4] / "docs" / "remote.md"
HEAD = ["| address | arguments | does |", "|---|---|---|"]


def test_the_documentation_has_every_osc_address():
    rows = [f"| `{row[0]}` | {row[1]} | {row[2]} |" for row in addresses(Steering(ControlQueue({}), {}, True))]
    table = "\n".join([*HEAD, *rows])
    assert f"\n\n{table}\n\n" in DOCS.read_text("utf-8"), f"the table of {DOCS.name} should be:\n{table}"


def test_the_documentation_has_every_request_of_the_api(page):
    told = set(re.findall(r"`((?:GET|PUT|POST) /\S+?)`", DOCS.read_text("utf-8")))
    routes = Api(page.view, page.server._frames, None, FREE, None).routes()
    there = {f"{route.method} {re.sub(r'{(name|number).*?}(?=/|$)', _letters, route.path)}" for route in routes}
    of_the_page = {"GET /api/page", "POST /api/session", *(f"GET {path}" for path in PUBLIC)}
    assert told == {one for one in there if "thumbnails" not in one} - of_the_page


def _letters(match):
    return "NAME" if match[1] == "name" else "N"
