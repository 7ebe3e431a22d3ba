"""`realtime bench`: the speed of this machine."""

from __future__ import annotations

import json

import click

from stylecam.realtime.commands.options import device_option, steady_option, tier_option

__all__ = ["bench_command"]


@click.command("bench")
@click.option(
    "--style", metavar="NAME", default="hokusai", show_default=True, help="Style to measure: a name, a mix or a file."
)
@tier_option()
@device_option()
@click.option("--size", metavar="WxH", default="640x480", show_default=True, help="Frame size.")
@steady_option("How steady the strokes are.")
@click.option("--frames", metavar="N", type=click.IntRange(1), help="Also measure the memory of a run of N frames.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench_command(
    style: str, tier: str, device: str, size: str, steady: float, frames: int | None, as_json: bool
) -> int:
    """Measure the speed of this machine, and compare with the reference network (Johnson et al. 2016).

    \b
    Examples:
      realtime bench --size 1280x720
      realtime bench --frames 10000
    """
    from stylecam.models.catalog import StyleCatalog
    from stylecam.realtime.commands.options import parse_size
    from stylecam.realtime.live.benchmark import run_bench
    from stylecam.realtime.painting.named_styles import find_style
    from stylecam.realtime.painting.stylizer import another_tier, without_tier

    def progress(text: str) -> None:
        click.echo(f"realtime: {text}", err=True)

    found = find_style(StyleCatalog(), style, tier)
    if lacking := without_tier(tier, [(style, found)]):
        progress(another_tier(tier, lacking))
    result = run_bench(found, parse_size(size) or (640, 480), device, progress, frames, steady)
    if as_json:
        click.echo(json.dumps(result.to_dict()))
        return 0
    click.echo(f"{result.style} ({result.tier}, {result.provider}) at {size}")
    click.echo(f"inference     {result.inference_ms:7.1f} ms   {result.inference_fps:6.1f} frames per second")
    click.echo(f"reference     {result.reference_ms:7.1f} ms   {result.times_faster:6.1f} times slower")
    for engine in result.engines:
        figures = f"{engine.inference_ms:7.1f} ms   {engine.reference_ms:6.1f} ms for the reference"
        click.echo(f"              {figures}   {engine.provider}")
    ratio = f"{result.end_to_end_ratio:.2f} of bare inference"
    click.echo(
        f"end to end    {1e3 / result.end_to_end_fps:7.1f} ms   {result.end_to_end_fps:6.1f} frames per second, {ratio}"
    )
    click.echo(f"first frame   {result.first_frame_ms:7.0f} ms   after the start of the command")
    if result.switch_ms is not None:
        click.echo(f"style switch  {result.switch_ms:7.1f} ms   {result.switch_frames:6.1f} frames, from the key on")
    click.echo(f"peak memory   {result.peak_rss_mb:7.0f} MB")
    if result.long_run_peak_rss_mb is not None:
        click.echo(f"              {result.long_run_peak_rss_mb:7.0f} MB   over {result.long_run_frames} frames")
    return 0
