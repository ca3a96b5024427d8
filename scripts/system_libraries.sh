#!/usr/bin/env bash
# MuJoCo draws without a display through EGL. Installs the library when root may do so on
# Debian and Ubuntu; says the exact command otherwise.
set -eu
packages="libegl1 libegl-mesa0 libgl1 libgl1-mesa-dri libgles2"

has_egl() {
    .venv/bin/python -c 'import ctypes.util, sys; sys.exit(ctypes.util.find_library("EGL") is None)'
}

if has_egl; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing $packages ..."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
    has_egl && exit 0
fi
echo "MuJoCo needs libEGL to draw, and it is not installed. On Debian or Ubuntu:" >&2
echo "    sudo apt-get install -y $packages" >&2
echo "On Fedora: sudo dnf install mesa-libEGL mesa-libGL mesa-dri-drivers" >&2
exit 1
