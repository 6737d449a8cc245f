#!/usr/bin/env bash
# faults.sh [ROUNDS]: everything that can happen to the nodes of a cluster and to NATS, ROUNDS (10) times, with the race
# detector. make test has the shorter ones, once in each form. Cutting links needs root; without it that is not run, and said.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-10}

mkdir -p build
go build -o bin/testsum ./ci/testsum
FAULTS=all go test -json -race -count="$rounds" -timeout 0 ./internal/cluster/faults | tee build/faults.json | bin/testsum
