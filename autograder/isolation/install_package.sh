#!/bin/sh
# Installs a package of the system, where this user may:  install_package.sh PACKAGE PURPOSE COMMAND...
# Nothing is done where one of the commands is there. Never fails: what needs the package says what to do without it.
package=$1 purpose=$2
shift 2
for command in "$@"; do
  command -v "$command" >/dev/null 2>&1 && exit 0
done
[ "$(uname -s)" = Linux ] || { echo "No $package ($purpose): it is installed for you on Linux only."; exit 0; }

if [ "$(id -u)" = 0 ]; then as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then as_root="sudo -n"
else as_root=no
fi

if command -v apt-get >/dev/null 2>&1; then install="apt-get install -y $package"; refresh="apt-get update"
elif command -v dnf >/dev/null 2>&1; then install="dnf install -y $package"; refresh=true
elif command -v pacman >/dev/null 2>&1; then install="pacman -S --noconfirm $package"; refresh=true
elif command -v apk >/dev/null 2>&1; then install="apk add $package"; refresh=true
else echo "$package is missing ($purpose): install it with your system's package manager."; exit 0
fi

if [ "$as_root" = no ]; then
  echo "$package is missing ($purpose), and this user may not install it. Say once: sudo $install"
  exit 0
fi
echo "Installing $package ($purpose)"
{ $as_root $refresh && $as_root $install; } >/dev/null 2>&1 || echo "$package could not be installed. Say: sudo $install"
exit 0
