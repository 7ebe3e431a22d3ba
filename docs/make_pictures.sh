#!/bin/sh
# Makes the pictures of the window in README and docs: the real one on a virtual screen, its keys pressed by xdotool;
# and those of the page, in a real browser.
# All others stand beside their commands.
# Needs Xvfb, xdotool, ffmpeg and chromium. Run it from the repository's root.
set -eu
export DISPLAY=:${SCREEN:-83}
Xvfb "$DISPLAY" -screen 0 1280x800x24 -nolisten tcp -noreset >/dev/null 2>&1 &
server=$!
work=$(mktemp -d)
.venv/bin/python - <<'WAIT'
import os, pathlib, time
socket = pathlib.Path("/tmp/.X11-unix/X" + os.environ["DISPLAY"][1:])
end = time.monotonic() + 20
while not socket.exists() and time.monotonic() < end:
    time.sleep(0.05)
WAIT
XDG_STATE_HOME=$work .venv/bin/realtime --camera demo --style hokusai --folder "$work" >"$work/report" 2>/dev/null &
app=$!
trap 'kill $app $server 2>/dev/null || true; rm -rf "$work"' EXIT
window=$(xdotool search --sync --onlyvisible --class '^stylecam$' | head -n 1)
xdotool windowfocus "$window"
eval "$(xdotool getwindowgeometry --shell "$window")" # X and Y
shot() { # NAME: when the HUD's averages have settled
  sleep 2
  ffmpeg -v error -y -f x11grab -draw_mouse 0 -video_size 640x480 -i "$DISPLAY+$X,$Y" -frames:v 1 "docs/$1.png" </dev/null
}
shot window
xdotool key v
shot window-split
xdotool key v question
shot window-help
xdotool key q
wait $app
.venv/bin/realtime --camera demo --style hokusai --no-window --serve 8086 2>/dev/null >"$work/report" &
app=$!
.venv/bin/python docs/page_pictures.py http://127.0.0.1:8086/
kill $app
wait $app || true
cat "$work/report"
