#!/bin/sh
# How fast a cold start is through the edge of a CDN, before and after `flickreel-server prefetch`: nginx stands for the
# edge, and its line to the service carries no more than LINE. Prints the worker's totals and a table of both replays.
#   LINE    what the line between edge and service carries, in bytes a second (1m)
#   ROUNDS  how often each is measured (3); each time the edge, or the client's cache, is emptied
#   TARGET  cargo's target folder; the reports lie in TARGET/bench afterwards
# Needs nginx with its slice module. Neither reads nor changes anything of the user's.
set -eu
cd "$(dirname "$0")/.."
target=${TARGET:-${CARGO_TARGET_DIR:-$PWD/target}}
reports=$target/bench
# Words of CARGO may be several.
${CARGO:-cargo} build --release --locked --bin flickreel --bin flickreel-server
flickreel=$target/release/flickreel
server=$target/release/flickreel-server
nginx=$(command -v nginx || echo /usr/sbin/nginx)

work=$(mktemp -d)
service= edge= xvfb=
clean() {
  for child in $edge $service $xvfb; do
    kill "$child" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap clean EXIT
trap 'exit 130' INT TERM

# A hundred items: what the worker reads. Copies, for the service follows no link out of its folder.
mkdir "$work/media"
for round in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15; do
  for clip in resources/reel/*.mp4; do
    cp "$clip" "$work/media/$round-$(basename "$clip")"
  done
done
"$server" serve "$work/media" --listen 127.0.0.1:0 >"$work/service" 2>"$work/service.log" &
service=$!
until [ -s "$work/service" ]; do
  kill -0 "$service" || { cat "$work/service.log" >&2; exit 2; }
  sleep 0.1
done
origin=$(sed 's/^listening on //' "$work/service")

# Each jump lands where nothing is ready; the last page has no end to jump to.
cat >"$work/jumps.toml" <<EOF
steps = ["wait 2s", { repeat = 5, steps = ["key End", "wait 2.5s"] }]
EOF

cold_edge() {
  [ -z "$edge" ] || { kill "$edge" && wait "$edge" 2>/dev/null || true; }
  rm -rf "$work/edge" && mkdir "$work/edge"
  # A port that is free now; nginx takes no 0.
  port=$(shuf -i 20000-30000 -n 1)
  cat >"$work/edge/nginx.conf" <<EOF
master_process off; daemon off; pid nginx.pid; error_log stderr crit;
events { worker_connections 256; }
http {
  access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  proxy_cache_path cache keys_zone=edge:1m inactive=1h use_temp_path=off;
  server {
    listen 127.0.0.1:$port;
    proxy_http_version 1.1;
    location / { proxy_pass $origin; }
    location /media/ {
      slice 1m;
      proxy_pass $origin;
      proxy_set_header Range \$slice_range;
      proxy_limit_rate ${LINE:-1m};
      proxy_cache edge;
      proxy_cache_key \$uri\$is_args\$args\$slice_range;
      proxy_cache_valid 200 206 1h;
      add_header X-Cache-Status \$upstream_cache_status always;
    }
  }
}
EOF
  "$nginx" -p "$work/edge" -e stderr -c nginx.conf &
  edge=$!
  until curl -fs -o "$work/page" "http://127.0.0.1:$port/health"; do
    kill -0 "$edge" || exit 2
    sleep 0.1
  done
}

if [ -z "${DISPLAY:-}" ]; then
  Xvfb -displayfd 3 -screen 0 450x800x24 -nolisten tcp -noreset 3>"$work/display" 2>/dev/null &
  xvfb=$!
  until [ -s "$work/display" ]; do
    kill -0 "$xvfb" || { echo "edge: Xvfb does not start" >&2; exit 2; }
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

measure() {
  rm -rf "$work/cache" "$work/state"
  status=0
  "$flickreel" replay "$work/jumps.toml" "http://127.0.0.1:$port/feed/videos" --window 450x800 --mute --report "$reports/$1.json" 2>"$work/said" || status=$?
  if [ "$status" -gt 1 ]; then
    cat "$work/said" >&2
    exit 2
  fi
}

set --
for round in $(seq "${ROUNDS:-3}"); do
  cold_edge
  measure "edge-cold-$round"
  cold_edge
  "$server" prefetch --once --api "$origin" --cdn "http://127.0.0.1:$port" 2>/dev/null | tail -n 1
  measure "edge-warm-$round"
  set -- "$@" "$reports/edge-cold-$round.json" "$reports/edge-warm-$round.json"
done
echo
"$flickreel" replay --table "$@"
