# Two commands: `make run` and `make test`. Both set everything up first, which is quick when nothing has changed.
.PHONY: setup peers run test check lock reference
PYTHON ?=
VENV := .venv

setup:
	@bash build/setup.sh $(VENV) $(PYTHON)

peers:
	@bash build/packages.sh build/test-packages.txt

run: setup
	$(VENV)/bin/ieum desk --practice

test: setup peers
	$(VENV)/bin/python -m pytest

check: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

reference: setup
	$(VENV)/bin/python -m client.settings_page > resources/help/settings.md
	$(VENV)/bin/python -m ui.keys_page > resources/help/keys.md

lock: setup  # then: does what an agent's machine needs come as wheels for Windows (srt is plain Python, without one)
	$(VENV)/bin/uv pip compile pyproject.toml --extra dev --extra models --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 --output-file requirements.lock
	$(VENV)/bin/uv pip install --dry-run --quiet --python-platform windows --python-version 3.11 --only-binary :all: --no-binary srt --target $(VENV)/windows -r pyproject.toml --extra models -c requirements.lock
