#!/usr/bin/env bash
# bench.sh [TIME]: every benchmark, for TIME (100ms) each, held to the allocations in bench/allocs.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-100ms}

mkdir -p build
go test -run '^$' -bench . -benchmem -benchtime "$time" ./... >build/bench.txt || { cat build/bench.txt; exit 1; }
grep '^Benchmark' build/bench.txt || { echo "no benchmark ran" >&2; exit 1; }

awk '
	FNR == NR { if ($1 !~ /^#/ && NF == 3) most[$1 " " $2] = $3; next }
	$1 == "pkg:" { package = $2 }
	/^Benchmark.* allocs\/op$/ {
		name = $1
		sub(/^Benchmark/, "", name)
		sub(/-[0-9]+$/, "", name)
		key = package " " name
		seen[key] = 1
		if (!(key in most)) { print key ": " $(NF-1) " allocations, and bench/allocs.txt has no line for it"; bad = 1 }
		else if ($(NF-1) > most[key]) { print key ": " $(NF-1) " allocations, at most " most[key] " are recorded"; bad = 1 }
	}
	END {
		for (key in most) if (!(key in seen)) { print key ": in bench/allocs.txt, but it did not run"; bad = 1 }
		exit bad
	}
' bench/allocs.txt build/bench.txt
