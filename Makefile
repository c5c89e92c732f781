# make book, make test: each sets up .venv first. Everything runs with one thread: see grulib/runtime.py.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Two tests at a time; chapters cell by cell, each output compared, a chapter's cells together.
PYTEST := $(BIN)/python -m pytest -n 2 --durations=6
CHAPTERS := --nbval --nbval-current-env --nbval-cell-timeout=300 --dist loadfile

# A .venv that was never finished, was moved to another folder, or has lost a command is set up anew, others are updated.
SOUND := $(shell test "$$(cat .venv/installed 2>&1)" = "$$(pwd -P)" || exit; \
  for name in python pip jupyter-book jupyter pytest ruff; do test -x .venv/bin/$$name || exit; done; echo yes)

.PHONY: book read pdf epub test test-unit test-chapters test-site bench weights lab notebooks lint serve lock clean $(if $(SOUND),,.venv/installed)

book: .venv/installed
	rm -rf _build/html # else a page stays whose source was renamed
	$(BIN)/jupyter-book build . -W --keep-going -n
	@echo
	@echo "The book is built. Open $(CURDIR)/_build/html/index.html"

# The same pages from what building needs alone: no PyTorch, no tests.
read: _build/read/installed
	rm -rf _build/html
	PYTHONPATH=. _build/read/bin/jupyter-book build . -W --keep-going -n
	@echo
	@echo "The book is built. Open $(CURDIR)/_build/html/index.html"

_build/read/installed: requirements-read.lock
	rm -rf _build/read && $(PYTHON) -m venv _build/read
	_build/read/bin/python -m pip --disable-pip-version-check install --quiet --no-deps -r requirements-read.lock
	touch $@

pdf: book
	$(BIN)/python tools/pdf.py
	@echo "The book is printed: $(CURDIR)/_build/the-gru-executed.pdf"

epub: book
	$(BIN)/python tools/epub.py
	@echo "The book is packed: $(CURDIR)/_build/the-gru-executed.epub"

test: .venv/installed
	$(PYTEST) $(CHAPTERS) tests book

test-unit: .venv/installed
	$(PYTEST) tests --ignore=tests/test_site.py

test-chapters: .venv/installed
	$(PYTEST) $(CHAPTERS) book

test-site: .venv/installed
	$(PYTEST) tests/test_site.py

bench: .venv/installed
	$(BIN)/python -m grulib.bench

weights: .venv/installed
	$(BIN)/python -m grulib.live

# The chapters in the folder work/, yours to change; `make lab FRESH=equations` gives one anew, FRESH=all gives all.
lab: .venv/installed
	PYTHONPATH=extensions $(BIN)/python tools/lab.py $(if $(FRESH),--fresh $(filter-out all,$(FRESH)))

notebooks: .venv/installed
	$(BIN)/python tools/execute.py

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

serve: book
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html 8000

# After a change of requirements.txt or requirements-read.txt; `make lock UPGRADE=--upgrade` moves every package to its newest version that fits.
lock:
	$(PYTHON) -m venv _build/uv
	_build/uv/bin/python -m pip install --quiet uv==0.13.9
	PATH="$(CURDIR)/_build/uv/bin:$$PATH" $(PYTHON) tools/lock.py $(UPGRADE)

clean:
	rm -rf .venv _build .pytest_cache .hypothesis .ruff_cache grulib.egg-info

# Everything but torch and grulib comes from the lock file, checked against its hashes; the rest then needs nothing more.
.venv/installed: requirements.txt requirements-read.txt requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	$(if $(SOUND),,rm -rf .venv && $(PYTHON) -m venv .venv)
	$(PIP) install --no-deps -r requirements.lock
	$(PIP) install -r requirements.txt
	$(PIP) check
	pwd -P > $@
