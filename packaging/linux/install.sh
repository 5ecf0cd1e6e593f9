#!/usr/bin/env bash
# Installs what was built: install.sh PREFIX [FOLDER-WITH-BINARIES]     (default target/release)
# or removes it again:     install.sh --remove PREFIX
# DESTDIR is put before PREFIX, for those who make packages.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
id=org.flickreel.Flickreel

remove=false
if [[ ${1:-} == --remove ]]; then
  remove=true
  shift
fi
(($# >= 1)) || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2; }
prefix=${DESTDIR:-}$1
binaries=${2:-$root/target/release}

# MODE SOURCE TARGET, one installed file a line.
files() {
  cat <<LIST
755 $binaries/flickreel bin/flickreel
755 $binaries/flickreel-server bin/flickreel-server
644 $here/$id.desktop share/applications/$id.desktop
644 $here/$id.metainfo.xml share/metainfo/$id.metainfo.xml
644 $root/resources/icon.svg share/icons/hicolor/scalable/apps/$id.svg
644 $root/resources/icon-256.png share/icons/hicolor/256x256/apps/$id.png
644 $root/LICENSE-MIT share/doc/flickreel/LICENSE-MIT
644 $root/LICENSE-APACHE share/doc/flickreel/LICENSE-APACHE
644 $root/resources/fonts/Inter-OFL.txt share/doc/flickreel/Inter-OFL.txt
644 $root/resources/fonts/JetBrainsMono-OFL.txt share/doc/flickreel/JetBrainsMono-OFL.txt
LIST
}

while read -r mode source target; do
  if $remove; then
    rm -f "$prefix/$target"
  elif [[ ! -f $source ]]; then
    echo "install: $source is missing: build it first (make build)" >&2
    exit 1
  else
    install -D -m "$mode" "$source" "$prefix/$target"
  fi
done < <(files)
if $remove; then rmdir "$prefix/share/doc/flickreel" 2>/dev/null || true; fi

# Menus and icon themes keep caches; a package manager does this itself (DESTDIR), and it is no failure where the tools are absent.
if [[ -z ${DESTDIR:-} ]]; then
  if command -v update-desktop-database >/dev/null; then update-desktop-database -q "$prefix/share/applications" || true; fi
  if command -v gtk-update-icon-cache >/dev/null; then gtk-update-icon-cache -qtf "$prefix/share/icons/hicolor" 2>/dev/null || true; fi
fi
