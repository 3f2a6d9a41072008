#!/bin/sh
# Takes the picture of a report for the README, by hand: tools/screenshot.sh REPORT.html PICTURE.png [WIDTH,HEIGHT]
# Needs Chromium; the build and the tests do not.
set -eu
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
report=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
"${CHROMIUM:-chromium}" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
  --disable-background-networking --disable-component-update --disable-sync --hide-scrollbars \
  --user-data-dir="$profile" --virtual-time-budget=3000 \
  --screenshot="$2" --window-size="${3:-1128,1480}" "file://$report"
