#!/usr/bin/env bash
# Sets up everything `make run` and `make test` need: system packages (where we may), the virtual environment, models.
set -euo pipefail
python=$1
venv=$2
cd "$(dirname "$0")/.."

missing=()
while read -r package; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done < build/system-packages.txt
if ((${#missing[@]})); then
    install="apt-get install -y --no-install-recommends ${missing[*]}"
    if [ "$(id -u)" = 0 ]; then
        apt-get update -q
        DEBIAN_FRONTEND=noninteractive $install
    elif sudo -n true 2>/dev/null; then
        sudo apt-get update -q
        sudo DEBIAN_FRONTEND=noninteractive $install
    else
        echo "System packages are missing and this user may not install them. Run:" >&2
        echo "  sudo apt-get update && sudo $install" >&2
        exit 3
    fi
fi

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
