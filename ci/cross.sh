#!/usr/bin/env bash
# Students run parley on Windows and macOS too: it must build and vet there, tests included.
set -euo pipefail
cd "$(dirname "$0")/.."

for target in windows/amd64 darwin/arm64; do
	echo "$target"
	export GOOS=${target%/*} GOARCH=${target#*/} CGO_ENABLED=0
	go build ./...
	go vet ./...
done
