#!/usr/bin/env bash
# gotest.sh FORM [FLAGS]: all tests in one form, uncached; the results stay in build/FORM.json.
set -euo pipefail
cd "$(dirname "$0")/.."
form=$1
shift

mkdir -p build
go build -o bin/testsum ./ci/testsum
go test -json -count=1 -timeout 600s "$@" ./... | tee "build/$form.json" | bin/testsum
