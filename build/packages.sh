#!/usr/bin/env bash
# Installs the Debian packages that a list names and that are not there yet: packages.sh LIST. No daemon that comes with
# them is started, now or at the next boot: a test starts its own. Exit 3: this user may not install packages.
set -euo pipefail
list=$1
daemons=(kamailio kannel coturn) # of the packages in the lists
system=${DESTDIR:-}

missing_packages() {
    local installed
    installed=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 2>/dev/null | sed -n 's/^ii *//p')
    grep -vxFf <(echo "$installed") "$list" || true
}

keep_daemons_quiet() {
    policy="$system/usr/sbin/policy-rc.d"
    if [ ! -e "$policy" ]; then # else somebody else's rule holds
        mkdir -p "$(dirname "$policy")"
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
    local daemon unit
    for daemon in "${daemons[@]}"; do
        unit="$system/etc/systemd/system/$daemon.service"
        if printf '%s\n' "$@" | grep -qx "$daemon" && [ ! -e "$unit" ]; then # what is there already is not ours to stop
            mkdir -p "$(dirname "$unit")"
            ln -s /dev/null "$unit"
            echo "$daemon is installed for the tests and masked as a service; undo: systemctl unmask $daemon"
        fi
    done
}

if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian: have the counterparts of $list installed (see \`ieum doctor\`)." >&2
    exit 0
fi
mapfile -t missing < <(missing_packages)
if ((${#missing[@]} == 0)); then exit 0; fi
if [ "$(id -u)" != 0 ]; then
    if sudo -n true 2>/dev/null; then exec sudo DESTDIR="$system" bash "$0" "$list"; fi
    echo "System packages are missing and this user may not install them: ${missing[*]}" >&2
    echo "Run, then try again:  sudo bash build/packages.sh $list" >&2
    exit 3
fi
keep_daemons_quiet "${missing[@]}"
apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
