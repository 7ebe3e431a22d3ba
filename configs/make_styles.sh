#!/bin/sh
# Trains, exports and bundles every style of configs/: what `make styles` runs.
#   make_styles.sh CONTENT_FOLDER PAINTINGS_FOLDER [VGG_WEIGHTS]
# PAINTINGS_FOLDER holds NAME.jpg for each recipe NAME.toml. configs/NAME.toml makes the fast network, which
# configs/second/NAME.toml and configs/third/NAME.toml, where there are such, train on; configs/full/NAME.toml makes the
# full one.
# An interrupted run goes on when started again.
set -eu
content=${1:?folder of photographs (make styles CONTENT=...)} paintings=${2:?folder of paintings (PAINTINGS=...)}
weights=${3:-}
realtime=${REALTIME:-.venv/bin/realtime}

# learn RECIPE RUN [START]: trains runs/RUN, from the checkpoint of runs/START where that is given.
learn() {
  recipe=$1 run=runs/$2 start=${3:+runs/$3/checkpoint.safetensors}
  set -- --content "$content" --recipe "$recipe" --output "$run"
  [ -z "$start" ] || set -- "$@" --start-from "$start"
  [ -z "$weights" ] || set -- "$@" --vgg-weights "$weights"
  [ ! -e "$run/checkpoint.safetensors" ] || set -- "$@" --resume
  "$realtime" train "$paintings/$(basename "$recipe" .toml).jpg" "$@"
}

for recipe in configs/*.toml; do
  name=$(basename "$recipe" .toml) last=$(basename "$recipe" .toml)
  learn "$recipe" "$name"
  for stage in second third; do
    if [ -e "configs/$stage/$name.toml" ]; then
      learn "configs/$stage/$name.toml" "$name-$stage" "$last"
      last=$name-$stage
    fi
  done
  "$realtime" export "runs/$last/checkpoint.safetensors" -o "models/styles/$name-fast.onnx"
done
for recipe in configs/full/*.toml; do
  [ -e "$recipe" ] || continue
  name=$(basename "$recipe" .toml)
  learn "$recipe" "$name-full"
  "$realtime" export "runs/$name-full/checkpoint.safetensors" -o "models/styles/$name-full.onnx"
done
