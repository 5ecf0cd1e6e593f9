#!/bin/sh
# Replays of the shipped scripts through the real window, and one table of what they measured. Called by `make bench`.
#   MEDIA   a folder of videos, or the address of a feed; else the clips of the sample reel, six times over
#   SCRIPTS which scripts (browse overlay rush linger)
#   TARGET  cargo's target folder; the reports lie in TARGET/bench afterwards
# Neither reads nor changes anything of the user's. Without a display it starts an Xvfb of its own.
set -eu
cd "$(dirname "$0")/.."
target=${TARGET:-${CARGO_TARGET_DIR:-$PWD/target}}
reports=$target/bench
# Words of CARGO may be several.
${CARGO:-cargo} build --release --locked --bin flickreel
flickreel=$target/release/flickreel

work=$(mktemp -d)
xvfb=
clean() {
  [ -z "$xvfb" ] || kill "$xvfb" 2>/dev/null || true
  rm -rf "$work"
}
trap clean EXIT
trap 'exit 130' INT TERM

media=${MEDIA:-}
if [ -z "$media" ]; then
  media=$work/media
  mkdir "$media"
  # The reel has seven clips, and forty swipes need more items.
  for round in 1 2 3 4 5 6; do
    for clip in resources/reel/*.mp4; do
      ln -s "$PWD/$clip" "$media/$round-$(basename "$clip")"
    done
  done
fi

if [ -z "${DISPLAY:-}" ]; then
  Xvfb -displayfd 3 -screen 0 450x800x24 -nolisten tcp -noreset 3>"$work/display" 2>/dev/null &
  xvfb=$!
  until [ -s "$work/display" ]; do
    kill -0 "$xvfb" || { echo "bench: Xvfb does not start" >&2; exit 2; }
    sleep 0.1
  done
  DISPLAY=:$(cat "$work/display")
  export DISPLAY
  unset WAYLAND_DISPLAY
fi

mkdir -p "$reports" "$work/run"
chmod 700 "$work/run"
export XDG_CACHE_HOME="$work/cache" XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state" XDG_DATA_HOME="$work/data"
export XDG_RUNTIME_DIR="$work/run"

set --
for script in ${SCRIPTS:-browse overlay rush linger}; do
  echo "$script ..."
  report=$reports/$script.json
  status=0
  "$flickreel" replay "$script" "$media" --window 450x800 --mute --report "$report" 2>"$work/said" || status=$?
  # 1: a threshold does not hold, which the table shows, too.
  if [ "$status" -gt 1 ]; then
    cat "$work/said" >&2
    exit 2
  fi
  grep '^BROKEN' "$work/said" || true
  set -- "$@" "$report"
done

echo
"$flickreel" replay --table "$@"
if [ -f "$reports/browse.json" ] && [ -f "$reports/overlay.json" ]; then
  echo
  echo "What the open overlay costs (A: browse, B: overlay):"
  "$flickreel" replay --compare "$reports/browse.json" "$reports/overlay.json" | grep -E '^(figure|cpu_cores|peak_pss_mb|frame_p95_ms|warm_p95_ms)' || true
fi
echo
echo "The reports are in $reports; compare with others: flickreel replay --compare OLD.json NEW.json"
