# Every target sets up its own virtual environment; a second call finds it up to date.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TESTS ?=

.PHONY: demo test lint fuzz bench docs docs-serve notebooks clean help

help:
	@echo "make demo   the main job on the embedded sample, offline"
	@echo "make test   all tests, doctests included"
	@echo "make lint   ruff, mypy --strict, import-linter"
	@echo "make fuzz   the service against many more generated requests (FUZZ=500 a kind)"
	@echo "make bench  speed and accuracy against what a user would use instead"
	@echo "make docs   the documentation, its notebooks run, into build/site (docs-serve shows it while you write)"
	@echo "make notebooks   the guided notebooks, run, into build/notebooks"

$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "TrackOracle needs Python 3.11 or newer; set PYTHON=python3.11"; exit 1; }
	@# The pip that Python brings may take twice as long to choose among releases; it does, too.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --upgrade pip || true
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[all,neural,ebm,docs,dev]'
	@touch $@

demo: $(READY)
	@$(BIN)/trackoracle demo

# Two processes, a file of tests to one of them, in the order that conftest.py gives; each keeps
# its numerical libraries to one thread, or they slow one another.
test: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --max-worker-restart=0 $(TESTS)

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

FUZZ ?= 500
fuzz: $(READY)
	OMP_NUM_THREADS=1 TRACKORACLE_FUZZ=$(FUZZ) $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder tests/interfaces/rest/test_description.py

bench: $(READY)
	$(BIN)/python -m benchmarks

# Material's notice about its successor is known: CONTRIBUTING.md.
docs: notebooks
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "Open build/site/index.html"

docs-serve: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs serve --watch src --watch tools/docs --watch README.md

notebooks: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m tools.build_notebooks

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
