# The front door. Every target does its own set-up: `make demo` and `make test` work in a fresh clone.

VENV  := .venv
STAMP := $(VENV)/.installed
# The examples and the runs find the tools of the virtual environment first.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help install upgrade demo test test-frameworks fuzz check format bench docs reference clean

help:  ## list what there is
	@echo 'Greenlane: a verdict on exactly the tree that you submitted.'
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 17

install: $(STAMP)  ## make .venv with everything in it (quick when it is up to date)

$(STAMP): pyproject.toml requirements/constraints.txt tools/install.sh
	@tools/install.sh $(VENV)
	@touch $@

upgrade: $(STAMP)  ## renew the pinned versions
	@tools/upgrade.sh $(VENV)
	@touch $(STAMP)

demo: $(STAMP)  ## the main job on real projects: agents, worktrees, lanes, verdicts, a kill -9
	@python -m demo

test: $(STAMP)  ## every test
	@python -m pytest -n 2 $(ARGS)

test-frameworks: $(STAMP)  ## install toolchains with apt, pip and npm, and test real projects of each
	@python -m tests.frameworks.toolchains
	@python -m pytest -n 2 tests/frameworks $(ARGS)

fuzz: $(STAMP)  ## look for reports that break a reader, for a minute (ARGS=600: for ten)
	@python -c 'import atheris' 2>/dev/null || tools/install-fuzzer.sh $(VENV)
	@python -m tests.fuzz $(ARGS)

check: $(STAMP)  ## format, lint, types, import contract, unit tests
	ruff format --check
	ruff check
	mypy
	lint-imports
	python -m pytest -n 2 -q -m "not slow" tests/unit

format: $(STAMP)  ## format the code and mend what the linter can
	ruff format
	ruff check --fix

bench: $(STAMP)  ## speed and memory against git status and task-spooler
	@python -m bench $(ARGS)

docs: $(STAMP)  ## the documentation, as a web site in docs/_build/html
	sphinx-build -W --keep-going -q -b html docs docs/_build/html
	@echo docs/_build/html/index.html

reference: $(STAMP)  ## write the pages that are made from the code
	python -m greenlane.cli.reference > docs/reference/cli.md
	python -m greenlane.config.reference > docs/reference/settings.md
	python -m greenlane.config.preset_reference > docs/reference/presets.md

clean:  ## remove what the targets above made
	rm -rf $(VENV) .toolchains docs/_build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
