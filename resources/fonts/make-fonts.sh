#!/usr/bin/env bash
# Makes the embedded fonts: make-fonts.sh [OUT]
# Inter comes from npm (inter-ui, TrueType outlines), JetBrains Mono from Debian (fonts-jetbrains-mono, licence text from npm).
# Each is cut down to Latin, Greek, Cyrillic, punctuation, arrows and the signs the interface uses; other scripts come from
# the system's fonts at run time. Needs: npm, apt-get, dpkg-deb, python3 with venv.
set -euo pipefail
out=$(cd "${1:-$(dirname "$0")}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check fonttools==4.59.0 brotli==1.1.0
npm pack --silent inter-ui@4.1.1 >/dev/null
tar xf inter-ui-4.1.1.tgz
mkdir jetbrains && tar xf "$(npm pack --silent @fontsource/jetbrains-mono@5.3.0)" -C jetbrains
apt-get download -qq fonts-jetbrains-mono 2>/dev/null
dpkg-deb -x fonts-jetbrains-mono_*.deb deb

# Basic Latin to Latin Extended-B, spacing and combining marks, Greek, Cyrillic, Latin Extended Additional (Vietnamese),
# general punctuation, super- and subscripts, currency, letter-like signs, fractions, arrows, a few mathematical and technical
# signs, block and geometric shapes.
ranges="U+0020-007E,U+00A0-024F,U+02B0-02FF,U+0300-036F,U+0370-03FF,U+0400-045F,U+048A-04FF,U+1E80-1EF9,U+2000-206F,U+2070-209F"
ranges+=",U+20A0-20BF,U+2100-214F,U+2150-215F,U+2190-21FF,U+2200-22FF,U+2300-23FF,U+2580-25FF,U+2600-266F,U+2713,U+2717,U+FB01-FB02,U+FFFD"

# cut IN OUT FEATURES
cut() {
  venv/bin/pyftsubset "$1" --output-file="$out/$2" --unicodes="$ranges" --layout-features="$3" --no-hinting --desubroutinize \
    --name-IDs='0,1,2,3,4,5,6,13,14,16,17' --notdef-outline --drop-tables+=DSIG
  printf '%7d  %s\n' "$(stat -c %s "$out/$2")" "$2"
}
cut package/web/Inter-Medium.woff2 Inter-Medium.ttf kern,mark,mkmk,ccmp,calt,locl
cut package/web/Inter-SemiBold.woff2 Inter-SemiBold.ttf kern,mark,mkmk,ccmp,calt,locl
# No ligatures: figures and signs keep their own width.
cut deb/usr/share/fonts/truetype/jetbrains-mono/JetBrainsMono-Regular.ttf JetBrainsMono-Regular.ttf mark,mkmk,ccmp,locl,zero
install -m 644 package/LICENSE.txt "$out/Inter-OFL.txt"
install -m 644 jetbrains/package/LICENSE "$out/JetBrainsMono-OFL.txt"
