#!/usr/bin/env bash
# Submits shards -> merge -> index of a harvest to Slurm; submitted again, it goes on where it stopped.
set -euo pipefail

# Settings, taken from the environment where they are set there.
BUNDLE=${BUNDLE:-}                 # the run bundle that `atlas convert` wrote
OUT=${OUT:-}                       # the harvest; parts go to $OUT.parts
SHARDS=${SHARDS:-8}                # tasks of the array
THREADS=${THREADS:-4}              # worker threads, and CPUs, of a shard
MEMORY=${MEMORY:-8G}               # of a shard
TIME_LIMIT=${TIME_LIMIT:-04:00:00} # of a shard; at its end a shard is put back into the queue and goes on
MAX_REQUEUES=${MAX_REQUEUES:-20}   # of a shard, before it is given up
JOIN_MEMORY=${JOIN_MEMORY:-16G}    # of merge and of index
JOIN_TIME=${JOIN_TIME:-04:00:00}   # of merge and of index
LOGS=${LOGS:-$OUT.logs}            # one log a shard, one of merge, one of index

usage() {
  cat <<'USAGE'
usage: BUNDLE=dir OUT=dir [SHARDS=n] [THREADS=k] [MEMORY=8G] [TIME_LIMIT=04:00:00] [MAX_REQUEUES=20]
         [JOIN_MEMORY=16G] [JOIN_TIME=04:00:00] [LOGS=dir] submit.sh STORIES... [-- OPTIONS OF atlas harvest]

Submits an array of SHARDS tasks that harvest STORIES into OUT.parts, a job that merges them into OUT, and a job that
writes the index into BUNDLE. All paths must be seen by every node, this checkout and its node_modules too.
Partition and account are sbatch's own variables: SBATCH_PARTITION, SBATCH_ACCOUNT.
Submitted again after a failure, with the same settings, it runs only what is missing.
USAGE
}

fail() {
  echo "submit.sh: $1" >&2
  exit "${2:-3}"
}

if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  usage
  exit 0
fi

stories=()
while (($# > 0)) && [[ $1 != -- ]]; do
  stories+=("$(realpath -e -- "$1")")
  shift
done
(($# == 0)) || shift # the --
if [[ -z $BUNDLE || -z $OUT || ${#stories[@]} -eq 0 ]]; then
  usage >&2
  exit 2
fi
[[ $SHARDS =~ ^[1-9][0-9]*$ ]] || fail "SHARDS is $SHARDS, expected a number of at least 1" 2

here=$(dirname -- "$(realpath -e -- "${BASH_SOURCE[0]}")")
checkout=$(realpath -e -- "$here/../..")
bundle=$(realpath -m -- "$BUNDLE")
out=$(realpath -m -- "$OUT")
logs=$(realpath -m -- "$LOGS")
[[ -f $bundle/manifest.json ]] || fail "BUNDLE $bundle: no manifest.json in it, expected what \`atlas convert\` wrote"
[[ -x $checkout/node_modules/.bin/tsx ]] || fail "$checkout: no packages installed, expected those of \`npm ci\`"

# Two submissions at once would write the same parts: a harvest has jobs of its own name, and is refused while one waits.
name="atlas-$(printf '%s' "$out" | cksum | cut -d ' ' -f 1)"
queued=$(squeue --noheader --user="$(id -un)" --name="$name" --format='%i (%T)')
if [[ -n $queued ]]; then
  fail "OUT $out: jobs of this harvest are still in the queue: ${queued//$'\n'/, }; wait for them, or scancel --name=$name"
fi

mkdir -p -- "$logs"
submitted=()
cancel_submitted() {
  ((${#submitted[@]} == 0)) || scancel "${submitted[@]}"
}
trap cancel_submitted ERR

common=(--parsable --job-name="$name" --kill-on-invalid-dep=yes --open-mode=append --requeue)
shards=$(sbatch "${common[@]}" --array="0-$((SHARDS - 1))" --cpus-per-task="$THREADS" --mem="$MEMORY" \
  --time="$TIME_LIMIT" --output="$logs/shard-%a.log" "$here/shard.sbatch" \
  "$checkout" "$SHARDS" "$THREADS" "$MAX_REQUEUES" --bundle "$bundle" --out "$out" --stories "${stories[@]}" "$@")
shards=${shards%%;*} # the cluster's name follows where there are several
submitted+=("$shards")

merge=$(sbatch "${common[@]}" --dependency="afterok:$shards" --mem="$JOIN_MEMORY" --time="$JOIN_TIME" \
  --output="$logs/merge.log" "$here/atlas.sbatch" "$checkout" merge --out "$out" "$out.parts")
merge=${merge%%;*}
submitted+=("$merge")

index=$(sbatch "${common[@]}" --dependency="afterok:$merge" --mem="$JOIN_MEMORY" --time="$JOIN_TIME" \
  --output="$logs/index.log" "$here/atlas.sbatch" "$checkout" index --bundle "$bundle" --harvest "$out")
index=${index%%;*}

echo "shards $shards (0-$((SHARDS - 1))), merge $merge, index $index; logs in $logs"
