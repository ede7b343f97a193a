# Every command of the project; `make help` lists them. Only `make` and Python 3.11 or newer are needed.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && { echo $$p; break; }; done)
CHROMIUM ?= $(firstword $(shell command -v chromium chromium-browser google-chrome google-chrome-stable 2>/dev/null) \
	$(wildcard $(HOME)/.cache/ms-playwright/chromium-*/chrome-linux*/chrome))
RUN := .venv/bin/python
TESTS := $(if $(CHROMIUM),e2e,dev)
PYTEST = $(RUN) -m pytest -n auto --maxprocesses=4 --dist worksteal
export CHROMIUM
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test test-full test-nightly lint fmt seed shell bench bench-all stop reset lock messages messages-check

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-15s %s\n", $$1, $$2 }'

run: venv-local ## set up what is missing and serve the site (PORT=8000); Ctrl-C stops everything
	@exec $(RUN) -m marketplace.run

test: venv-$(TESTS) no-browser-warning ## run the tests, in a browser too where there is one
	$(PYTEST) $(ARGS)

test-full: venv-$(TESTS) no-browser-warning ## run the tests at the sizes of a release
	$(PYTEST) --size=full $(ARGS)

test-nightly: venv-$(TESTS) no-browser-warning ## run the tests at the sizes of a night
	$(PYTEST) --size=nightly $(ARGS)

lint: venv-e2e ## check style, types, layers, templates, migrations, deployment settings, translations, security
	@bash scripts/lint

fmt: venv-dev ## format code and templates
	@$(RUN) -m ruff check --fix --exit-zero -q .
	@$(RUN) -m ruff format -q .
	@find templates -name '*.html' -print0 | xargs -0 --no-run-if-empty .venv/bin/djade --target-version 5.2 || true

seed: venv-local ## make the demonstration world in the development database
	@$(RUN) manage.py migrate --no-input -v 0
	@$(RUN) manage.py seed

shell: venv-local ## open a Python shell with every model
	@$(RUN) manage.py shell

bench: venv-$(TESTS) ## measure the light figures
	@$(RUN) -m benchmarks

bench-all: venv-$(TESTS) ## measure all figures
	@$(RUN) -m benchmarks --all

stop: venv-local ## stop the site and its servers, wherever they were started
	@$(RUN) -m marketplace.run stop

reset: venv-local ## stop, and delete the development database
	@$(RUN) -m marketplace.run reset

lock: ## write requirements/*.txt anew from requirements/*.in (needs uv; UPGRADE=--upgrade for newer versions)
	@for set in base prod local dev e2e; do \
		uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
			--custom-compile-command "make lock" $(UPGRADE) requirements/$$set.in -o requirements/$$set.txt; \
	done

messages: venv-dev ## print the texts that have no French yet, as entries to fill in
	@$(RUN) manage.py check_translations --missing

messages-check: venv-dev ## check that every text has its French
	@$(RUN) manage.py check_translations

.PHONY: venv-local venv-dev venv-e2e no-browser-warning
venv-local venv-dev venv-e2e: venv-%:
	@PYTHON='$(PYTHON)' bash scripts/venv $*

no-browser-warning:
	@if [ -z '$(CHROMIUM)' ]; then \
		echo; echo '!!!! No Chromium found: the browser tests will NOT run.'; \
		echo '!!!! Install one (Debian: apt install chromium) or set CHROMIUM to its path.'; echo; \
	fi
