#!/bin/sh
# Trains, exports and bundles the bases and every style: what `make styles` runs.
#   make_styles.sh CONTENT_FOLDER PAINTINGS_FOLDER [VGG_WEIGHTS]
# configs/base.toml makes the base of tier fast from all paintings in PAINTINGS_FOLDER, configs/NAME.toml trains it
# on to the network of PAINTINGS_FOLDER/NAME.jpg, configs/again/NAME.toml that one further, and so does each
# folder again in that. configs/full/ holds the same for tier full. An interrupted run goes on when started again.
set -eu
content=${1:?folder of photographs (make styles CONTENT=...)} paintings=${2:?folder of paintings (PAINTINGS=...)}
weights=${3:-}
realtime=${REALTIME:-.venv/bin/realtime}
[ -e configs/make_styles.sh ] || { echo "start it in the repository's root, where configs is" >&2; exit 2; }

# learn PAINTING RECIPE RUN [OPTION...]: trains runs/RUN.
learn() {
  painting=$1 recipe=$2 run=runs/$3
  shift 3
  [ -z "$weights" ] || set -- "$@" --vgg-weights "$weights"
  [ ! -e "$run/checkpoint.safetensors" ] || set -- "$@" --resume
  "$realtime" train "$painting" --content "$content" --recipe "$recipe" --output "$run" "$@"
}

# paint FOLDER TIER: the tier's base, and every style with a recipe in FOLDER, trained further by those in FOLDER/again.
paint() {
  folder=$1 tier=$2
  set -- "$folder"/*.toml
  [ -e "$1" ] || return 0
  learn "$paintings" "$folder/base.toml" "base-$tier"
  "$realtime" export "runs/base-$tier/checkpoint.safetensors" -o "models/base/base-$tier.onnx"
  for recipe; do
    name=$(basename "$recipe" .toml)
    [ "$name" != base ] || continue
    at=$folder made=$name
    learn "$paintings/$name.jpg" "$recipe" "$made-$tier" --start-from "runs/base-$tier/checkpoint.safetensors"
    while [ -e "$at/again/$name.toml" ]; do
      at=$at/again
      learn "$paintings/$name.jpg" "$at/$name.toml" "$made-again-$tier" \
        --start-from "runs/$made-$tier/checkpoint.safetensors"
      made=$made-again
    done
    "$realtime" export "runs/$made-$tier/checkpoint.safetensors" -o "models/styles/$name-$tier.onnx"
  done
}

paint configs fast
paint configs/full full
