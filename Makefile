# What can be done here. Every target makes .venv first, once, from requirements.lock.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/made
VERIFIERS := .venv/verifiers
# One process a core, four at most: each starts a PostgreSQL server of its own.
PYTEST := $(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=worksteal

.PHONY: help demo test check bench lock clean
.DEFAULT_GOAL := help

help: ## say what can be done
	@echo "make demo     an invented seller's year: import, audit, explain, offline"
	@echo "make test     the whole test suite, on SQLite and on a PostgreSQL server of its own"
	@echo "make check    format, lint, types, import contracts, documents"
	@echo "make bench    how fast it is, each figure beside the raw limit"
	@echo "make lock     choose the newest allowed versions anew (needs uv)"
	@echo "make clean    remove .venv and what the tools left behind"
	@echo
	@echo "Python 3.11 or newer is needed. To choose one: make PYTHON=python3.12 test"

demo: $(STAMP)
	@$(BIN)/returns-ledger demo

test: $(VERIFIERS)
	$(PYTEST)

check: $(VERIFIERS)
	$(BIN)/python -m ruff format --check ledger projections cli tests
	$(BIN)/python -m ruff check ledger projections cli tests
	$(BIN)/python -m mypy --strict ledger projections cli tests
	$(BIN)/lint-imports --no-logo
	$(PYTEST) tests/test_docs.py tests/test_registrations.py tests/test_tidy.py

# The extras are measured, too. FIGURES="import rebuild" ROWS=100000 ORDERS=20000 RUNS=3 measure less.
bench: $(VERIFIERS)
	$(BIN)/python -m tests.bench $(FIGURES) $(if $(ROWS),--rows $(ROWS)) $(if $(ORDERS),--orders $(ORDERS)) \
	  $(if $(RUNS),--runs $(RUNS))

# The build backend comes out of the lock too, so nothing is fetched that has no hash here.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, and '$(PYTHON)' is not. Try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

# Programs of other people that check what ours hands out, and what the extras bring: the tests use them.
$(VERIFIERS): $(STAMP) tests/requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.lock
	@touch $(VERIFIERS)

LOCK := UV_CUSTOM_COMPILE_COMMAND="make lock" uv pip compile --quiet --universal --python-version 3.11 \
  --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate $(LOCKING)

lock: LOCKING = --upgrade
lock:
	$(LOCK) --extra dev --output-file requirements.lock pyproject.toml
	$(LOCK) --extra verifiers --extra parquet --extra dask --extra xlsx --extra keyring --extra timestamp \
	  --constraint requirements.lock --output-file tests/requirements.lock pyproject.toml

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist
	find ledger projections cli tests -name __pycache__ -type d -prune -exec rm -rf {} +
