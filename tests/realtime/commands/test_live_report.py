"""The report that a live session prints at its end."""

from stylecam.realtime.commands.live_output import SWITCHES, print_report


def _report(switches):
    return {
        "style": "hokusai", "tier": "fast", "provider": "CPU", "source": "demo", "size": [640, 480], "fps": 30.0,
        "frames_shown": 100, "frames_dropped": 0, "latency_ms": {"p50": 10.0, "p95": 20.0},
        "inference_ms": {"p50": None, "p95": None}, "first_frame_ms": None, "peak_rss_mb": 200.0,
        "switches": [{"to": f"style-{n}", "ms": float(n)} for n in range(switches)], "saved": ["a.png"],
    }  # fmt: skip


def _switched(capsys):
    return [line.split(maxsplit=1)[1] for line in capsys.readouterr().out.splitlines() if line.startswith("switched")]


def test_a_few_switches_are_all_listed(capsys):
    print_report(_report(SWITCHES), False)
    assert _switched(capsys) == [f"to  style-{n} in {n} ms" for n in range(SWITCHES)]


def test_of_many_switches_only_the_last_are_listed(capsys):
    print_report(_report(SWITCHES + 101), False)
    lines = _switched(capsys)
    assert lines[0] == "    101 times before, in 50 ms (median)".strip()
    assert lines[1:] == [f"to  style-{n} in {n} ms" for n in range(101, 101 + SWITCHES)]
