#!/usr/bin/env bash
# Kills commands with SIGKILL at random moments, and checks that nothing is lost by it.
#
#   tools/kill-trials.sh [TRIALS] [FOLDER]
#
# TRIALS (50 by default) go in turn to four commands: a first start, which unpacks the native
# libraries into an empty cache; a training; a quantization; a comparison. Everything is written
# below FOLDER (a new temporary one by default), which stays. LENGTHWISE names the launcher
# (./lengthwise of this checkout by default), SEED the random moments (1 by default).
#
# After each kill the same command is run again and must end with status 0, and
#   start     generates what an undisturbed start generates;
#   train     goes on from the last checkpoint, which no kill sets back; the finished model is, byte
#             for byte, that of an undisturbed run;
#   quantize  no file, or a whole one, bears the name of the output;
#   compare   every row that was written is whole, and the report is that of an undisturbed run.
#
# Prints a line for each failure and a table at the end; status 1 if anything failed. An interrupt
# ends the trials after the one that runs.
# Needs bash and the GNU tools `setsid`, `timeout`, `cmp`, and a `sleep` that knows fractions.
set -u

root=$(cd "$(dirname "$0")/.." && pwd -P)
launcher=${LENGTHWISE:-$root/lengthwise}
trials=${1:-50}
work=${2:-$(mktemp -d)}
RANDOM=${SEED:-1}
kinds=(start train quantize compare)
declare -A killed=([start]=0 [train]=0 [quantize]=0 [compare]=0)
declare -A ended=([start]=0 [train]=0 [quantize]=0 [compare]=0)
declare -A failed=([start]=0 [train]=0 [quantize]=0 [compare]=0)
declare -A longest whole

mkdir -p "$work" || exit 1
cd "$work" || exit 1

# ---- inputs

write_text() { # words from a small vocabulary, always the same
  awk -v words="$1" 'BEGIN { srand(7); for (n = 0; n < words; n++)
    printf "%s%s", substr("mapletableriverstonecloud", 1 + 5 * int(5 * rand()), 5), n % 12 ? " " : "\n" }'
}

write_config() {
  cat <<'JSON'
{"model": {"vocabularySize": 258, "hiddenSize": 32, "layers": 2, "heads": 2, "keyValueHeads": 1,
  "headSize": 16, "feedForwardSize": 64, "rotaryBase": 10000.0, "normEpsilon": 1e-05, "tied": true,
  "architecture": {"norm": "rms", "placement": "pre", "feedForward": "swiglu",
    "queryKeyBias": false, "direction": "causal", "blocks": ["attention"]}},
 "trainedLength": 32, "method": "rope",
 "batch": {"sequences": 4, "accumulation": 1, "gradientCheckpointing": false},
 "schedule": {"name": "wsd", "steps": 120, "peakLearningRate": 0.002, "warmUpSteps": 5,
  "stableSteps": 80, "finalFraction": 0.03},
 "optimizer": {"name": "adamw", "weightDecay": 0.1, "beta1": 0.9, "beta2": 0.98,
  "epsilon": 1e-08, "clip": 1.0},
 "initialisation": "GPT2",
 "data": {"questions": [],
  "training": [{"shard": "training", "windows": "CROPS", "weight": 1.0}],
  "validation": {"shard": "validation", "windows": "CROPS"}},
 "seed": 42, "precision": "F32", "threads": 1,
 "intervals": {"validation": 100, "sample": 1000, "checkpoint": 10}}
JSON
}

# ---- the four commands; $1 is the folder that they write to

run_start() {
  mkdir -p "$1"
  DJL_CACHE_DIR="$1" \
    LENGTHWISE_JAVA_OPTIONS="${LENGTHWISE_JAVA_OPTIONS:-} -Dorg.bytedeco.javacpp.cachedir=$1" \
    "$launcher" generate -p "public class" -n 2 --temp 0 >"$1.out"
}

run_train() {
  "$launcher" train --config "$work/train.json" --data "$work/data" --out "$1" >"$1.out"
}

run_quantize() {
  mkdir -p "$1"
  "$launcher" quantize java-5m "$1/model.gguf" --type Q4_K --threads 1 --quiet >"$1.out"
}

run_compare() {
  "$launcher" compare -f "$work/validation.txt" --methods rope,linear:factor=2 \
    --lengths 32 --trials 0 --windows 1 --threads 1 --quiet --out "$1" >"$1.out"
}

# ---- checks: print what is wrong; $1 is the folder

step_of() { cat "$1/latest" 2>/dev/null || echo 00000000; }

torn_start() { :; }

torn_train() {
  local step
  step=$(step_of "$1")
  if [ "$step" != 00000000 ] && [ ! -s "$1/checkpoints/$step/model.safetensors" ]; then
    echo "latest names $step, which is not whole"
  fi
  if [ "$((10#$step))" -lt "$((10#${last_step:-0}))" ]; then
    echo "the kill set the run back from $last_step to $step"
  fi
}

torn_quantize() {
  if [ -e "$1/model.gguf" ] && ! cmp -s "$1/model.gguf" reference/quantize/model.gguf; then
    echo "a file that is not whole bears the name of the output"
  fi
}

torn_compare() {
  if [ -e "$1/results.jsonl" ] && grep -qv '^{.*}$' "$1/results.jsonl"; then
    echo "results.jsonl has a row that is not whole"
  fi
}

differs() { # KIND FOLDER
  case $1 in
    start) cmp "$2.out" reference/start.out ;;
    train) cmp "$2/model/model.safetensors" reference/train/model/model.safetensors ;;
    quantize) cmp "$2/model.gguf" reference/quantize/model.gguf ;;
    compare) diff <(rows "$2") <(rows reference/compare) ;;
  esac 2>&1
}

# What was measured, without its speed.
rows() { grep '"kind":"row"' "$1/results.jsonl" | sed -E 's/"tokensPerSecond":[^,}]*//'; }

# ---- trials

fail() { # KIND TRIAL REASON
  echo "FAILED $1, trial $2: $3" >&2
  failed[$1]=$((failed[$1] + 1))
}

# Kills a command and all that it started, at a random moment of a time that it needs as a whole.
kill_once() { # KIND FOLDER
  local moment
  moment=$(awk -v ms="${longest[$1]}" -v part="$RANDOM" 'BEGIN { printf "%.3f", ms / 1000 * part / 32768 }')
  export -f "run_$1"
  export launcher work
  setsid bash -c "run_$1 '$2'" 2>"$2.err" &
  local process=$!
  sleep "$moment"
  if kill -9 -- "-$process" 2>/dev/null; then
    killed[$1]=$((killed[$1] + 1))
  else
    ended[$1]=$((ended[$1] + 1))
    longest[$1]=$((longest[$1] * 3 / 4)) # the machine is faster than when the time was taken
  fi
  wait "$process" 2>/dev/null
}

complete() { # KIND FOLDER TRIAL: runs a command to its end and compares
  local reason
  if ! "run_$1" "$2" 2>"$2.err"; then
    fail "$1" "$3" "the next run failed: $(tail -n 1 "$2.err")"
  elif ! reason=$(differs "$1" "$2"); then
    fail "$1" "$3" "not what an undisturbed run gives: $reason"
  fi
}

trial() { # KIND TRIAL
  local folder=$work/$1-$2 reason
  if [ "$1" = train ]; then folder=$work/train-run-$runs; fi
  kill_once "$1" "$folder"
  reason=$("torn_$1" "$folder")
  if [ -n "$reason" ]; then fail "$1" "$2" "$reason"; fi
  if [ "$1" != train ]; then
    complete "$1" "$folder" "$2"
    rm -rf "$folder"
    return
  fi
  # One run is killed again and again; every third time it may reach its end.
  last_step=$(step_of "$folder")
  if [ $((train_trials % 3)) = 2 ]; then
    complete train "$folder" "$2"
    runs=$((runs + 1))
    last_step=0
  fi
  train_trials=$((train_trials + 1))
}

write_config >train.json
write_text 6000 >training.txt
write_text 1500 >validation.txt
[ -d data ] || "$launcher" prepare --tokenizer bytes --source training=text:training.txt \
  --source validation=text:validation.txt --out data >prepare.out || exit 1
mkdir -p reference
for kind in "${kinds[@]}"; do
  begin=$(date +%s%N)
  "run_$kind" "$work/reference/$kind" || { echo "the undisturbed $kind failed" >&2; exit 1; }
  longest[$kind]=$((($(date +%s%N) - begin) / 1000000))
  whole[$kind]=${longest[$kind]}
done

runs=0
train_trials=0
stopped=
trap 'stopped=yes' INT TERM
for ((number = 0; number < trials; number++)); do
  if [ -n "$stopped" ]; then break; fi
  trial "${kinds[number % ${#kinds[@]}]}" "$number"
done

status=0
printf '%-10s %8s %8s %8s %12s\n' command killed 'too late' failed 'whole run'
for kind in "${kinds[@]}"; do
  printf '%-10s %8d %8d %8d %9d ms\n' "$kind" "${killed[$kind]}" "${ended[$kind]}" \
    "${failed[$kind]}" "${whole[$kind]}"
  if [ "${failed[$kind]}" -gt 0 ]; then status=1; fi
done
exit $status
