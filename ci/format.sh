#!/usr/bin/env bash
# Is every file as gofumpt and gci would write it? `bin/golangci-lint fmt` makes it so.
set -euo pipefail
cd "$(dirname "$0")/.."
. ci/versions.env

ci/tool.sh golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint "$GOLANGCI_LINT_VERSION"
if ! bin/golangci-lint fmt --diff; then
	echo "not formatted; bin/golangci-lint fmt does it" >&2
	exit 1
fi
