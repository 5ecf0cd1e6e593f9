#!/usr/bin/env bash
# Takes the pictures in this folder from the real window, on a display of its own: make-pictures.sh [NAME…]
#   first-launch  the sample reel on a machine that has never run Flickreel
#   mid-swipe     half-way through a swipe by hand
#   overlay       the performance overlay after a few swipes
#   failed        a damaged file in a folder
#   wide          a window wider than the video
#   scrubber      the pointer at the line of progress
#   menu          the menu of the rail
#   settings      the settings
#   keys          every key
#   open          what can be opened
#   captions      a video with captions beside it
#   ended         a video that stopped at its end
# Needs a release build (make build) and what `make test` installs. FLICKREEL names another binary.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$(cd ../.. && pwd)
flickreel=${FLICKREEL:-${CARGO_TARGET_DIR:-$root/target}/release/flickreel}
work=$(mktemp -d)
started=()
trap 'kill "${started[@]:-}" 2>/dev/null || true; wait 2>/dev/null; rm -rf "$work"' EXIT

# show SIZE SECONDS ARGS…: a fresh home and display, the program on it, and the keyboard given to its window.
show() {
  local size=$1 seconds=$2; shift 2
  local home; home=$(mktemp -d -p "$work")
  mkdir -m 700 "$home/run"
  Xvfb -displayfd 8 -screen 0 "${size}x24" -nolisten tcp 8>"$home/display" 2>/dev/null & started+=($!)
  until [[ -s $home/display ]]; do sleep 0.05; done
  DISPLAY=:$(<"$home/display"); export DISPLAY
  env -u WAYLAND_DISPLAY XDG_RUNTIME_DIR="$home/run" XDG_CACHE_HOME="$home/cache" XDG_CONFIG_HOME="$home/config" \
    XDG_STATE_HOME="$home/state" XDG_DATA_HOME="$home/data" "$flickreel" --window "$size" "$@" 2>"$home/log" & started+=($!)
  sleep "$seconds"
  xdotool windowfocus "$(xdotool search --onlyvisible --name Flickreel | tail -n 1)"; sleep 0.4
}
take() { import -window root "$1.png"; echo "$1.png"; }

first-launch() { show 450x800 4; xdotool mousemove 200 300 mousemove 210 310; sleep 0.7; take first-launch; }
mid-swipe() {
  show 450x800 4
  xdotool mousemove 225 650 mousedown 1
  for y in $(seq 640 -15 250); do xdotool mousemove 225 "$y"; done
  sleep 0.3; take mid-swipe; xdotool mouseup 1
}
overlay() {
  show 450x800 4
  for _ in 1 2 3 4; do xdotool key Down; sleep 1.2; done
  xdotool key i; sleep 0.6; xdotool key Down; sleep 0.9; take overlay
}
failed() {
  mkdir "$work/folder"
  ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=360x640:duration=2 -c:v libx264 "$work/whole.mp4"
  head -c 3000 "$work/whole.mp4" >"$work/folder/broken holiday clip.mp4"
  cp "$work/whole.mp4" "$work/folder/next.mp4"
  show 450x800 4 "$work/folder"; xdotool mousemove 200 300; sleep 0.5; take failed
}
wide() { show 1100x700 5; xdotool mousemove 500 300 mousemove 505 310; sleep 0.5; take wide; }

scrubber() { show 450x800 5; xdotool mousemove 225 700 mousemove 140 797; sleep 0.8; take scrubber; }
menu() { show 450x800 3; xdotool mousemove 300 500 mousemove 419 735; sleep 0.4; xdotool click 1; sleep 0.8; take menu; }
settings() { show 450x800 3; xdotool key ctrl+comma; sleep 0.8; take settings; }
keys() { show 450x800 3; xdotool key question; sleep 0.8; take keys; }
open() { show 450x800 3; xdotool key o; sleep 0.8; take open; }
captions() {
  mkdir "$work/told"
  cp "$root/resources/reel/ocean.mp4" "$work/told/ocean.mp4"
  printf '1\n00:00:00,000 --> 00:00:30,000\nThe sea keeps its own time.\n' >"$work/told/ocean.srt"
  show 450x800 3 "$work/told"; xdotool key c; sleep 2.6; xdotool mousemove 200 300 mousemove 205 310; sleep 0.6; take captions
}
ended() { show 450x800 2; xdotool key r; sleep 0.3; xdotool key 9; sleep 3.5; xdotool mousemove 200 300 mousemove 205 310; sleep 0.5; take ended; }

for name in ${*:-first-launch mid-swipe overlay failed wide scrubber menu settings keys open captions ended}; do
  "$name"
  # One at a time: what the others leave of the processor is not enough for a key to be heard in time.
  kill "${started[@]}" 2>/dev/null || true; wait 2>/dev/null || true; started=()
done
