#!/bin/sh
# Runs the kernels in C under the sanitizers of addresses and of undefined behaviour (GCC, Linux on
# x86-64 with AVX2; both widths of vectors where the processor has AVX-512 with VNNI).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cc -g -O1 -Wall -Wextra -ffp-contract=off -fsanitize=address,undefined -fno-sanitize-recover=undefined \
  -I "$root/core/src/main/c" -o "$folder/sanitized" "$root/core/src/test/c/sanitized.c" -lm
ASAN_OPTIONS=detect_leaks=0 "$folder/sanitized"
