#!/usr/bin/env bash
# Sets up what `make run` needs: system packages (where we may), the virtual environment, models. `make test` adds its peers.
# Quick when nothing has changed. Exit 3: something is missing that this user may not install; the text says what to run.
set -euo pipefail
venv=$1
wanted_python=${2:-}
cd "$(dirname "$0")/.."

inputs=(requirements.lock pyproject.toml build/system-packages.txt build/setup.sh build/packages.sh resources/models.toml)
stamp() { for file in "${inputs[@]}"; do if [ -f "$file" ]; then cat "$file"; fi; done | sha256sum | cut -d' ' -f1; }
ready="$venv/.ready"
if [ -x "$venv/bin/ieum" ] && [ "$(cat "$ready" 2>/dev/null)" = "$(stamp)" ]; then exit 0; fi

bash build/packages.sh build/system-packages.txt

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
