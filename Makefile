# Two commands do everything on a fresh machine with Python >= 3.11: `make demo` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.complete
export TF_CPP_MIN_LOG_LEVEL ?= 3
# For Python 3.11 to 3.13 on Linux, macOS and Windows; hashes, and no address of an index.
LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
  --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

.DEFAULT_GOAL := help
.PHONY: help demo test test-full coverage lint lab docs build solve audit grade bench release lock sandbox browser clean

help: ## Show the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; say: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up $(VENV) from requirements.lock (once, some minutes): 1 of 3, an empty environment"
	@rm -rf $(VENV) && $(PYTHON) -m venv $(VENV)
	@echo "2 of 3: the packages, some 0.6 GB from the network and minutes to unpack"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@echo "3 of 3: the course and the autograder"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

sandbox: ## Install the system's bubblewrap where that is allowed
	@sh autograder/isolation/install_package.sh bubblewrap "the sandbox; submissions can be graded on Linux only" bwrap

browser: ## Install the system's Chromium, for the tests in a real browser, where that is allowed
	@sh autograder/isolation/install_package.sh chromium "a browser for the tests" chromium chromium-browser google-chrome

demo: $(STAMP) sandbox ## Execute the solutions, grade a sample class, write the report
	@$(BIN)/autograder demo

test: $(STAMP) sandbox lint ## Lint and the fast tests (about a quarter of an hour on 2 cores)
	@$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadgroup

test-full: $(STAMP) sandbox browser lint ## Every test, the slow ones too
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

coverage: $(STAMP) sandbox ## The fast tests, and which lines they run
	@$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadgroup --cov=course --cov=autograder --cov-report=term:skip-covered

lint: $(STAMP) ## ruff, formatting, mypy, the direction of imports, spelling
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-cache >/dev/null && $(BIN)/codespell

lab: $(STAMP) ## Open JupyterLab on the assignments
	@$(BIN)/jupyter lab --notebook-dir=. assignments

docs: $(STAMP) ## Make the site: build/site/html/index.html
	@$(BIN)/autograder site

build: $(STAMP) ## Generate notebooks and the student version
	@$(BIN)/autograder build

solve: $(STAMP) ## Execute the solution notebooks
	@$(BIN)/autograder solve

audit: $(STAMP) sandbox ## Test the checks: references, mistakes, alternatives, mutants
	@$(BIN)/autograder audit

grade: $(STAMP) sandbox ## Grade a folder: make grade SUBMISSIONS=submitted
	@$(BIN)/autograder grade $(or $(SUBMISSIONS),submitted)

bench: $(STAMP) sandbox ## Measure against stock nbgrader: trust, seconds, what a fork and a cold start cost
	@$(BIN)/python -m benchmarks trust; $(BIN)/python -m benchmarks grading; $(BIN)/python -m benchmarks fork; $(BIN)/python -m benchmarks cold

release: $(STAMP) ## Make the zip for students: make release TO=build/course.zip
	@$(BIN)/autograder release --to $(or $(TO),build/course.zip)

lock: $(STAMP) ## Renew the locks from pyproject.toml: make lock, or UPGRADE=1 for the newest versions
	@$(BIN)/uv pip compile $(LOCK) --all-extras pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile $(LOCK) --constraint requirements.lock pyproject.toml -o autograder/authoring/for_students/requirements.lock
	@mkdir -p build && $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --format pylock.toml \
	  --constraint autograder/authoring/for_students/requirements.lock pyproject.toml -o build/pylock.students.toml
	@$(BIN)/python -m autograder.authoring.wheels build/pylock.students.toml

clean: ## Remove what was generated outside version control
	@rm -rf build $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
