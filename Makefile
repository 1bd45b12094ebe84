# Shorthands; packaging/start.py does the work, on Windows too, where there is no make.
#   make run ARGS="replay FILE"    make test ARGS="-k book"    make bench NAME=feed
PYTHON ?= python3
ARGS ?=
NAME ?= all

ifeq ($(OS),Windows_NT)
VENV := .venv/Scripts/python.exe
else
VENV := .venv/bin/python
endif

.PHONY: run test lint bench lock

run:
	$(PYTHON) packaging/start.py -- $(ARGS)

test:
	$(PYTHON) packaging/start.py test $(ARGS)

lint:
	$(PYTHON) packaging/start.py setup
	$(VENV) -m ruff check
	$(VENV) -m ruff format --check
	$(VENV) -m mypy

bench:
	$(PYTHON) packaging/start.py setup
	$(VENV) -m tests.bench $(NAME) $(ARGS)

lock:
	$(PYTHON) packaging/lock.py $(ARGS)
