# Two commands: `make run` and `make test`. Both set everything up first.
.PHONY: setup run test check lock
PYTHON ?= python3.11
VENV := .venv

setup: $(VENV)/.ready
$(VENV)/.ready: requirements.lock pyproject.toml build/system-packages.txt build/setup.sh
	bash build/setup.sh "$(PYTHON)" $(VENV)
	touch $@

run: setup
	$(VENV)/bin/ieum desk --practice

test: setup
	$(VENV)/bin/python -m pytest

check: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

lock: setup
	$(VENV)/bin/uv pip compile pyproject.toml --extra dev --extra models --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 --output-file requirements.lock
