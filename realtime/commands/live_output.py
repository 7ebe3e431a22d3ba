"""What the live command prints: its report, and the lists of cameras and microphones."""

from __future__ import annotations

import dataclasses
import json
import statistics
import sys
from collections.abc import Sequence
from typing import Any

import click

from stylecam.realtime.commands.saying import notify

__all__ = ["list_cameras", "list_microphones", "print_report"]

SWITCHES = 10  # that are listed


def list_cameras(as_json: bool) -> int:
    """`--list-cameras`; returns the exit code."""
    from stylecam.realtime.sources.connected_cameras import list_cameras as connected

    lines = {f"{one.index}  {one.path}  {one.name}  ({one.bus})": one for one in connected()}
    return _print_list(lines, as_json, "no camera found: plug one in, or try `realtime --camera demo`")


def list_microphones(as_json: bool) -> int:
    """`--list-microphones`; returns the exit code."""
    from stylecam.realtime.live.microphone import list_microphones as connected

    lines = {
        f"{one.index}  {one.name}  ({one.interface}){'  the usual one' if one.default else ''}": one
        for one in connected()
    }
    return _print_list(lines, as_json, "no microphone found: plug one in")


def _print_list(lines: dict[str, Any], as_json: bool, none: str) -> int:
    """Devices by the line that tells of each, or as a JSON list; says `none` where there is none."""
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(one) for one in lines.values()]))
    for line in () if as_json else lines:
        click.echo(line)
    if not lines:
        notify(none)
    return 0


def print_report(report: dict[str, Any], as_json: bool) -> None:
    """The report of `run_live`, as a table or one JSON object."""
    if as_json:
        click.echo(json.dumps(report))
        return
    latency, inference = report["latency_ms"], report["inference_ms"]
    width, height = report["size"]
    rows = [
        ("style", f"{report['style']} ({report['tier']}, {report['provider']})"),
        ("source", f"{report['source']}, {width}x{height}"),
        ("frames", f"{report['frames_shown']} shown, {report['frames_dropped']} dropped"),
        ("rate", f"{report['fps']:.1f} frames per second"),
    ]
    if latency["p50"] is not None:
        rows.append(("latency", f"{latency['p50']:.1f} ms, 95 % within {latency['p95']:.1f} ms"))
    if inference["p50"] is not None:
        rows.append(("inference", f"{inference['p50']:.1f} ms, 95 % within {inference['p95']:.1f} ms"))
    if report["first_frame_ms"] is not None:
        rows.append(("first frame", f"{report['first_frame_ms'] / 1000:.2f} s after the start"))
    rows.append(("peak memory", f"{report['peak_rss_mb']:.0f} MB"))
    rows += _switches(report["switches"])
    rows += [("saved", path) for path in report["saved"]]
    for name, value in rows:
        click.echo(f"{name:12} {value}")
    sys.stdout.flush()


def _switches(switches: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    earlier, last = switches[:-SWITCHES], switches[-SWITCHES:]
    rows = [("switched to", f"{switch['to']} in {switch['ms']:.0f} ms") for switch in last]
    if earlier:
        median = statistics.median(switch["ms"] for switch in earlier)
        rows.insert(0, ("switched", f"{len(earlier)} times before, in {median:.0f} ms (median)"))
    return rows
