#!/usr/bin/env bash
# Known vulnerabilities in what parley links. It asks vuln.go.dev, so it needs that network
# and is no part of `make test`; run it before a release.
set -euo pipefail
cd "$(dirname "$0")/.."
. ci/versions.env

ci/tool.sh govulncheck golang.org/x/vuln/cmd/govulncheck "$GOVULNCHECK_VERSION"
if ! bin/govulncheck ./...; then
	echo "vuln: findings, or NOT RUN because the database was out of reach: see above" >&2
	exit 1
fi
