# Two commands for a visitor: make demo, make test. The rest is for those who work here.
# Needs Python 3.11 or newer and make; takes uv when it is there, otherwise venv and pip.

PYTHON ?= python3
PORT ?= 8000
WORKERS ?= 2
VENV := .venv
PY := $(VENV)/bin/python
UV := $(shell command -v uv 2>/dev/null)
DJLINT_FOLDERS := $(wildcard templates)

.DEFAULT_GOAL := help
.PHONY: help install demo test check browser sweep faults bench lock clean

help:
	@echo "make demo      a made-up company on this machine, PORT=8000"
	@echo "make test      all quick tests, on SQLite unless DATABASE_URL and REDIS_URL say otherwise"
	@echo "make check     style, types, walls, templates, migrations, settings"
	@echo "make browser   the tests that drive Chromium"
	@echo "make sweep     one promise over every page, seat and phase"
	@echo "make faults    the tests that kill processes (KILLS=100 for a hundred times)"
	@echo "make bench     the measurements"
	@echo "make lock      resolve the dependencies anew (needs uv)"

$(PY):
ifdef UV
	@uv venv --quiet $(VENV)
else
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Rungs needs Python 3.11 or newer. Name it: make PYTHON=python3.12 demo"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "This Python cannot make a virtual environment. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
endif

# One lock for each purpose, so that the demo installs no linter and no browser.
$(VENV)/%.installed: %.lock | $(PY)
	@echo "Installing $<"
ifdef UV
	@uv pip install --quiet --python $(PY) --require-hashes -r $<
else
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
endif
	@touch $@

install: $(VENV)/requirements.installed

demo: $(VENV)/requirements-run.installed
	@$(PY) manage.py demo --port $(PORT)

test: $(VENV)/requirements-test.installed
	@$(PY) -m pytest -q -n $(WORKERS)

check: install
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(VENV)/bin/lint-imports
	@DEBUG=true $(PY) manage.py makemigrations --check --dry-run
	@DEBUG=false DEMO=false SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))') \
	  ALLOWED_HOSTS=reviews.example.org SITE_URL=https://reviews.example.org REDIS_URL=redis://localhost:6379/0 \
	  $(PY) manage.py check --deploy --fail-level WARNING
	@$(PY) -m djlint --quiet --lint $(DJLINT_FOLDERS)
	@$(PY) -m mypy apps config

browser: install
	@$(PY) -m pytest -q -m browser

sweep: $(VENV)/requirements-test.installed
	@$(PY) -m pytest -q -n $(WORKERS) -m sweep

faults: $(VENV)/requirements-test.installed
	@$(PY) -m pytest -q -s -m faults

bench: $(VENV)/requirements-test.installed
	@$(PY) -m pytest -q -s -m load

COMPILE := uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links pyproject.toml
lock:
	$(COMPILE) --upgrade --all-extras --output-file requirements.lock > /dev/null
	$(COMPILE) --constraints requirements.lock --extra test --output-file requirements-test.lock > /dev/null
	$(COMPILE) --constraints requirements.lock --output-file requirements-run.lock > /dev/null

clean:
	rm -rf $(VENV) var staticfiles .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
