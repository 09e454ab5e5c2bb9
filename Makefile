# Development tasks; `make` alone lists them.

.DEFAULT_GOAL := help

# Modules that are never published, with tests and lint of their own. Those
# that do not exist (yet) are left out.
NESTED := $(patsubst %/go.mod,%,$(wildcard internal/pgtest/go.mod bench/go.mod))
MODULES := . $(NESTED)

PGTEST := go -C internal/pgtest run . -C ../..
# Tests kill servers, never the machine, so theirs need not wait for the disk. A
# server of the user's keeps its settings.
UNSYNCED := $(if $(ASSIGNMENT_TEST_DATABASE_URL),,-set fsync=off)
LINT := go tool -modfile=$(CURDIR)/tools/go.mod golangci-lint

.PHONY: help
help: ## List the tasks
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: test
test: ## Run all tests, with a real PostgreSQL
	$(PGTEST) $(UNSYNCED) sh -ec 'for m in $(MODULES); do go -C $$m test -race -shuffle=on -count=1 -timeout 40m ./...; done'

.PHONY: test-versions
test-versions: ## Run what depends on it on PostgreSQL 14, 16, 17, 18: make test-versions VERSIONS='14 18'
	scripts/test-versions $(VERSIONS)

.PHONY: vet-platforms
vet-platforms: ## Vet the published module for other systems and for 32 bits
	for p in windows/amd64 darwin/arm64 linux/386; do GOOS=$${p%/*} GOARCH=$${p#*/} go vet ./... || exit; done

.PHONY: faults
faults: ## Run the long fault suite and the long chaos (about 30 minutes), and print their tables
	$(PGTEST) go test ./internal/faults -run 'Test(Faults|Chaos)$$' -count=1 -faults.calls=10000 -timeout 60m -v

.PHONY: bench
bench: ## Run the race lab (about 15 minutes): make bench ARGS='-quick -html report.html'
	go -C bench build -o bench .
	@$(PGTEST) sh -c "exec bench/bench $$FLAGS"

export FLAGS := $(value ARGS)

.PHONY: postgres
postgres: ## Run a command with a real PostgreSQL: make postgres RUN='command'
	@test -n "$$COMMAND" || { echo "usage: make postgres RUN='command'" >&2; exit 2; }
	@$(PGTEST) sh -c "$$COMMAND"

# The command goes through the environment, unexpanded, so that neither make
# nor a second shell touches its quotes and dollar signs.
export COMMAND := $(value RUN)

.PHONY: lint
lint: ## Vet and lint all modules
	for m in $(MODULES); do (cd $$m && go vet ./... && $(LINT) run ./...) || exit; done

.PHONY: fmt
fmt: ## Format the code of all modules
	for m in $(MODULES); do (cd $$m && $(LINT) fmt ./...) || exit; done

.PHONY: tidy
tidy: ## Tidy all modules
	for m in $(MODULES) tools; do go -C $$m mod tidy || exit; done

.PHONY: check-deps
check-deps: ## Check that the published module stays light
	scripts/check-deps

.PHONY: check-words
check-words: ## Check that the vocabulary of the project is used
	scripts/check-words
