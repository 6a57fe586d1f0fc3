#!/bin/sh
# Installs the system's bubblewrap package, where this user may. Never fails: without it, grading says what to do.
command -v bwrap >/dev/null 2>&1 && exit 0
[ "$(uname -s)" = Linux ] || { echo "No bubblewrap on $(uname -s): submissions can be graded on Linux only."; exit 0; }

if [ "$(id -u)" = 0 ]; then as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then as_root="sudo -n"
else as_root=no
fi

if command -v apt-get >/dev/null 2>&1; then install="apt-get install -y bubblewrap"; refresh="apt-get update"
elif command -v dnf >/dev/null 2>&1; then install="dnf install -y bubblewrap"; refresh=true
elif command -v pacman >/dev/null 2>&1; then install="pacman -S --noconfirm bubblewrap"; refresh=true
elif command -v apk >/dev/null 2>&1; then install="apk add bubblewrap"; refresh=true
else echo "bubblewrap is missing: install it with your system's package manager."; exit 0
fi

if [ "$as_root" = no ]; then
  echo "bubblewrap is missing, and this user may not install it. Say once: sudo $install"
  exit 0
fi
echo "Installing the sandbox (bubblewrap)"
{ $as_root $refresh && $as_root $install; } >/dev/null 2>&1 || echo "bubblewrap could not be installed. Say: sudo $install"
exit 0
