#!/usr/bin/env bash
# parley as people use it: the built program, the page in a real browser, a TCP client beside it. They are a module of their
# own, e2e/. Screenshots of what it looked like go to build/shots.
set -euo pipefail
cd "$(dirname "$0")/.."

ci/node.sh # axe-core
go build -o bin/testsum ./ci/testsum
mkdir -p build/shots
shots=$PWD/build/shots
cd e2e
go mod verify
go mod tidy -diff
go vet ./...
go test -json -count=1 -timeout 600s . -args -shots "$shots" | tee ../build/e2e.json | ../bin/testsum
