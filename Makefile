# Needs Python >= 3.11 with venv, make, and reach of the package registries. Nothing else.

VENV := .venv
STAMP := $(VENV)/.installed
RUNS_311 := -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
	$$each $(RUNS_311) >/dev/null 2>&1 && echo $$each && break; done)
BROWSERS := chromium-headless-shell chromium chromium-browser google-chrome
ARGUMENTS ?=

# Many short processes run the same code: without its compiled form each of them would compile it anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test faults lint venv lock clean

demo: $(STAMP)
	@$(VENV)/bin/podium demo $(ARGUMENTS)

test: $(STAMP)
	@for each in $(BROWSERS); do command -v $$each >/dev/null && exit 0; done; \
	if [ -z "$$PODIUM_TEST_BROWSER" ]; then \
	echo "make test: NO HEADLESS BROWSER: the tests of the page in a browser are left out."; \
	echo "           For them install chromium-headless-shell or chromium, or name one by PODIUM_TEST_BROWSER."; fi
	@$(VENV)/bin/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(ARGUMENTS)

# Everything at once under kills, hangs, outages and hostile records; an independent checker compares with the log.
faults: $(STAMP)
	@$(VENV)/bin/python -m tests.faults $(ARGUMENTS)

lint: $(STAMP)
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy

venv: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "make: no Python >= 3.11 with venv found; name one: make PYTHON=/path/to/python3"; exit 2; }
	@test -x $(VENV)/bin/python || { echo "making $(VENV) with $(PYTHON)"; $(PYTHON) -m venv $(VENV); }
	@echo "installing requirements.lock"
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(VENV)/bin/python -m compileall -q -j 0 $(VENV)/lib
	@touch $@

# Needs uv; pins what pyproject.toml asks for, for Linux and macOS, without any address in the file.
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet -o requirements.lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
