#!/usr/bin/env bash
# The page: its types, its lint and format, and the tests of what is not DOM. `biome check --write` repairs the format.
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p build
ci/node.sh
bin/page/node_modules/.bin/tsc -p internal/web/page
(cd internal/web/page && ../../../bin/page/node_modules/.bin/biome ci --error-on-warnings .)
node --test internal/web/page/test/*.test.js >build/page.tap || { cat build/page.tap; exit 1; }
grep -E '^# (tests|pass|fail) ' build/page.tap
