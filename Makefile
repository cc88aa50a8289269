# The front door: every command that a person or CI runs. Each does its own set-up.
.DEFAULT_GOAL := help
.PHONY: help demo test unit test-all counted bench faults faults-quick up down logs status lint types texts fmt clean lock setup
BIN := .venv/bin
PYTHON ?= python3
ARGS ?=
SIZE ?= third
# Three workers for two cores: much of a test is waiting. A file stays with one, the long files come first,
# and a worker that dies ends the run, as it would without workers.
WORKERS ?= -n 3 --dist loadfile --no-loadscope-reorder --max-worker-restart 0
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header
export PYTHON
# What runs from here is a machine of one's own; anywhere else it must be said.
export AURORA_ENVIRONMENT ?= local

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "%-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ready-stack ## Start everything, load the sample district, show the board; it stays up (SIZE=full for all of it)
	@$(BIN)/aurora demo --size $(SIZE)

test: ready-test ## The whole default suite, with a real Kafka and a real mongod (ARGS="-k award" for less)
	@$(BIN)/pytest $(WORKERS) $(ARGS)

unit: ready-python ## Everything that needs no server and starts no process (seconds)
	@$(BIN)/pytest -m "not real and not slow" tests/unit tests/contracts $(ARGS)

test-all: ready-test ## The default suite, the long runs, and many more generated histories
	@HYPOTHESIS_PROFILE=thorough $(BIN)/pytest -m "" $(WORKERS) $(ARGS)

counted: ready-test ## Write down anew what an award, a class, a turn and a board ask of MongoDB and Kafka
	@AURORA_COUNTED_ANEW=1 $(BIN)/pytest -q tests/integration/test_counted_operations.py

faults: ready-test ## Every fault alone, then random mixes (half an hour; SEED=7, ARGS="--only broker", ARGS=--list)
	@$(BIN)/python -m tests.faults $(if $(SEED),--seed $(SEED)) $(ARGS)

faults-quick: ready-test ## A minute of faults of a seed: SEED=7 does it again
	@$(BIN)/python -m tests.faults --quick $(if $(SEED),--seed $(SEED)) $(ARGS)

bench: ready-stack ## Speed, side by side with peers, as a table in docs/benchmarks/ (ARGS="writing" for one part)
	@$(BIN)/python -m tests.bench $(ARGS)

up: ready-stack ## Start Kafka, mongod and every service, with the data they had
	@$(BIN)/aurora up

down: ready-python ## End all of it; the data stays
	@$(BIN)/aurora down

logs: ready-python ## Follow what every part says
	@$(BIN)/aurora logs --follow

status: ready-python ## What runs, whether it is ready, how far behind it is
	@$(BIN)/aurora status

lint: ready-python ## The rules of the style, run
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/python -m deploy.house_rules
	@$(BIN)/python -m deploy.texts --check
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	@$(BIN)/bandit --quiet --recursive services shared deploy -c pyproject.toml

types: ready-python ## mypy --strict
	@$(BIN)/mypy

texts: ready-python ## Bring the pages' texts into every language's catalogue (LANGUAGE=fr begins another)
	@$(BIN)/python -m deploy.texts $(LANGUAGE)

fmt: ready-python ## Format, and mend what ruff can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: ready-python ## Compile both locks from pyproject.toml again
	@$(COMPILE) --all-extras --output-file requirements.lock
	@$(COMPILE) --constraint requirements.lock --output-file deploy/requirements.lock

clean: ## End the stack and remove all that set-up, demo and tests made, data too
	@if [ -x $(BIN)/aurora ]; then $(BIN)/aurora down; fi
	rm -rf .venv .local .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup: ready-stack ## Only the set-up: environment, packages, Kafka's jars

ready-%:
	@deploy/local/setup.sh $*
