# Needs Python >= 3.11 with venv, make, and reach of the package registries. Nothing else.

VENV := .venv
RUNTIME := $(VENV)/.runtime
STAMP := $(VENV)/.installed
SITE := $(VENV)/.docs
RUNS_311 := -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
	$$each $(RUNS_311) >/dev/null 2>&1 && echo $$each && break; done)
BROWSERS := chromium-headless-shell chromium chromium-browser google-chrome
ARGUMENTS ?=

# Many short processes run the same code: without its compiled form each of them would compile it anew.
unexport PYTHONDONTWRITEBYTECODE
# Certificates that the system trusts, as those of a proxy; newer versions of pip do so by themselves.
PIP_TRUST = $$($(VENV)/bin/python -m pip --version | grep -qE "^pip 2(3\.[3-9]|4\.[01])" && echo --use-feature=truststore)

.PHONY: demo test faults lint docs venv lock clean

demo: $(RUNTIME)
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

# The site: README, ARCHITECTURE, docs and a reference made from the docstrings. A warning or a dead link fails.
docs: $(SITE)
	@NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --quiet --strict --config-file docs/site/mkdocs.yml
	@echo "site/index.html"

venv: $(STAMP)

# One line of progress a package; the exit code is that of pip.
define install
	@echo "installing $(1)$(2)"
	@total=$$(grep -c '==' $(1)); \
	{ $(VENV)/bin/python -m pip install $(PIP_TRUST) --disable-pip-version-check --progress-bar off --no-compile --require-hashes -r $(1); \
	echo "ended with $$?"; } | awk -v total=$$total -v tty=$$([ -t 1 ] && echo 1 || echo 0) ' \
	/^(Collecting|Requirement already)/ { n++; \
		if (tty) printf "\r\033[K  %d of %d: %s", n, total, ($$1 == "Collecting" ? $$2 : $$4); \
		else if (n % 20 == 0) printf "  %d of %d\n", n, total; fflush() } \
	/^Installing/ { if (tty) printf "\r\033[K"; print "  unpacking"; fflush() } \
	/^ended with/ { code = $$3 } END { exit code }'
endef

$(RUNTIME): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "make: no Python >= 3.11 with venv found; name one: make PYTHON=/path/to/python3"; exit 2; }
	@test -x $(VENV)/bin/python || { echo "making $(VENV) with $(PYTHON)"; $(PYTHON) -m venv $(VENV); }
	@# Python 3.11 brings setuptools along, which nothing here needs.
	@$(VENV)/bin/python -m pip uninstall --quiet --yes --disable-pip-version-check setuptools 2>/dev/null || true
	$(call install,requirements.lock, (about 290 MB, half a minute to five minutes))
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMP): $(RUNTIME) requirements-dev.lock
	$(call install,requirements-dev.lock, (about 450 MB more))
	@$(VENV)/bin/python -m compileall -q -j 0 $(VENV)/lib
	@touch $@

$(SITE): $(STAMP) requirements-docs.lock
	$(call install,requirements-docs.lock, (about 60 MB more))
	@touch $@

# Needs uv; pins what pyproject.toml asks for, for Linux and macOS, without any address in the files.
UV_COMPILE := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet
lock:
	$(UV_COMPILE) --extra build -o requirements.lock
	$(UV_COMPILE) --extra build --extra dev -c requirements.lock -o requirements-dev.lock
	$(UV_COMPILE) --extra build --extra dev --extra docs -c requirements-dev.lock -o requirements-docs.lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis site
