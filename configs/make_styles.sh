#!/bin/sh
# Trains, exports and bundles the base and every style: what `make styles` runs.
#   make_styles.sh CONTENT_FOLDER PAINTINGS_FOLDER [VGG_WEIGHTS]
# configs/base.toml makes the base from all paintings in PAINTINGS_FOLDER, configs/NAME.toml trains it on to the network
# of PAINTINGS_FOLDER/NAME.jpg, configs/again/NAME.toml that one further, and so does each folder again in that.
# configs/full/NAME.toml doubles the last of these and trains it on in tier full. An interrupted run goes on when
# started again.
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

# paint NAME FOLDER TIER START: trains a painter by the recipe in FOLDER from the checkpoint START, then by those in
# FOLDER/again, and bundles what came out last, which is the checkpoint $made.
paint() {
  name=$1 folder=$2 tier=$3 made=$4 called=$1
  while [ -e "$folder/$name.toml" ]; do
    learn "$paintings/$name.jpg" "$folder/$name.toml" "$called-$tier" --start-from "$made"
    made=runs/$called-$tier/checkpoint.safetensors called=$called-again folder=$folder/again
  done
  "$realtime" export "$made" -o "models/styles/$name-$tier.onnx"
}

learn "$paintings" configs/base.toml base-fast
base=runs/base-fast/checkpoint.safetensors
"$realtime" export "$base" -o models/base/base-fast.onnx
for recipe in configs/*.toml; do
  name=$(basename "$recipe" .toml)
  [ "$name" != base ] || continue
  paint "$name" configs fast "$base"
  [ ! -e "configs/full/$name.toml" ] || paint "$name" configs/full full "$made"
done
