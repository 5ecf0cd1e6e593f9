#!/usr/bin/env bash
# Makes the media that the tests play: make-media.sh OUT
#   OUT/good     what has to play: every container, codec, shape, colour and layout that matters
#   OUT/damaged  what has to fail with a reason, or to play as far as it goes
#   OUT/hues     HUES clips (default 12) of one colour and one tone each: which clip is seen and heard is told by them
# Idempotent: a folder that this version of the script has finished is left alone. Needs ffmpeg with libx264; what needs
# another encoder is left out where that is missing, and OUT/left-out.txt says so.
set -euo pipefail

(($# == 1)) || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
hues=${HUES:-12}
mkdir -p "$1"
out=$(cd "$1" && pwd)
stamp="$(cksum <"$0") hues=$hues"

# One maker at a time; whoever comes second finds the work done.
exec 9>"$out/.lock"
flock 9
if [[ -f $out/.made && $(<"$out/.made") == "$stamp" ]]; then
  exit 0
fi
rm -rf "$out/good" "$out/damaged" "$out/hues" "$out/.made"
mkdir -p "$out/good" "$out/damaged" "$out/hues"
: >"$out/left-out.txt"
good=$out/good damaged=$out/damaged

encoders=$(ffmpeg -hide_banner -encoders 2>/dev/null)
# ff ARGS…: ffmpeg, quiet, overwriting, cut at the shortest stream.
ff() { ffmpeg -nostdin -v error -y "$@" </dev/null; }
# has ENCODER NAME: is the encoder there? If not, NAME is noted as left out.
has() { grep -q " $1 " <<<"$encoders" || { echo "$2: ffmpeg has no $1" >>"$out/left-out.txt"; false; }; }
# A moving picture of SIZE for SECONDS: colours that differ between corners, so that turns and mirrors show.
picture() { echo "testsrc=size=$1:rate=${3:-30}:duration=$2"; }
tone() { echo "sine=frequency=$1:sample_rate=48000:duration=$2"; }

h264=(-c:v libx264 -preset veryfast -crf 28 -g 30 -pix_fmt yuv420p)
bt709=(-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv)
aac=(-c:a aac -b:a 64k -ac 2)
fast=(-movflags +faststart)

# Shapes.
ff -f lavfi -i "$(picture 360x640 2)" -f lavfi -i "$(tone 440 2)" "${h264[@]}" "${bt709[@]}" "${aac[@]}" "${fast[@]}" "$good/portrait.mp4"
ff -f lavfi -i "$(picture 640x360 2)" -f lavfi -i "$(tone 330 2)" "${h264[@]}" "${bt709[@]}" "${aac[@]}" "${fast[@]}" "$good/landscape.mp4"
ff -f lavfi -i "$(picture 271x481 1)" -f lavfi -i "$(tone 440 1)" -c:v libx264 -preset veryfast -crf 28 -pix_fmt yuv444p -profile:v high444 \
  "${aac[@]}" "${fast[@]}" "$good/odd-size-444.mp4"
# 4:2:0 with odd sides: the encoder crops the last column and row.
if has libvpx odd-size.webm; then
  ff -f lavfi -i "$(picture 271x481 1)" -f lavfi -i "$(tone 440 1)" -c:v libvpx -deadline realtime -cpu-used 8 -b:v 400k -pix_fmt yuv420p \
    -c:a libopus -b:a 48k "$good/odd-size.webm"
fi
ff -f lavfi -i "$(picture 360x640 1)" -vf setsar=4/3 "${h264[@]}" "${bt709[@]}" "${fast[@]}" "$good/wide-pixels.mp4"
# The picture lies on its side and the display matrix says how to turn it. Both spellings: ffmpeg 6 has -display_rotation for
# inputs, older ones write the matrix from the rotate tag.
ff -i "$good/landscape.mp4" -c copy -metadata:s:v:0 rotate=90 "${fast[@]}" "$good/rotated-90.mp4"
turned=$(ffprobe -v error -show_entries stream_side_data=rotation -of csv=p=0 "$good/rotated-90.mp4")
if [[ $turned != *90* ]]; then
  ff -display_rotation:v:0 90 -i "$good/landscape.mp4" -c copy "${fast[@]}" "$good/rotated-90.mp4"
fi

# Colour: one flat orange, so that a wrong matrix or range shows in a single pixel.
colour() { # NAME MATRIX RANGE PIX_FMT ENCODER…
  local name=$1 matrix=$2 range=$3 format=$4
  shift 4
  local primaries=$matrix transfer=$matrix
  case $matrix in bt2020) primaries=bt2020 transfer=bt2020-10 matrix=bt2020nc ;; smpte170m) transfer=smpte170m ;; esac
  ff -f lavfi -i "color=c=0xe06020:size=180x320:rate=30:duration=1" \
    -vf "scale=out_color_matrix=${matrix/nc/}:out_range=$range,format=$format,setparams=colorspace=$matrix:color_primaries=$primaries:color_trc=$transfer:range=$range" \
    "$@" -colorspace "$matrix" -color_primaries "$primaries" -color_trc "$transfer" -color_range "$range" "${fast[@]}" "$good/$name.mp4"
}
x264=(-c:v libx264 -preset veryfast -crf 20)
colour colour-bt601 smpte170m tv yuv420p "${x264[@]}"
colour colour-bt709 bt709 tv yuv420p "${x264[@]}"
colour colour-bt709-full bt709 pc yuv420p "${x264[@]}"
colour colour-bt2020-10bit bt2020 tv yuv420p10le "${x264[@]}"
has libx265 colour-bt2020-hevc.mp4 && colour colour-bt2020-hevc bt2020 tv yuv420p10le -c:v libx265 -preset ultrafast -x265-params log-level=error -tag:v hvc1

# Layouts.
copy=(-i "$good/portrait.mp4" -c copy)
ff "${copy[@]}" "$good/moov-at-end.mp4"
ff "${copy[@]}" -movflags +frag_keyframe+empty_moov+default_base_moof "$good/fragmented.mp4"
ff "${copy[@]}" -an "${fast[@]}" "$good/no-audio.mp4"
ff "${copy[@]}" -vn "${fast[@]}" "$good/audio-only.m4a"
ff "${copy[@]}" "$good/portrait.mkv"
ff "${copy[@]}" "$good/portrait.ts"
ff "${copy[@]}" -f mov "$good/portrait.mov"
ff "${copy[@]}" "$good/portrait.flv"
cp "$good/portrait.mp4" "$good/no-ending"
# Frames come at 30 a second, then at 10: every third one of the second half is kept.
ff -f lavfi -i "$(picture 360x640 2)" -f lavfi -i "$(tone 440 2)" -vf "select='lt(t,1)+not(mod(n,3))'" -vsync vfr "${h264[@]}" "${aac[@]}" "${fast[@]}" \
  "$good/variable-rate.mp4"
# Long pauses between keyframes and pictures that refer forward: what a seek has to cope with.
ff -f lavfi -i "$(picture 360x640 8)" -f lavfi -i "$(tone 440 8)" -c:v libx264 -preset veryfast -crf 34 -g 240 -bf 3 -pix_fmt yuv420p "${aac[@]}" "${fast[@]}" \
  "$good/long-gop.mp4"

# Codecs.
small=(-f lavfi -i "$(picture 270x480 1)" -f lavfi -i "$(tone 440 1)")
has libvpx vp8.webm && ff "${small[@]}" -c:v libvpx -deadline realtime -cpu-used 8 -b:v 400k -pix_fmt yuv420p -c:a libvorbis "$good/vp8.webm"
has libvpx-vp9 vp9.webm && ff "${small[@]}" -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 300k -pix_fmt yuv420p -c:a libopus -b:a 48k "$good/vp9.webm"
if has libsvtav1 av1.mp4; then
  SVT_LOG=1 ff "${small[@]}" -c:v libsvtav1 -preset 12 -crf 45 -pix_fmt yuv420p "${aac[@]}" "${fast[@]}" "$good/av1.mp4"
elif has libaom-av1 av1.mp4; then
  ff "${small[@]}" -c:v libaom-av1 -usage realtime -cpu-used 8 -b:v 300k -pix_fmt yuv420p "${aac[@]}" "${fast[@]}" "$good/av1.mp4"
fi
has libx265 hevc.mp4 && ff "${small[@]}" -c:v libx265 -preset ultrafast -x265-params log-level=error -tag:v hvc1 -pix_fmt yuv420p "${aac[@]}" "${fast[@]}" "$good/hevc.mp4"
has libtheora theora.ogv && ff "${small[@]}" -c:v libtheora -q:v 4 -pix_fmt yuv420p -c:a libvorbis "$good/theora.ogv"
ff "${small[@]}" -c:v mpeg4 -q:v 8 -c:a aac "$good/mpeg4.avi"
ff "${small[@]}" -c:v mpeg2video -q:v 8 -c:a mp2 "$good/mpeg2.mpg"

# Damaged.
: >"$damaged/empty.mp4"
bytes=$(stat -c %s "$good/portrait.mp4")
moov=$(stat -c %s "$good/moov-at-end.mp4")
head -c 4 "$good/portrait.mp4" >"$damaged/cut-in-first-box.mp4"
head -c 200 "$good/portrait.mp4" >"$damaged/cut-in-index.mp4"
head -c $((bytes / 2)) "$good/portrait.mp4" >"$damaged/cut-in-half.mp4"
head -c $((bytes - 100)) "$good/portrait.mp4" >"$damaged/cut-at-last-frame.mp4"
head -c $((moov / 2)) "$good/moov-at-end.mp4" >"$damaged/cut-before-index.mp4"
head -c $(($(stat -c %s "$good/portrait.mkv") / 2)) "$good/portrait.mkv" >"$damaged/cut-in-half.mkv"
# A run of zeros over the middle of the pictures.
cp "$good/portrait.mp4" "$damaged/zeros-in-the-middle.mp4"
dd if=/dev/zero of="$damaged/zeros-in-the-middle.mp4" bs=1 seek=$((bytes / 2)) count=4000 conv=notrunc status=none
printf 'This is a text, whatever its name says.\n%.0s' {1..40} >"$damaged/text.mp4"
printf '<!doctype html><title>404</title><p>Not here.\n' >"$damaged/page.mp4"
mkdir "$damaged/folder.mp4"
ln -s nowhere "$damaged/dangling.mp4"
ff -f lavfi -i "$(picture 180x320 1)" "${h264[@]}" -encryption_scheme cenc-aes-ctr -encryption_key 76a6c65c5ea762046bd749a2e632ccbb \
  -encryption_kid a7e61c373e219033c21091fa607bf3b8 "$damaged/encrypted.mp4"
# A sound file under a video's name, and a subtitle without pictures.
ff -i "$good/portrait.mp4" -vn -c copy -f mp4 "$damaged/sound-only.mp4"

# Hues: hsv(i * 7 mod 20 of 20, 1, 0.9) and a tone of 300 + 60 * i Hz, 4 seconds each; a white bar runs to show motion.
for ((i = 0; i < hues; i++)); do
  rgb=$(awk -v h=$((i * 7 % 20)) 'BEGIN {
    h = h / 20 * 6; f = h - int(h); v = 229.5; p = 0; q = v * (1 - f); t = v * f
    split((h < 1) ? v" "t" "p : (h < 2) ? q" "v" "p : (h < 3) ? p" "v" "t : (h < 4) ? p" "q" "v : (h < 5) ? t" "p" "v : v" "p" "q, c, " ")
    printf "%02x%02x%02x", c[1], c[2], c[3] }')
  ff -f lavfi -i "color=c=0x$rgb:size=360x640:rate=30:duration=4" -f lavfi -i "color=c=white:size=30x40:rate=30:duration=4" \
    -f lavfi -i "$(tone $((300 + 60 * i)) 4)" \
    -filter_complex "[0]scale=out_color_matrix=bt709:out_range=tv,format=yuv420p[a];[a][1]overlay=x='mod(t*240,330)':y=300:eval=frame[v]" \
    -map '[v]' -map 2:a -c:v libx264 -preset veryfast -pix_fmt yuv420p -g 60 "${bt709[@]}" "${aac[@]}" "${fast[@]}" "$(printf '%s/%02d.mp4' "$out/hues" "$i")"
done

large=$(find "$out" -type f -size +300k)
[[ -z $large ]] || { echo "make-media: larger than 300 KiB: $large" >&2; exit 1; }
echo "$stamp" >"$out/.made"
