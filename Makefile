# Each target sets up what is missing first: virtual environment, locked packages, builds.
BIN := .venv/bin
JOBS ?= 2

.PHONY: help doctor setup setup-golden setup-formal measure answer claims fences calibrate test \
        torture torture-harts litmus coherence formal protocol mutants coverage soak waves bench \
        bench-peers lint format clean

help:
	@echo 'make setup     virtual environment and the packages of uv.lock'
	@echo 'make setup-golden, setup-formal   the same and Spike, or Yosys with a solver'
	@echo 'make doctor    what this machine lacks, and the command that brings it'
	@echo 'make measure   table: what each policy costs in cycles and holds in memory'
	@echo 'make answer    which policy is worth its price where; writes docs/answer.md'
	@echo 'make claims    what was claimed about dynamic kernel stacks, each with a verdict'
	@echo 'make test      the default test suite'
	@echo 'make fences    cycles of fences on other harts: by the SBI, by an S-mode interrupt, ideal'
	@echo 'make calibrate cycles of timed sequences, beside those of real cores'
	@echo 'make torture   random programs in lockstep with Spike, and what they cover'
	@echo 'make torture-harts   random programs of several harts, and the order of their memory'
	@echo 'make litmus    concurrent programs, and the outcomes that RVWMO allows them'
	@echo 'make coherence random accesses of 2, 4 and 8 harts to lines that they share'
	@echo 'make formal    proofs without bound, and the mutant that each refutes'
	@echo 'make protocol  all schedules of a small model: what breaks each policy (needs spin)'
	@echo 'make soak VARIANT=P4   200,000 system calls of a policy, with the oracle on'
	@echo 'make mutants   bugs that real cores shipped, and the test that finds each'
	@echo 'make coverage  lines and branches of the RTL that the default suite reaches'
	@echo 'make waves     waveform windows of the map, invalidate, fault and unmap paths'
	@echo 'make bench     simulated cycles per second, cocotb against a bare C++ loop'
	@echo 'make bench-peers   the same beside Rocket, which it installs and verilates'
	@echo 'make lint      ruff, pyright, clang-format, Verilator lint'
	@echo 'make format    ruff and clang-format'
	@echo 'make clean     remove builds, waves, traces and results, those that answer and claims keep, too'

doctor:
	@python3 -m sim.cli doctor

setup:
	@python3 sim/bootstrap.py

setup-golden:
	@python3 sim/bootstrap.py golden

setup-formal:
	@python3 sim/bootstrap.py formal

measure: setup
	@$(BIN)/dynstack measure

answer: setup
	@$(BIN)/dynstack answer --json docs/answer/figures.json --page docs/answer.md

claims: setup
	@$(BIN)/dynstack claims

test: setup-golden setup-formal
	@$(BIN)/pytest -n $(JOBS) --dist worksteal -q

fences: setup
	@$(BIN)/dynstack fences

calibrate: setup
	@$(BIN)/dynstack calibrate

torture: setup-golden
	@$(BIN)/dynstack torture

torture-harts: setup-golden
	@$(BIN)/dynstack torture --harts 2 4

litmus: setup
	@$(BIN)/dynstack litmus

coherence: setup
	@$(BIN)/python -m cocotb_tests.mem

formal: setup-formal
	@$(BIN)/dynstack formal

protocol: setup
	@$(BIN)/dynstack protocol

mutants: setup-golden
	@$(BIN)/python -m cocotb_tests.mutants

coverage: setup-golden
	@$(BIN)/python -m cocotb_tests.coverage

soak: setup
	@$(BIN)/dynstack soak $(or $(VARIANT),$(error say which policy: make soak VARIANT=P4))

waves: setup
	@$(BIN)/dynstack waves

bench: setup
	@$(BIN)/dynstack bench

bench-peers:
	@python3 sim/bootstrap.py peers
	@$(BIN)/python -m sim.peers

lint: setup
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/pyright
	@git ls-files '*.c' '*.h' '*.cpp' '*.hpp' | xargs $(BIN)/clang-format --dry-run -Werror
	@$(BIN)/python -m sim.lint

format: setup
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format
	@git ls-files '*.c' '*.h' '*.cpp' '*.hpp' | xargs $(BIN)/clang-format -i

clean:
	rm -rf build results waves traces
