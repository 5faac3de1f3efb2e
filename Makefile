# Two commands set everything up on a fresh machine: `make demo` and `make test`.
# They need Python 3.11 or newer (`make demo PYTHON=python3.12` picks one).

PYTHON ?= python3
PYTEST_ARGS ?= -n 2
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
OUT := out/mse-demo

# Tests start grayc hundreds of times: where nobody keeps what Python compiles, each start takes four times as long.
unexport PYTHONDONTWRITEBYTECODE

# What an installed grayc is made of: the demo installs again when any of it is newer.
SOURCES := pyproject.toml $(shell find grayc schemas -type f \( -name '*.py' -o -name '*.json' -o -name '*.md' \))

.PHONY: demo test e2e ship lint bench clean

## demo: compile examples/mse-demo and show what came out
demo: $(VENV)/installed
	$(BIN)/grayc build examples/mse-demo/release.yaml -o $(OUT)
	@echo
	@ls -l $(OUT)
	@echo
	@echo "To start the lane in a cluster: kubectl apply -f $(OUT)"

## test: lint, types and the whole test suite
test: lint
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict

## e2e: the life of a release against a real kube-apiserver, see CONTRIBUTING.md
e2e: $(VENV)/installed-dev
	$(BIN)/python -m tests.e2e $(E2E_ARGS)

## ship: build the packages and the image, and try them as a user would, see CONTRIBUTING.md
ship: $(VENV)/installed-dev
	$(BIN)/python -m tools.ship dist
	$(BIN)/python -m tests.plugs
	if command -v mmdebstrap; then $(BIN)/python -m tools.image dist; else echo "no image: there is no mmdebstrap"; fi

## bench: what commands cost, beside kustomize, helm and a plain Go program, see bench/README.md
bench: $(VENV)/installed-dev
	$(BIN)/python -m bench.run $(BENCH_ARGS)

clean:
	rm -rf $(VENV) $(OUT)

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# In a development environment grayc runs from its source folder, and there is nothing to install again.
$(VENV)/installed: $(SOURCES) | $(BIN)/python
	test $(VENV)/installed-dev -nt pyproject.toml || $(PIP) .
	@touch $@

$(VENV)/installed-dev: pyproject.toml | $(BIN)/python
	$(PIP) -e '.[dev]'
	@touch $@ $(VENV)/installed
