#!/bin/sh
# Trains, exports and bundles every style of configs/: what `make styles` runs.
#   make_styles.sh CONTENT_FOLDER PAINTINGS_FOLDER [VGG_WEIGHTS]
# PAINTINGS_FOLDER holds NAME.jpg for each recipe NAME.toml. configs/NAME.toml makes the fast network, which NAME.toml in
# configs/second to configs/twelfth, where there are such, train on; configs/full has the full networks in the same way.
# An interrupted run goes on when started again.
set -eu
content=${1:?folder of photographs (make styles CONTENT=...)} paintings=${2:?folder of paintings (PAINTINGS=...)}
weights=${3:-}
stages="second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
realtime=${REALTIME:-.venv/bin/realtime}
[ -e configs/make_styles.sh ] || { echo "start it in the repository's root, where configs is" >&2; exit 2; }

# learn RECIPE RUN [START]: trains runs/RUN, from the checkpoint of runs/START where that is given.
learn() {
  recipe=$1 run=runs/$2 start=${3:+runs/$3/checkpoint.safetensors}
  set -- --content "$content" --recipe "$recipe" --output "$run"
  [ -z "$start" ] || set -- "$@" --start-from "$start"
  [ -z "$weights" ] || set -- "$@" --vgg-weights "$weights"
  [ ! -e "$run/checkpoint.safetensors" ] || set -- "$@" --resume
  "$realtime" train "$paintings/$(basename "$recipe" .toml).jpg" "$@"
}

# newest NAME FOLDER RUN: the last run that the recipes of FOLDER make of a style whose first one is RUN.
newest() {
  last=$3
  for stage in $stages; do
    [ ! -e "$2/$stage/$1.toml" ] || last=$3-$stage
  done
  echo "$last"
}

# paint FOLDER TIER: every style that has a recipe in FOLDER, and is trained on by those in the folders in it. Those in
# FOLDER/from-NAME begin as the finished network of NAME.
paint() {
  folder=$1 tier=$2
  for first in "$folder"/*.toml "$folder"/from-*/*.toml; do
    [ -e "$first" ] || continue
    name=$(basename "$first" .toml)
    from=$(basename "$(dirname "$first")")
    suffix=
    [ "$tier" = fast ] || suffix=-$tier
    begun=$name$suffix
    case $from in
      from-*) learn "$first" "$begun" "$(newest "${from#from-}" "$folder" "${from#from-}$suffix")" ;;
      *) learn "$first" "$begun" ;;
    esac
    last=$begun
    for stage in $stages; do
      [ -e "$folder/$stage/$name.toml" ] || continue
      learn "$folder/$stage/$name.toml" "$begun-$stage" "$last"
      last=$begun-$stage
    done
    "$realtime" export "runs/$last/checkpoint.safetensors" -o "models/styles/$name-$tier.onnx"
  done
}

paint configs fast
paint configs/full full
