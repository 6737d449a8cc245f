#!/usr/bin/env bash
# node.sh: what checks the page, at the versions of its lock file, into ./bin/page. The page itself needs none of it.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then
	echo "node 20 or later is needed to check the page, and here is $(node --version 2>&1): it was NOT checked" >&2
	exit 1
fi
cmp -s internal/web/page/package-lock.json bin/page/node_modules/.of && exit 0

mkdir -p bin/page
cp internal/web/page/package.json internal/web/page/package-lock.json bin/page/
if ! (cd bin/page && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error); then
	echo "what checks the page could not be installed by npm: it did NOT run" >&2
	exit 1
fi
cp bin/page/package-lock.json bin/page/node_modules/.of
