# make book, make test: each sets up .venv first. Everything runs with one thread: see grulib/runtime.py.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: book test bench lab notebooks lint serve clean

book: .venv/installed
	$(BIN)/jupyter-book build . -W --keep-going -n
	@echo
	@echo "The book is built. Open $(CURDIR)/_build/html/index.html"

test: .venv/installed
	$(BIN)/pytest

bench: .venv/installed
	$(BIN)/python -m grulib.bench

lab: .venv/installed
	$(BIN)/jupyter lab --notebook-dir=book

notebooks: .venv/installed
	$(BIN)/python tools/execute.py

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

serve: book
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html 8000

clean:
	rm -rf .venv _build .pytest_cache .hypothesis .ruff_cache grulib.egg-info

.venv/installed: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --disable-pip-version-check --progress-bar on -r requirements.txt
	touch $@
