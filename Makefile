# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Relative, as the path of the checkout may have spaces.
BUILD := .build
export PATH := $(CURDIR)/$(BUILD)/bin:$(CURDIR)/$(BUILD)/venv/bin:$(PATH)
# Ansible wants UTF-8, and LC_ALL=C isn't.
export LC_ALL := C.UTF-8

# What a target asks of the lab: everything else about it is in `lab --help`.
LAB := $(BUILD)/venv/bin/python -m lab
ARGS ?=
# Which tests pytest selects; nothing: its own default.
SELECTED :=

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---- Set-up -------------------------------------------------------------------------------------

.PHONY: setup
setup: ## Install everything the other targets need, into .build/ (and a Docker engine where none answers)
	@tools/setup.sh $(BUILD)

.PHONY: environments
environments: ## Install what checks without a lab need; takes no root
	@tools/setup.sh $(BUILD) environments

# ---- The platform in the lab --------------------------------------------------------------------

.PHONY: site
site: setup ## Build both regions in the lab; ARGS="--check --diff" and the like are handed on
	@$(LAB) up
	@. lab/env && ansible-playbook site.yml -i inventories/lab $(ARGS)

.PHONY: destroy
destroy: setup ## Remove from the lab what site built
	@$(LAB) up
	@. lab/env && ansible-playbook playbooks/destroy.yml -i inventories/lab -e destroy_environment=lab $(ARGS)

.PHONY: status
status: setup ## Show what runs in the lab, and what of it is real or simulated
	@$(LAB) status

.PHONY: down
down: ## Stop and remove all that the lab started; what was built in it is kept for the next start
	@tools/down.sh

# ---- Checks -------------------------------------------------------------------------------------

.PHONY: test
test: setup ## Run the checks, as CI does; ends with pytest's summary
	@. tools/test_environment.sh && python -m pytest tests $(SELECTED) --numprocesses 2 --dist loadfile $(ARGS)

.PHONY: nightly
nightly: SELECTED := -m 'not soak'
nightly: test ## Run what test runs, and the scenarios that take too long for every change

.PHONY: lint
lint: environments ## ruff, yamllint, ansible-lint (production), shellcheck, SPDX headers, changelog
	@tools/lint.sh

.PHONY: sanity
sanity: environments ## ansible-test sanity on a copy of the collection
	@tools/sanity.sh $(BUILD)/sanity

.PHONY: unit
unit: environments ## The tests that need no lab
	@. tools/test_environment.sh && python -m pytest tests/unit $(ARGS)

.PHONY: soak
soak: setup ## The long repetitions; figures go to docs/evidence/
	@. tools/test_environment.sh && python -m pytest tests -m soak $(ARGS)

.PHONY: bench
bench: setup ## Measure against yardsticks; writes bench.json and prints a table
	@. tools/test_environment.sh && python -m tests.bench $(ARGS)

.PHONY: fresh
fresh: setup ## Prove the set-up in a clean Debian root with a clean PATH
	@tools/fresh.sh

.PHONY: operator-policy
operator-policy: setup ## Derive docs/operator-policy.json from runs in a lab of its own
	@. tools/test_environment.sh && python -m tools.operator_policy $(ARGS)

# ---- The artefact -------------------------------------------------------------------------------

.PHONY: build
build: environments ## Build the collection's artefact into .build/dist
	@ansible-galaxy collection build --force --output-path $(BUILD)/dist

.PHONY: clean
clean: down ## Remove everything that was built or installed here
	@tools/clean.sh
