# Casewright: `make help` lists what can be made. Only Python 3.11 or newer is needed; Node comes with pip.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?= -n 2
FRONTEND := webui/frontend/package-lock.json webui/frontend/build.mjs $(shell find webui/frontend/src -type f)
SOURCES_OF_INSTALL := pyproject.toml hatch_build.py $(FRONTEND)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test lint types tests browser postgresql assets screenshots faults bench clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.installed ## Start Casewright with its process library and demo people on http://127.0.0.1:8000
	@$(BIN)/casewright serve --demo

test: $(VENV)/.installed-for-tests browser postgresql lint types tests ## Check everything: style, types, tests

lint: $(VENV)/.installed-for-tests ## Check the style
	$(BIN)/ruff check .

types: $(VENV)/.installed-for-tests ## Check the types
	$(BIN)/mypy

tests: $(VENV)/.installed-for-tests ## Run the tests alone (PYTEST_ARGS="-x -q tests/engine" chooses)
	$(BIN)/pytest --on-both $(PYTEST_ARGS)

browser: ## Install the browser and the Chinese font that tests use, where that is possible and they are missing
	@.ci/browser

postgresql: ## Install PostgreSQL for the tests, where that is possible and it is missing
	@.ci/postgresql

assets: $(VENV)/.installed ## Bundle the browser code again when it has changed

screenshots: $(VENV)/.installed-for-tests browser ## Make the pictures of the README
	$(BIN)/python docs/screenshots.py

faults: $(VENV)/.installed-for-tests ## Kill, break and crowd it for long (200 kills, 10,000 timers): for the night
	CASEWRIGHT_TEST_KILLS=200 CASEWRIGHT_TEST_RIVALS=1000 CASEWRIGHT_TEST_TIMERS=10000 $(BIN)/pytest -n 2 tests/faults

bench: $(VENV)/.installed-for-tests ## Measure, from a step to whole loads (BENCH_ARGS="step complaints" chooses)
	$(BIN)/python benchmarks/report.py $(BENCH_ARGS)

clean: ## Remove all that was made here, but no data
	rm -rf $(VENV) webui/frontend/node_modules webui/static/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Casewright needs Python 3.11 or newer. Name one: make PYTHON=/path/to/python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# An editable install also bundles the browser code, by hatch_build.py, when it has changed.
$(VENV)/.installed: $(SOURCES_OF_INSTALL) | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-for-tests: $(SOURCES_OF_INSTALL) | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ $(VENV)/.installed
