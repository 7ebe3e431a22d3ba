#!/bin/sh
# Trains, exports and bundles every style of configs/*.toml: what `make styles` runs.
#   make_styles.sh CONTENT_FOLDER PAINTINGS_FOLDER [VGG_WEIGHTS]
# PAINTINGS_FOLDER holds NAME.jpg for each configs/NAME.toml; configs/second/NAME.toml, where there is one, trains
# the network on. An interrupted run goes on when started again.
set -eu
content=${1:?folder of photographs (make styles CONTENT=...)} paintings=${2:?folder of paintings (PAINTINGS=...)}
weights=${3:+--vgg-weights $3}
realtime=${REALTIME:-.venv/bin/realtime}

train() { # RECIPE RUN [--start-from CHECKPOINT]
  recipe=$1 run=$2
  shift 2
  [ -e "$run/checkpoint.safetensors" ] && set -- --resume
  # shellcheck disable=SC2086 (empty, or two words)
  "$realtime" train "$paintings/$name.jpg" --content "$content" --recipe "$recipe" --output "$run" $weights "$@"
}

for first in configs/*.toml; do
  name=$(basename "$first" .toml)
  train "$first" "runs/$name"
  run=runs/$name
  if [ -e "configs/second/$name.toml" ]; then
    train "configs/second/$name.toml" "runs/$name-2" --start-from "$run/checkpoint.safetensors"
    run=runs/$name-2
  fi
  "$realtime" export "$run/checkpoint.safetensors" -o "models/styles/$name-fast.onnx"
done
