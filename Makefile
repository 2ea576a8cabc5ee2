# Everything a target needs is set up by itself, in .venv, at the versions of constraints.txt.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test bench lint audit setup clean

demo: $(READY)  ## the whole way of a call, from a portal on this machine to digest and summary
	$(BIN)/funding demo

test: $(READY)
	$(BIN)/python -m pytest

bench: $(READY)  ## what grows with the calls, beside bare engines; SIZES="1400 14000" for less than 140,000 of them
	$(BIN)/python -m tests.benchmarks.growth $(SIZES)

lint: $(READY) audit
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: $(READY)  ## known vulnerabilities of the pinned packages
	$(BIN)/python -m tests.audit constraints.txt

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $(READY)

clean:
	rm -rf .venv var build *.egg-info
