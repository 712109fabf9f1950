# The two commands: `make serve` and `make test`. Each sets up what it needs in .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACK := packs/default

.DEFAULT_GOAL := help
.PHONY: help serve test test-long lint unit programs-ready hostile accuracy overhead clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: $(VENV)/installed ## Start openrek (ARGS="--port 9000" for options)
	@$(BIN)/openrek serve $(ARGS)

test: lint unit ## All checks and tests

lint: $(VENV)/developing ## Format, types, import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(VENV)/developing programs-ready ## The tests (ARGS="-k name" for some)
	$(BIN)/pytest $(ARGS)

test-long: $(VENV)/developing ## The durability tests with 20 kills each
	OPENREK_KILL_ROUNDS=20 $(BIN)/pytest tests/durability $(ARGS)

hostile: $(VENV)/developing ## Ten times the mutations of images that `make test` tries
	OPENREK_TEST_MUTATIONS=30000 $(BIN)/pytest tests/unit/imaging/test_hostile.py

programs-ready:
	@scripts/install_test_programs.sh

accuracy: $(VENV)/developing ## How good the models are, on ../shared
	$(BIN)/python benchmarks/accuracy.py --shared ../shared

overhead: $(VENV)/developing ## What HTTP, signatures and JSON cost
	$(BIN)/python benchmarks/overhead.py

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "openrek needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "no virtual environment could be made here. On Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }
	@touch $@

$(VENV)/installed: $(VENV)/made pyproject.toml $(PACK)/pyproject.toml
	$(BIN)/pip install --quiet --editable ./$(PACK) --editable '.[video]'
	@touch $@

$(VENV)/developing: $(VENV)/made pyproject.toml $(PACK)/pyproject.toml
	$(BIN)/pip install --quiet --editable ./$(PACK) --editable '.[dev]'
	@touch $@ $(VENV)/installed
