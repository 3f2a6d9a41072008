#!/usr/bin/env bash
# Checks on a machine with a GPU what no other machine can: one call, one table, a few minutes.
#
#   tools/gpu-check.sh [MODEL]      (default: the bundled model)
#
# Needs `mvn -Pcuda package -DskipTests`, an NVIDIA driver, CUDA 13, cuDNN 9 and NCCL 2. Where
# python3 has PyTorch, its speed for products of the same shape stands beside ours.
# Not yet run on a GPU: no machine with one has been at hand.
set -u
cd "$(dirname "$0")/.."
model=${1:-java-5m}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

row() { printf '%-44s %-8s %s\n' "$1" "$2" "$3"; }

# check NAME COMMAND...: runs, says how long it took, keeps the output.
check() {
  name=$1
  shift
  start=$(date +%s.%N)
  if "$@" >"$work/out" 2>"$work/err"; then
    row "$name" ok "$(awk -v s="$start" -v e="$(date +%s.%N)" 'BEGIN {printf "%.1f s", e - s}')"
  else
    failed=1
    row "$name" FAILED "$(tail -n 1 "$work/err")"
  fi
}

ids="$work/ids.txt"
awk 'BEGIN {srand(1); for (n = 0; n < 700; n++) printf "%d ", 5 + int(rand() * 90)}' >"$ids"

row CHECK RESULT DETAIL
check "training, smoke" ./lengthwise train --config models/java-5m/train.json --tiny --device cuda

for method in rope lm-infinite:local=64,global=10 rerope:window=64 yarn:factor=4 self-extend; do
  for device in cpu cuda; do
    check "losses, $method, $device" ./lengthwise perplexity -m "$model" --ids "$ids" \
      --method "$method" --dtype f32 --device "$device" --json --per-token
    cp "$work/out" "$work/$device.json"
  done
  worst=$(python3 - "$work/cpu.json" "$work/cuda.json" <<'PYTHON'
import json, sys
one, other = (json.load(open(path))["nll"] for path in sys.argv[1:])
print("%.1e" % max(abs(a - b) for a, b in zip(one, other)))
PYTHON
  ) || worst=none
  if awk -v w="$worst" 'BEGIN {exit !(w != "none" && w + 0 < 1e-3)}'; then
    row "  greatest difference of a loss" ok "$worst"
  else
    failed=1
    row "  greatest difference of a loss" FAILED "$worst (at most 1e-3)"
  fi
done

check "text, cuda" ./lengthwise generate -m "$model" --device cuda --dtype bf16 --temp 0 -n 64 -p "public"
check "training steps, cuda" ./lengthwise bench --train 256 --device cuda --repetitions 3
grep -E 'train|tokens' "$work/out" | tail -n 3

if python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
  python3 - <<'PYTHON'
import time, torch
weight = torch.randn(8192, 2048, device="cuda", dtype=torch.bfloat16)
rows = torch.randn(4096, 2048, device="cuda", dtype=torch.bfloat16)
for _ in range(5):
    torch.nn.functional.linear(rows, weight)
torch.cuda.synchronize()
start = time.time()
for _ in range(50):
    torch.nn.functional.linear(rows, weight)
torch.cuda.synchronize()
print("%-44s %-8s %.0f TFLOP/s" % ("PyTorch, bf16 linear 4096 x 2048 x 8192", "-",
      50 * 2 * 4096 * 2048 * 8192 / (time.time() - start) / 1e12))
PYTHON
fi
exit $failed
