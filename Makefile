# Everything a fresh machine lacks is installed into this folder: .venv, .venv-local (the emulator), node_modules.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
ENV ?= dev
USE_CASE ?= gsm8k
BIN := $(CURDIR)/.venv/bin
export PATH := $(BIN):$(CURDIR)/node_modules/.bin:$(PATH)
export CDK_DISABLE_CLI_TELEMETRY := true
export PYTHONDONTWRITEBYTECODE :=
UV_VERSION := $(shell sed -n 's/.*"uv==\(.*\)".*/\1/p' pyproject.toml)

.PHONY: help setup rehearse rehearse-all scenarios audit test test-fast test-slow bench-probe bench-long-job lint format synth diff bootstrap deploy use-case lock clean

help: ## Show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: .venv/.ready .venv-local/.ready node_modules/.ready ## Install the pinned tools into this folder

.venv/.ready: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=/path/to/python3")'
	@echo "Installing the project's environment into .venv ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python requirements-dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

.venv-local/.ready: rehearsal/requirements.txt .venv/.ready
	@echo "Installing the local AWS emulator into .venv-local ..."
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-local
	@$(BIN)/uv pip sync --quiet --python .venv-local/bin/python rehearsal/requirements.txt
	@touch $@

node_modules/.ready: package-lock.json .venv/.ready
	@echo "Installing the CDK command line into node_modules ..."
	@npm ci --silent --no-audit --no-fund
	@touch $@

rehearse: setup ## Deploy into a local AWS and run USE_CASE from upload to deployed model, or a SCENARIO
	@rft rehearse $(USE_CASE) $(if $(SCENARIO),--scenario $(SCENARIO)) $(ARGS)

rehearse-all: setup ## Rehearse every use case, one after another
	@for folder in use_cases/*/; do rft rehearse "$$(basename "$$folder")" $(ARGS) || exit 1; done

scenarios: setup ## Rehearse every fault scenario
	@rft rehearse $(USE_CASE) --all-scenarios $(ARGS)

bench-probe: setup ## Measure the probe of the dataset in DATA in the local AWS
	@python -m rehearsal.probe_bench $(USE_CASE) $(if $(DATA),--data $(DATA)) $(ARGS)

bench-long-job: setup ## Count the events of a job of seven simulated days
	@python -m rehearsal.long_job $(USE_CASE) $(ARGS)

audit: setup ## Try the reward of every use case on known, worthless and odd answers
	@failed=0; for folder in use_cases/*/; do \
	  rft reward audit --brief "$$(basename "$$folder")" $(ARGS) || failed=1; done; exit $$failed

test: setup ## Run every test, the rehearsals too
	@python -m pytest -n 2 -m "not rehearsal" $(ARGS)
	@python -m pytest -m "rehearsal and not slow" $(ARGS)

test-slow: setup ## Run the tests that `make test` leaves out: more scenarios
	@python -m pytest -m slow $(ARGS)

test-fast: setup ## Run the tests that deploy nothing
	@python -m pytest -n 2 -m "not rehearsal" $(ARGS)

lint: setup synth ## Check style, types, templates, state machines and security rules
	@ruff check .
	@ruff format --check .
	@mypy
	@python -m stacks.lint cdk.out

format: setup ## Format the code
	@ruff check --fix . && ruff format .

synth: setup ## Synthesise every environment into cdk.out
	@cdk synth --quiet --no-notices

diff: setup ## Compare ENV with what is deployed
	@cdk diff --no-notices -c environments=$(ENV) '$(ENV)/*'

bootstrap: setup ## Prepare the account and region of ENV for the CDK, once
	@cdk bootstrap --no-notices -c environments=$(ENV)

deploy: setup ## Deploy ENV to AWS
	@cdk deploy --no-notices -c environments=$(ENV) --require-approval broadening '$(ENV)/*'

use-case: setup ## Create use_cases/NAME from a template
	@test -n "$(NAME)" || { echo 'usage: make use-case NAME=ticket-triage' >&2; exit 2; }
	@rft new "$(NAME)" $(ARGS)

lock: .venv/.ready ## Pin every dependency again from pyproject.toml and the *.in files
	@uv pip compile --quiet --universal --no-header --no-emit-index-url pyproject.toml -o requirements.txt
	@uv pip compile --quiet --universal --no-header --no-emit-index-url --extra dev pyproject.toml -o requirements-dev.txt
	@uv pip compile --quiet --universal --no-header --no-emit-index-url rehearsal/requirements.in -o rehearsal/requirements.txt
	@for layer in lambda/layers/*; do \
	  uv pip compile --quiet --universal --no-header --no-emit-index-url --generate-hashes $$layer/requirements.in -o $$layer/requirements.txt; done

clean: ## Remove everything that make installed or generated
	@rm -rf .venv .venv-local node_modules cdk.out out .mypy_cache .pytest_cache .ruff_cache .hypothesis
