# Two commands for a stranger: `make demo` and `make test`. Each sets up what it needs by itself.
# Needed on the machine: Python >= 3.11 with venv, pip, and make (Node.js and npm for the official clients' tests; CI has both).
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
DEV    := $(VENV)/.installed-dev

.PHONY: help demo test stories samples check browser torture figures format record reference lock clean

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

# The builder comes from a lock file too (--no-build-isolation), so nothing unpinned is ever fetched.
$(STAMP): requirements/runtime.lock requirements/build.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

$(DEV): $(STAMP) requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@

demo: $(STAMP) ## the whole story in one terminal: sandbox, daemon, twenty telling rows
	$(BIN)/dsr-sync demo

test: $(DEV) ## every room, the contracts of the ports, the sandbox, the installed command, and a sample of each reliability test
	$(BIN)/python -m pytest -n 3 --dist worksteal --ignore=tests/e2e/people --ignore=tests/e2e/hands_off

stories: $(DEV) ## what staff can do and undo, end to end: addresses, duplicates, deadlines, edited bases
	$(BIN)/python -m pytest -n 3 --dist worksteal tests/e2e/people tests/e2e/hands_off

samples: $(DEV) ## the sample of every reliability test alone
	$(BIN)/python -m pytest -n 3 --dist worksteal tests/torture

browser: $(DEV) ## a person at the sandbox's page, in a real browser (needs Debian's chromium)
	$(BIN)/python -m pytest -m browser tests/e2e/browser

torture: $(DEV) ## every reliability test at full length, and the table of docs/reliability.md (hours)
	$(BIN)/python -m tests.torture.report --write

figures: $(DEV) ## measure what starting takes, and what is needed at rest, against their limits
	$(BIN)/python -m benchmarks.figures

check: $(DEV) ## lint, types, architecture, generated references
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.reference --check

format: $(DEV) ## let ruff put the code into its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

reference: $(DEV) ## write the generated references again (settings, commands, events, metrics)
	$(BIN)/python -m tests.reference --write
	$(BIN)/python -m tests.docs.notes_table --write

record: $(DEV) ## record the cassettes again: from the sandbox, or from the real services when their tokens are set
	$(BIN)/python -m pytest tests/contract/cassettes -p no:cacheprovider --record

lock: ## resolve requirements/*.in again (needs uv)
	for set in build runtime dev; do uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  requirements/$$set.in --output-file requirements/$$set.lock; done

clean: ## remove what the commands above made
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
