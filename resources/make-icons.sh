#!/usr/bin/env bash
# Renders icon.svg: make-icons.sh [OUT [SIZE…]]; by default icon-256.png beside the drawing, the only size that is kept.
# Needs rsvg-convert (librsvg2-bin) or python3 with venv (cairosvg is then installed for the moment).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:-$here}
sizes=("${@:2}")
((${#sizes[@]})) || sizes=(256)
mkdir -p "$out"

if command -v rsvg-convert >/dev/null; then
  for size in "${sizes[@]}"; do rsvg-convert -w "$size" -h "$size" "$here/icon.svg" -o "$out/icon-$size.png"; done
else
  venv=$(mktemp -d)
  trap 'rm -rf "$venv"' EXIT
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check cairosvg==2.8.2
  for size in "${sizes[@]}"; do "$venv/bin/cairosvg" "$here/icon.svg" -o "$out/icon-$size.png" --output-width "$size" --output-height "$size"; done
fi
