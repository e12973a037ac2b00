# Martlet: two commands, `make demo` and `make test`; `make help` lists the rest.
SHELL := /bin/bash
CONFIGURATION ?= release
BINARY := .build/$(CONFIGURATION)/martlet
# One file without Swift's libraries beside it, optimized across modules: docs/decisions/0025-optimized-across-modules.md.
BUILD := swift build -c $(CONFIGURATION) $(if $(filter release,$(CONFIGURATION)),--static-swift-stdlib -Xswiftc -cross-module-optimization)

.PHONY: help setup build serve demo test check bench bench-analytics bench-catalogue bench-encryption bench-peers scan-comparison sbom fuzz clean

help: ## What can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 26

setup: ## Install what is missing (Debian packages; uv in .tools)
	@scripts/setup.sh

build: ## Build the release binaries, .build/release/martlet and the worker for ONNX beside it
	@MARTLET_SETUP=run scripts/setup.sh
	$(BUILD) --product martlet
	$(BUILD) --product martlet-onnx-worker

serve: build ## Run the server with the data folder ./data
	$(BINARY) serve

demo: build ## Train two real models, host them, predict; CHECK=1 compares and exits
	@BINARY=$(BINARY) CHECK=$(CHECK) scripts/demo.sh

test: ## Everything that proves the project, from a clean clone
	@scripts/test.sh

check: ## Format, import rules, documents that are generated
	@scripts/check.sh

scan-comparison: build ## Judge generated corpora beside open scanners, into docs/scanner-comparison.md
	@scripts/scan_comparison.sh

bench: build ## Measure the server; writes docs/performance.md
	@MARTLET_BENCH=1 $(BUILD) --product Hello
	@BINARY=$(BINARY) HELLO=.build/$(CONFIGURATION)/Hello Benchmarks/run.sh

bench-encryption: build ## Compare uploads and downloads in the clear and encrypted
	.tools/venv/bin/python Benchmarks/encryption.py $(BINARY)

bench-analytics: build ## Measure analytics over ten million calls
	.tools/venv/bin/python Benchmarks/analytics.py $(BINARY)

bench-catalogue: build ## Measure lists and searches over a million models
	.tools/venv/bin/python Benchmarks/catalogue.py $(BINARY)

bench-peers: build ## Measure what a user would pick instead beside the server, into docs/peers.md
	@BINARY=$(BINARY) Benchmarks/peers.sh

sbom: ## Write docs/sbom.md, what the program is made of
	@scripts/sbom.sh

fuzz: ## Fuzz the readers, SECONDS for each group of formats (60)
	@FUZZ_SECONDS=$(SECONDS) scripts/fuzz.sh

clean: ## Remove what was built
	rm -rf .build
