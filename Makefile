PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-slow lint types site fits score ring-table switch uncertainty plasticity networks bench bench-sweep dodecamer graphs persistence clean

demo: .venv/run
	$(BIN)/ltpath demo -o out/demo

# Two processes, each with whole files, so that files share their runs.
test: .venv/dev
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-slow: .venv/dev
	$(BIN)/python -m pytest -m slow

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/dev
	$(BIN)/pyright --pythonpath $(BIN)/python

# The documentation as a site, its examples run; a dead link is an error.
site: .venv/docs
	$(BIN)/sphinx-build -W --keep-going -b html docs out/site

# In the order of the signal: each fit builds on the one before.
fits: .venv/run
	$(BIN)/python fits/calmodulin.py
	$(BIN)/python fits/front_end.py
	$(BIN)/python fits/synapse.py
	$(BIN)/python fits/late.py

score: .venv/run
	$(BIN)/python docs/score.py
	$(BIN)/ltpath demo -o out/demo
	cp out/demo/demo.png docs/demo.png

# What small rings cost, and whether CaMKII is a switch: docs/camkii.md.
ring-table: .venv/run
	$(BIN)/python docs/ring_error.py

switch: .venv/run
	$(BIN)/python docs/switch.py

# Ensembles of the full dodecamer: docs/camkii_full.md. Goes on where an interrupted run stopped.
dodecamer: .venv/dev
	$(BIN)/python docs/dodecamer.py

# What the fit leaves open, and what decides the outcome: docs/uncertainty.md.
uncertainty: .venv/dev
	$(BIN)/python -m docs.uncertainty

# The pictures of docs/plasticity.md, by the commands that it names.
plasticity: .venv/dev
	PATH="$(BIN):$$PATH" sh docs/plasticity.sh

# The pictures of docs/graphs.md.
graphs: .venv/run
	PATH="$(BIN):$$PATH" sh docs/graphs.sh

# How long a trace lasts, and what that depends on: docs/persistence.md.
persistence: .venv/run
	$(BIN)/python docs/persistence.py

# After a change of the rules: needs Perl, and minutes for large rings.
networks: .venv/run
	$(BIN)/python -m ltpath.shipped

# Goes on where an interrupted run stopped; BENCH="--quick" tries every program once.
bench: .venv/bench
	$(BIN)/python -m benchmarks.run $(BENCH)

.venv/run: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ltpath needs Python 3.11 or later; set PYTHON=... to one")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[pictures]' || $(BIN)/python -m pip install --quiet -c constraints.txt -e .
	touch $@

.venv/dev: .venv/run
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	touch $@

.venv/docs: .venv/run
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[docs]'
	touch $@

# AMICI comes without its dependencies, because it asks for a newer sympy than PySB allows; both work with PySB's.
.venv/bench: .venv/run
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[bench]'
	$(BIN)/python -m pip install --quiet -c constraints.txt --no-deps amici || echo 'AMICI could not be built, and is left out'
	touch $@

# Throughput of sweeps against workers; takes a quiet machine and about half an hour.
bench-sweep: .venv/dev
	$(BIN)/python benchmarks/sweep_throughput.py

clean:
	rm -rf .venv out build dist *.egg-info
