include ci/versions.env
export GOLANGCI_LINT_VERSION GOVULNCHECK_VERSION

FUZZTIME ?= 30s

.DEFAULT_GOAL := help
.PHONY: help run build check test lint fuzz bench growth scaling docs soak faults vuln

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## start a server here; ARGS="--spam-rate 0" goes to it
	go run ./cmd/parley serve $(ARGS)

build: ## build bin/parley, static
	CGO_ENABLED=0 go build -trimpath -o bin/parley ./cmd/parley

check: ## the quick round, with Go alone: vet and tests
	go vet ./...
	go test -timeout 120s ./...

test: ## everything; SKIP="lint fuzz" leaves steps out, and says so
	@ci/all.sh

lint: ## formatting and lint, import rules included
	@ci/format.sh
	@ci/lint.sh

fuzz: ## every fuzz target for FUZZTIME (30s) each
	@ci/fuzz.sh $(FUZZTIME)

bench: ## benchmarks, held to their recorded allocations; build/bench.txt is for benchstat
	@ci/bench.sh 1s

docs: ## write the generated pages and tables anew: the handout, docs/checker.md
	@go run ./ci/gendocs

soak: ## an hour and more: a class of 2,000 for 30 minutes, and the zoo with 1,000 rounds of the correct programs
	@ci/soak.sh 30m 2000
	@ci/zoo.sh 1000

faults: ## every fault of a cluster, the long ones too, ten times over with the race detector; half an hour
	@ci/faults.sh 10

growth: ## how the cost grows, beside the C loop, into docs/performance; 20 minutes; ARGS="-only users -runs 1"
	go run ./bench/growth $(ARGS)

scaling: ## what more nodes and users would cost, into docs/scaling.md, from what was measured; ARGS="-measure" measures anew, a quarter of an hour
	go run ./bench/scaling $(ARGS)

vuln: ## known vulnerabilities; needs the network's database, so it is no part of test
	@ci/vuln.sh
