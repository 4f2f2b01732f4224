# opbook. `make help` lists what there is; the work is in scripts/.

SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help run build test bench fmt clean dev

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 14

run: build ## set up what is missing, build, and serve with demonstration data on http://127.0.0.1:3000
	@source scripts/env.sh && exec "$$CARGO_TARGET_DIR/release/opbook" serve --demo

build: ## the release binary with its web files inside
	@source scripts/env.sh && scripts/setup web && scripts/build-web && cargo build --release --features "$$RELEASE_FEATURES" \
	  && scripts/split-debug "$$CARGO_TARGET_DIR/release/opbook"

test: ## every check and test; sets up what is missing
	@scripts/test

bench: ## measure: bundle size, saving over HTTP, matching codes and key to paint in the browser
	@scripts/bench

dev: ## a quick debug server for working on opbook (captcha off)
	@scripts/dev-serve

fmt: ## format the Rust sources
	@cargo fmt

clean: ## remove what was built (not the downloaded tools, not data/)
	@source scripts/env.sh && cargo clean --quiet && rm -rf end2end/node_modules end2end/test-results end2end/playwright-report
