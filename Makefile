# The two commands of the README, and what they stand on.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --quiet --disable-pip-version-check

.PHONY: run test test-postgresql check lint types imports translations lock sbom clean

run: $(VENV)/.web
	@export PPP_MATCH_MODE=$${PPP_MATCH_MODE:-demo}; exec $(BIN)/ppp-match run

test: $(VENV)/.dev check page-tools
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

# What examines pages (HTML_CodeSniffer, Lighthouse, the Nu checker), pinned by a lock file; without npm their tests are
# skipped by name.
TOOLS := tests/look
.PHONY: page-tools
page-tools: $(TOOLS)/node_modules/.made

$(TOOLS)/node_modules/.made: $(TOOLS)/package-lock.json
	@if command -v npm >/dev/null; then \
	    npm ci --prefix $(TOOLS) --ignore-scripts --no-audit --no-fund --silent && touch $@ || \
	    echo "npm could not bring what examines pages; those tests are skipped."; \
	fi

# What `make test` runs on SQLite alone, on PostgreSQL: pages, walks, seeds, commands and the browser's journeys.
test-postgresql: $(VENV)/.dev page-tools
	@TEST_DATABASE=postgresql $(BIN)/python -m pytest -n 2 --dist loadgroup -m "not both_databases" --ignore tests/matching

# Quick checks that need no database: style, types, import order, complete translations.
check: lint types imports translations

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive ppp_match wsgi.py 2>/dev/null

types: $(VENV)/.dev
	@$(BIN)/mypy

imports: $(VENV)/.dev
	@$(BIN)/lint-imports

translations: $(VENV)/.dev
	@$(BIN)/python -m tests.translations

# requirements-web.lock is what runs; requirements-dev.lock is the same plus the tools of the tests.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed.")'
	@echo "Making $(VENV) and installing pinned packages (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.web: $(VENV)/.made requirements-web.lock setup.cfg pyproject.toml $(wildcard ppp_match/translations/*/LC_MESSAGES/*.po)
	@test -e $(VENV)/.dev || $(PIP) install --require-hashes -r requirements-web.lock
	@$(MAKE) --no-print-directory install
	@touch $@

$(VENV)/.dev: $(VENV)/.made requirements-dev.lock setup.cfg pyproject.toml $(wildcard ppp_match/translations/*/LC_MESSAGES/*.po)
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(MAKE) --no-print-directory install
	@touch $@

.PHONY: install
install:
	@$(PIP) install --no-deps --no-build-isolation -e .
	@$(BIN)/pybabel --quiet compile -d ppp_match/translations

lock: $(VENV)/.dev
	$(BIN)/uv pip compile --quiet --python-version 3.11 setup.cfg --extra web --extra build --generate-hashes --no-annotate --no-emit-index-url --custom-compile-command "make lock" -o requirements-web.lock
	$(BIN)/uv pip compile --quiet --python-version 3.11 setup.cfg --extra web --extra dev --extra build --extra semantic --generate-hashes --no-annotate --no-emit-index-url --custom-compile-command "make lock" -o requirements-dev.lock

# What the product is made of, as CycloneDX: every package of requirements-web.lock with its version and hashes.
sbom: $(VENV)/.dev
	@$(BIN)/cyclonedx-py requirements requirements-web.lock --output-reproducible --validate -o sbom.cdx.json
	@echo "sbom.cdx.json"

clean:
	rm -rf $(VENV) instance $(TOOLS)/node_modules
