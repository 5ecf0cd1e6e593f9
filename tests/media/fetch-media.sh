#!/usr/bin/env bash
# Fetches media that other projects test with, by the names of the packages it is in: fetch-media.sh OUT
#   OUT  one flat folder of files, named after their package: good, fuzzed, truncated, encrypted
# Needs cargo, apt-get with dpkg-deb, and pip; a package that cannot be had ends it. Idempotent like make-media.sh.
# The files are test inputs: they are looked at by tests/it/player/damaged.rs and are no part of this repository.
set -euo pipefail

(($# == 1)) || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
stamp=$(cksum <"$0")

exec 9>"$out/.lock"
flock 9
if [[ -f $out/.made && $(<"$out/.made") == "$stamp" ]]; then
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Copies the media of an unpacked package, folders flattened into names.
keep() { # PACKAGE FOLDER
  (cd "$2" && find . -type f -size -8M \( -iname '*.mp4' -o -iname '*.m4v' -o -iname '*.mov' -o -iname '*.3gp' -o -iname '*.mkv' -o -iname '*.webm' \
    -o -iname '*.avi' -o -iname '*.ogv' -o -iname '*.ogg' -o -iname '*.flv' -o -iname '*.wmv' -o -iname '*.ts' -o -iname '*.mpg' -o -iname '*.mpeg' \
    -o -name 'clusterfuzz-testcase-*' \) -print0) |
    while IFS= read -r -d '' file; do
      cp "$2/$file" "$out/$1-$(tr '/ ' '--' <<<"${file#./}")"
    done
}

# Crates: their sources as cargo unpacks them.
mkdir -p "$work/crates/src"
: >"$work/crates/src/lib.rs"
cat >"$work/crates/Cargo.toml" <<'TOML'
[package]
name = "media"
version = "0.0.0"
edition = "2024"
[dependencies]
mp4parse = "=0.17.0"
mp4-atom = "=0.17.0"
matroska-demuxer = "=0.8.1"
[workspace]
TOML
(cd "$work/crates" && cargo vendor --quiet vendor >/dev/null)
for crate in mp4parse mp4-atom matroska-demuxer; do
  keep "$crate" "$work/crates/vendor/$crate"
done

# Source distributions of PyPI: unpacked; pip has their metadata made, and nothing else of them is run.
(cd "$work" && python3 -m pip download --quiet --no-deps --no-binary :all: mutagen==1.48.1 hachoir==3.4.0) || {
  echo "fetch-media: pip gave no source distributions" >&2
  exit 1
}
for archive in "$work"/*.tar.gz; do
  name=$(basename "$archive" .tar.gz)
  mkdir "$work/$name"
  tar -xzf "$archive" -C "$work/$name" --strip-components=1
  keep "${name%%-*}" "$work/$name"
done

# Packages of Debian, unpacked without being installed.
(cd "$work" && apt-get download -q golang-github-gabriel-vasile-mimetype-dev afl++-doc >/dev/null)
for archive in "$work"/*.deb; do
  name=$(basename "$archive" .deb)
  dpkg-deb -x "$archive" "$work/$name"
  keep "${name%%_*}" "$work/$name"
done

echo "$stamp" >"$out/.made"
