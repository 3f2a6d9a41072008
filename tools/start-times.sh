#!/bin/sh
# Times whole processes, medians of 5: the version, the first token of the bundled model, and, where a
# GGUF file is given, opening it and its first token.
#
#   tools/start-times.sh [MODEL.gguf]
#
# Milliseconds; needs a `date` that knows %N (GNU coreutils).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
runs=5

now() { date +%s%N; }

# median NAME COMMAND...
median() {
  name=$1
  shift
  "$@" >/dev/null 2>&1 </dev/null || { echo "$name: the command failed: $*" >&2; return 1; }
  run=0
  while [ $run -lt $runs ]; do
    start=$(now)
    "$@" >/dev/null 2>&1 </dev/null
    echo $((($(now) - start) / 1000000))
    run=$((run + 1))
  done | sort -n | awk -v name="$name" \
    '{ ms[NR] = $1 } END { printf "%-32s %6d ms  (%d to %d, %d runs)\n", name, ms[int((NR + 1) / 2)], ms[1], ms[NR], NR }'
}

median "--version" "$root/lengthwise" --version
median "first token, bundled model" "$root/lengthwise" generate -p "public class" -n 1 --quiet
if [ $# -gt 0 ]; then
  median "inspect ${1##*/}" "$root/lengthwise" inspect "$1"
  median "first token, ${1##*/}" "$root/lengthwise" generate -m "$1" -p "The" -n 1 --quiet
fi
