#!/usr/bin/env bash
# Sets up everything `make run` and `make test` need: system packages (where we may), the virtual environment, models.
# Quick when nothing has changed. Exit 3: something is missing that this user may not install; the text says what to run.
set -euo pipefail
venv=$1
wanted_python=${2:-}
cd "$(dirname "$0")/.."

inputs=(requirements.lock pyproject.toml build/system-packages.txt build/setup.sh resources/models.toml)
stamp() { for file in "${inputs[@]}"; do if [ -f "$file" ]; then cat "$file"; fi; done | sha256sum | cut -d' ' -f1; }
ready="$venv/.ready"
if [ -x "$venv/bin/ieum" ] && [ "$(cat "$ready" 2>/dev/null)" = "$(stamp)" ]; then exit 0; fi

missing_packages() {
    local installed
    installed=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 2>/dev/null | sed -n 's/^ii *//p')
    grep -vxFf <(echo "$installed") build/system-packages.txt || true
}

install_packages() {
    local command="apt-get install -y --no-install-recommends $*"
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            echo "System packages are missing and this user may not install them. Run, then try again:" >&2
            echo "  sudo apt-get update && sudo $command" >&2
            exit 3
        fi
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive $command
}

if command -v dpkg-query >/dev/null; then
    mapfile -t missing < <(missing_packages)
    if ((${#missing[@]})); then install_packages "${missing[@]}"; fi
else
    echo "This is no Debian: have the counterparts of build/system-packages.txt installed (see \`ieum doctor\`)." >&2
fi

fits() { "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; }
find_python() {
    local candidate
    for candidate in ${wanted_python:-python3.11 python3.12 python3 /usr/bin/python3}; do
        if fits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "${wanted_python:-Here} is no Python 3.11 or 3.12 with venv. Name one: make setup PYTHON=/path/to/python3.11" >&2
    return 3
}

if ! { fits "$venv/bin/python" && "$venv/bin/python" -m pip --version; } >/dev/null 2>&1; then
    python=$(find_python) || exit 3
    "$python" -m venv --clear "$venv"
fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
if [ -f resources/models.toml ]; then "$venv/bin/ieum" models install --quiet; fi
stamp > "$ready"
