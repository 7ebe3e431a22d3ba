"""From the options of the live command to those of its session."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from stylecam.models.errors import OptionsError
from stylecam.realtime.commands.options import parse_lines, parse_rate, parse_size

if TYPE_CHECKING:
    from stylecam.realtime.live.broadcast import VirtualOptions
    from stylecam.realtime.live.live_options import LiveOptions

__all__ = ["live_settings"]


def live_settings(camera: str, options: dict[str, Any]) -> LiveOptions:
    """Raises `StylecamError` for what cannot be, before anything is loaded."""
    from stylecam.realtime.common.targets import check_target
    from stylecam.realtime.live.hotkeys import parse_keys
    from stylecam.realtime.live.live_options import LiveOptions

    virtual = _virtual_options(camera, options)
    if options["microphone"] is not None:
        from stylecam.realtime.live.microphone import check_library

        check_library()
    record, snapshot = options["record"], options["snapshot"]
    for target, suffix in ((record, ".mp4"), (snapshot, ".png")):
        if target is not None:
            check_target(target, (os.path.expanduser(camera),), suffix)  # as the source will be opened
    return LiveOptions(
        strength=options["strength"],
        preserve_color=options["preserve_color"],
        mirror=bool(options["mirror"]),
        steady=options["steady"],
        lines=parse_lines(options["paint_lines"]),
        target_fps=parse_rate(options["target_fps"], options["paint_lines"]),
        frames=options["frames"],
        keys=parse_keys(options["keys"]),
        record=record,
        snapshot=snapshot,
        folder=options["folder"],
        cycle_seconds=options["cycle_seconds"],
        **({} if options["glide"] is None else {"glide_seconds": options["glide"], "gliding": True}),
        hud=options["hud"],
        virtual=virtual,
        attract_seconds=options["attract_seconds"],
        kiosk=options["kiosk"],
    )


def _virtual_options(camera: str, options: dict[str, Any]) -> VirtualOptions:
    from stylecam.realtime.live.broadcast import VirtualOptions
    from stylecam.realtime.live.virtual_device import check_extra, device_path

    size = parse_size(options["virtual_size"], "--virtual-size") or (1280, 720)
    if size[0] % 2 or size[1] % 2:
        raise OptionsError(f"--virtual-size {options['virtual_size']}: give even sides, as 1280x720")
    device = options["virtual_camera"]
    if device is not None:
        check_extra()
    path = device_path(camera)
    own = path if path is not None and path.startswith("/dev/") else None
    return VirtualOptions(device is not None, device or None, size, own)
