#!/bin/sh
# Trains, exports and bundles every style of configs/*.toml: what `make styles` runs.
#   make_styles.sh CONTENT_FOLDER PAINTINGS_FOLDER [VGG_WEIGHTS]
# PAINTINGS_FOLDER holds NAME.jpg for each configs/NAME.toml. An interrupted run goes on when started again.
set -eu
content=${1:?folder of photographs (make styles CONTENT=...)} paintings=${2:?folder of paintings (PAINTINGS=...)}
weights=${3:+--vgg-weights $3}
realtime=${REALTIME:-.venv/bin/realtime}

for recipe in configs/*.toml; do
  name=$(basename "$recipe" .toml)
  run=runs/$name
  set -- --content "$content" --recipe "$recipe" --output "$run"
  [ -e "$run/checkpoint.safetensors" ] && set -- "$@" --resume
  # shellcheck disable=SC2086 (empty, or two words)
  "$realtime" train "$paintings/$name.jpg" "$@" $weights
  "$realtime" export "$run/checkpoint.safetensors" -o "models/styles/$name-fast.onnx"
done
