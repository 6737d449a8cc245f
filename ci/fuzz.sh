#!/usr/bin/env bash
# fuzz.sh [TIME]: every fuzz target of the repository for TIME (30s) each.
# An input that breaks one is written to its testdata/fuzz: commit it with the repair.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-30s}

mkdir -p build
list=$(go test -list '^Fuzz' ./...) || { echo "$list"; exit 1; }
targets=$(awk '/^Fuzz/ {name[n++] = $1} $1 == "ok" {for (i = 0; i < n; i++) print $2, name[i]; n = 0}' <<<"$list")
[ -n "$targets" ] || { echo "no fuzz target found" >&2; exit 1; }

status=0
while read -r package target; do
	log=build/$target.log
	# What varies with scheduling cannot be minimised: one try is enough.
	if go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 1x "$package" >"$log" 2>&1; then
		echo "$package $target: $(grep -o 'execs: [0-9]*' "$log" | tail -n 1)"
	elif grep -q 'context deadline exceeded' "$log" && ! grep -Eq 'Failing input|panic:' "$log"; then
		# Before Go 1.27 the end of -fuzztime itself can be reported as a failure: go.dev/issue/75804.
		echo "$package $target: no finding (ended by go.dev/issue/75804)"
	else
		cat "$log"
		status=1
	fi
done <<<"$targets"
exit $status
