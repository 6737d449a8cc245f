#!/usr/bin/env bash
# zoo.sh [ROUNDS]: every check on every program with a mistake, which makes docs/checker.md anew, and everything on the
# correct programs ROUNDS (1000) times.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-1000}

ZOO=full go test -count=1 -timeout 0 -run '^TestCrossTable$' ./internal/conform/zoo
make docs
go test -count=1 -timeout 0 -run '^TestCorrect' ./internal/conform/zoo -args -rounds "$rounds"
go test -count=1 -timeout 0 -run '^TestCorrect' ./internal/conform/chatclient -args -rounds "$rounds"
