# Everything happens in .venv; a target sets up what it needs. `make demo` and `make test` are the two to know.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.10 python3; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup demo demo-azure test lint bench frontend test-compat clean

setup: $(VENV)/.ready

$(VENV)/.ready: setup.py pyproject.toml tb_aml_plugin/__init__.py
	scripts/venv $(PYTHON) $(VENV) '.[test,lint]'
	touch $@

demo: setup
	$(BIN)/tb-aml demo

# Azurite, the blob store of the Azure ML emulator in tests/emulator.
AZURITE := tests/emulator/node_modules/.package-lock.json

$(AZURITE): tests/emulator/package-lock.json
	scripts/npm-ci tests/emulator

# The same dashboards on an Azure ML workspace that is emulated on this machine.
demo-azure: setup $(AZURITE)
	$(BIN)/python -m tests.emulator.demo

test: setup $(AZURITE)
	scripts/system-packages chromium postgresql
	scripts/frontend test
	$(BIN)/python -m pytest

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	if [ -f frontend/package.json ]; then scripts/frontend check; fi

frontend:
	scripts/frontend build

bench: setup $(AZURITE)
	$(BIN)/python -m benchmarks

test-compat:
	scripts/test-compat $(PYTHON)

clean:
	rm -rf $(VENV) .venv-* build dist *.egg-info frontend/node_modules tests/emulator/node_modules
