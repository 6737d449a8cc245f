#!/usr/bin/env bash
# Lint, the import rules of docs/architecture.md included (.golangci.yml).
set -euo pipefail
cd "$(dirname "$0")/.."
. ci/versions.env

ci/tool.sh golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint "$GOLANGCI_LINT_VERSION"
bin/golangci-lint config verify
bin/golangci-lint run ./...
