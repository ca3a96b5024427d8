# `make demo` and `make test` are all that a new user needs; both set up .venv first.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
VENV := .venv
PODIUM := $(VENV)/bin/podium
PYTHON ?= $(shell scripts/find_python.sh)
DEMO_EXTRAS := atari,dmc,procgen,memory-maze,baselines
TEST_EXTRAS := all,dev

.PHONY: demo test test-learning check bench dashboard clean

demo: $(VENV)/.demo ## Run random and ppo on real simulators; print a leaderboard.
	@scripts/system_libraries.sh
	@$(VENV)/bin/python scripts/demo.py

test: $(VENV)/.test ## All tests but the long trainings.
	@scripts/system_libraries.sh
	@$(VENV)/bin/python -m pytest -n auto --dist worksteal -m "not slow" $(ARGS)

test-learning: $(VENV)/.test ## What takes long: trainings (noted for `podium agents`), whole mazes.
	@scripts/system_libraries.sh
	@PODIUM_NOTE_GATES=1 $(VENV)/bin/python -m pytest -m slow $(ARGS)

check: $(VENV)/.test ## Lint, format, strict types, import contracts.
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

bench: $(VENV)/.test ## Measure speed; writes benchmarks/results.md. ARGS: some by name.
	@scripts/system_libraries.sh
	@$(VENV)/bin/python -m benchmarks $(ARGS)

dashboard: $(VENV)/.test ## The leaderboard of the demo's results, in a browser.
	@$(PODIUM) dashboard --db demo/podium.db

clean: ## Remove the virtual environment and the demo's results.
	rm -rf $(VENV) demo

$(VENV)/bin/pip:
	@scripts/check_python.sh "$(PYTHON)"
	"$(PYTHON)" -m venv $(VENV)

$(VENV)/.demo: pyproject.toml constraints.txt | $(VENV)/bin/pip
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(DEMO_EXTRAS)]'
	@touch $@

$(VENV)/.test: pyproject.toml constraints.txt | $(VENV)/bin/pip
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(TEST_EXTRAS)]'
	@touch $@ $(VENV)/.demo
