# Everything a person or CI runs. Each target sets up what it needs; nothing is installed outside this folder.

.DEFAULT_GOAL := help
.NOTPARALLEL:
BENCHMARKS := awards freshness engine open open_omdb open_ledger governed ledger omdb_quota export_merge change_log rebuild memory sandbox_speed people_path cri recommendations
.PHONY: help setup demo test check lint types contracts docs-current unit bench docs lock clean format

MAKEFLAGS += --no-print-directory
BIN := .venv/bin
ARGS ?=
# Two: the suite's servers and workers want the other half of a small machine.
PYTEST_WORKERS ?= 2
UPGRADE ?=
PYTHON ?=
export PYTHON

help: ## this list
	@echo "Cinegraph: the film world in your own PostgreSQL. Start with: make demo"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

setup: ## the environment in .venv (done by every target that needs it)
	@sh scripts/setup.sh

demo: setup ## films arrive: embedded PostgreSQL, an imitation TMDB, workers; offline, ends by itself
	@$(BIN)/cinegraph demo

test: lint types contracts docs-current ## everything CI checks; the tests last
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) $(ARGS)

check: lint types contracts docs-current unit ## the fast part, under a minute

lint: setup ## ruff, formatting, docstrings
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted: run make format" >&2; exit 1; }

types: setup ## mypy, strict
	@$(BIN)/mypy --no-error-summary
	@MYPYPATH=scripts:src $(BIN)/mypy --no-error-summary scripts/docs.py benchmarks/plain.py

contracts: setup ## who may import whom
	@mkdir -p .cache
	@$(BIN)/lint-imports --no-cache >.cache/contracts.log 2>&1 || { cat .cache/contracts.log >&2; rm -f .cache/contracts.log; exit 1; }
	@rm -f .cache/contracts.log

docs-current: setup
	@$(BIN)/python scripts/docs.py --check

unit: setup ## the tests that need neither database nor network
	@$(BIN)/python -m pytest tests/unit tests/test_architecture.py tests/test_docs.py $(ARGS)

format: setup ## let ruff format and mend
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

bench: $(addprefix bench-,$(BENCHMARKS)) ## all benchmarks, some 40 minutes; one alone: make bench-open ARGS="--films 1000"

bench-%: setup
	@$(BIN)/python benchmarks/$*.py $(ARGS)

docs: setup ## rewrite what is generated: docs/reference/, ARCHITECTURE.md
	@$(BIN)/python scripts/docs.py

lock: ## pin the dependencies anew (UPGRADE=1: to the newest that are a week old)
	@UPGRADE="$(UPGRADE)" sh scripts/lock.sh

clean: ## remove environment, caches, results
	@rm -rf .venv .tools .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache \
		.hypothesis benchmarks/results
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
