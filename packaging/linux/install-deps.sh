#!/usr/bin/env bash
# Installs what Flickreel needs from the distribution: install-deps.sh [run|build|test] [--print]
#   run    what the finished program needs to play and to show video
#   build  the same and what compiling it needs (the default)
#   test   the same and what its tests need
#   --print  name the packages that the mode asks for and install nothing
# Knows Debian and Ubuntu (apt), Fedora (dnf) and Arch (pacman). Installs only what is missing and asks no questions;
# sudo is used where the caller is not root.
set -euo pipefail

mode=build print=false
for word in "$@"; do
  case $word in
    run | build | test) mode=$word ;;
    --print) print=true ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
done

if command -v apt-get >/dev/null; then
  manager=apt
  run_packages=(
    gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-libav gstreamer1.0-pulseaudio
    libegl1 libgl1-mesa-dri mesa-vulkan-drivers libvulkan1
    libwayland-client0 libwayland-cursor0 libwayland-egl1 libxkbcommon0 libxkbcommon-x11-0 libx11-6 libx11-xcb1 libxcb1 libxcursor1 libxi6 libxrandr2
    libfontconfig1
  )
  build_packages=(gcc libc6-dev pkg-config libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev libfontconfig-dev)
  test_packages=(
    xvfb xauth xdotool imagemagick x11-utils ffmpeg pulseaudio pulseaudio-utils gstreamer1.0-tools desktop-file-utils appstream
    dbus python3-dbusmock redis-server nginx-light openssl
  )
elif command -v dnf >/dev/null; then
  manager=dnf
  # gstreamer1-plugin-libav decodes with the ffmpeg that is installed; Fedora's own, ffmpeg-free, leaves out some codecs.
  run_packages=(
    gstreamer1-plugins-base gstreamer1-plugins-good gstreamer1-plugins-bad-free gstreamer1-plugin-libav
    libglvnd-egl mesa-dri-drivers mesa-vulkan-drivers vulkan-loader
    libwayland-client libwayland-cursor libwayland-egl libxkbcommon libxkbcommon-x11 libX11 libX11-xcb libxcb libXcursor libXi libXrandr
    fontconfig
  )
  build_packages=(gcc pkgconf-pkg-config gstreamer1-devel gstreamer1-plugins-base-devel fontconfig-devel)
  test_packages=(
    xorg-x11-server-Xvfb xorg-x11-xauth xdotool ImageMagick xprop xwininfo ffmpeg-free pulseaudio-utils desktop-file-utils appstream
    dbus-daemon python3-dbusmock redis nginx openssl
  )
elif command -v pacman >/dev/null; then
  manager=pacman
  run_packages=(
    gst-plugins-base gst-plugins-good gst-plugins-bad gst-libav
    libglvnd mesa vulkan-swrast vulkan-icd-loader
    wayland libxkbcommon libxkbcommon-x11 libx11 libxcb libxcursor libxi libxrandr
    fontconfig
  )
  build_packages=(gcc pkgconf gstreamer)
  test_packages=(
    xorg-server-xvfb xorg-xauth xdotool imagemagick xorg-xprop xorg-xwininfo ffmpeg pulseaudio desktop-file-utils appstream
    dbus python-dbusmock redis nginx openssl
  )
else
  echo "install-deps: found none of apt-get, dnf and pacman; the names of packages in this file say what to install" >&2
  exit 1
fi

packages=("${run_packages[@]}")
[[ $mode == run ]] || packages+=("${build_packages[@]}")
[[ $mode == test ]] && packages+=("${test_packages[@]}")

if $print; then
  printf '%s\n' "${packages[@]}"
  exit 0
fi

# Prints those of the given packages that are not installed.
missing() {
  case $manager in
    apt)
      local installed
      installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p' | sort -u)
      comm -13 <(printf '%s' "$installed") <(printf '%s\n' "$@" | sort -u)
      ;;
    dnf) for package in "$@"; do rpm -q --quiet --whatprovides "$package" || echo "$package"; done ;;
    pacman) pacman -T "$@" || true ;;
  esac
}

mapfile -t wanted < <(missing "${packages[@]}")
if ((${#wanted[@]} == 0)); then
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  if ! command -v sudo >/dev/null; then
    echo "install-deps: these packages are missing, and installing them needs root: ${wanted[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "install-deps: installing with $manager: ${wanted[*]}" >&2

case $manager in
  apt)
    apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get --quiet -o DPkg::Lock::Timeout=120)
    # The lists may be absent (fresh containers) or older than the archive.
    "${apt[@]}" update >&2 || echo "install-deps: the package lists could not be refreshed; trying with those at hand" >&2
    # Releases differ in what is a package of its own: one that this release does not have is part of another, or not to be had.
    known=()
    for package in "${wanted[@]}"; do
      if [[ $(apt-cache policy "$package") == *Candidate:\ [^\(]* ]]; then
        known+=("$package")
      else
        echo "install-deps: this release has no package $package; going on without" >&2
      fi
    done
    ((${#known[@]} == 0)) || "${apt[@]}" install --yes --no-install-recommends "${known[@]}" >&2
    ;;
  dnf) "${as_root[@]}" dnf install --assumeyes --setopt=install_weak_deps=False "${wanted[@]}" >&2 ;;
  pacman) "${as_root[@]}" pacman -S --noconfirm --needed "${wanted[@]}" >&2 ;;
esac
