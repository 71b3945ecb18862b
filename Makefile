# Breakwater 定波: every command a developer or a district's IT person needs.
# `make` alone prints them. Nothing here asks for root; `make deps` uses it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# No cgo: one static file that runs on any Linux, amd64 or arm64 (Kunpeng).
export CGO_ENABLED := 0

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GOBUILD := go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)"
LIMIT   := 62914560# bytes: the 60 MB promise for one stripped binary
ADDR    ?= 127.0.0.1:8080

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

.PHONY: run
run: ## build everything, then start the demo district on ADDR (127.0.0.1:8080)
	@echo 'Building the program: some minutes the first time, seconds after that.'
	@$(MAKE) build
	@echo 'Starting the demonstration on $(ADDR): the first start makes its district, which takes some seconds.'
	@exec bin/breakwater demo --addr $(ADDR)

.PHONY: build
build: web ## leave bin/breakwater, with the browser's part inside
	@$(GOBUILD) -o bin/breakwater ./cmd/breakwater
	@$(call fits,bin/breakwater)

# The browser's part: bundled from islands/ into internal/web/static, which the
# binary embeds; its manifest is the sign that it is done.
.PHONY: web
ifneq ($(wildcard package.json),)
web: internal/web/static/manifest.json
node_modules/.locked: package.json package-lock.json
	@npm ci --no-audit --no-fund --loglevel=error && touch $@
internal/web/static/manifest.json: node_modules/.locked $(shell find islands -type f -not -path '*/node_modules/*' 2>/dev/null)
	@npm run --silent build && touch $@
else
web:
endif

e2e/node_modules/.locked: e2e/package.json e2e/package-lock.json
	@npm --prefix e2e ci --no-audit --no-fund --loglevel=error && touch $@

.PHONY: test
test: ## Go on both engines, islands, then a real browser; ends with the runners' totals
	@.ci/test

.PHONY: e2e
e2e: build e2e/node_modules/.locked ## only the browser's stories (FILES=e2e/x.test.mjs for some)
	@node --test --test-concurrency=1 --test-reporter=spec $(or $(FILES),e2e/*.test.mjs)

.PHONY: bench
bench: ## the speed rows, each beside its baseline, as a table (BENCH_SHORT=1 under 6 minutes; ONLY=part)
	@BENCH_SHORT='$(BENCH_SHORT)' ONLY='$(ONLY)' .ci/bench

.PHONY: shots
shots: build e2e/node_modules/.locked ## a picture of every page in shots/; fails on sideways scroll, a missing text or an axe violation (ONLY=name for some)
	@node e2e/shots.mjs $(ONLY)

# Tools are pinned in tools/go.mod, apart from what the program itself needs.
bin/tools/%: tools/go.mod tools/go.sum
	@mkdir -p bin/tools && go -C tools build -o ../bin/tools/ $$(sed -n 's,^\s*\(tool \)\?\(\S*/$*\)$$,\2,p' tools/go.mod) && touch $@

# Folder by folder: the output names its source relative to the folder given.
.PHONY: generate
generate: bin/tools/templ ## templates to Go (its output is committed)
	@for d in $$(find internal -name '*.templ' -printf '%h\n' | sort -u); do bin/tools/templ generate -log-level error -path $$d; done

.PHONY: drift
drift: generate ## fail when generated files are not what their sources make
	@out=$$(git status --porcelain -- '*_templ.go'); \
	if [ -n "$$out" ]; then echo "$$out"; echo 'generated files differ from their sources: make generate, and commit'; exit 1; fi

.PHONY: lint
lint: bin/tools/golangci-lint ## go vet, the named linters of .golangci.yml, the islands' types
	@go vet ./...
	@bin/tools/golangci-lint fmt --diff
	@bin/tools/golangci-lint run --allow-parallel-runners
ifneq ($(wildcard package.json),)
	@$(MAKE) node_modules/.locked && npm run --silent --if-present check
endif

.PHONY: fmt
fmt: bin/tools/golangci-lint ## gofumpt over everything
	@bin/tools/golangci-lint fmt

.PHONY: arm64
arm64: web ## the binary for linux/arm64, and its size against the promise
	@GOOS=linux GOARCH=arm64 $(GOBUILD) -o bin/breakwater-linux-arm64 ./cmd/breakwater
	@$(call fits,bin/breakwater-linux-arm64)

.PHONY: deps
deps: ## as root on Debian: PostgreSQL, Chromium and the small tools that tests use
	@.ci/deps

.PHONY: clean
clean: ## forget everything built; data in var/ stays
	@rm -rf bin shots e2e/node_modules/.locked node_modules/.locked
	@find internal/web/static -mindepth 1 -not -name .keep -delete 2>/dev/null || true

define fits
size=$$(stat -c %s $(1)); if [ $$size -gt $(LIMIT) ]; then echo "$(1): $$size bytes, more than the promised $(LIMIT)"; exit 1; fi
endef
