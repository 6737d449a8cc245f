#!/usr/bin/env bash
# What `make test` promises: every step, also after one has failed, and at the end what failed and what did not run.
# SKIP="lint fuzz" leaves steps out. Each step's result also goes to build/steps.json, in the form of `go test -json`.
set -uo pipefail
cd "$(dirname "$0")/.."

rm -rf build # what lies there is of an earlier round
mkdir build

steps="debian mod format lint vet cross page fuzz bench race plain e2e"

for name in ${SKIP-}; do
	case " $steps " in
	*" $name "*) ;;
	*)
		echo "SKIP: no step is called $name; there are: $steps" >&2
		exit 2
		;;
	esac
done

step() {
	case $1 in
	fuzz) ci/fuzz.sh "${FUZZSMOKE:-4s}" ;;
	race) ci/gotest.sh race -race ;;
	plain) ci/gotest.sh plain -shuffle=on ;;
	*) "ci/$1.sh" ;;
	esac
}

# record RESULT STEP: the two forms of the tests have their results in files of their own.
record() {
	[ "$1" != skip ] && [ -s "build/$2.json" ] && return
	printf '{"Action":"%s","Package":"make test","Test":"%s"}\n' "$1" "$2" >>build/steps.json
}

failed= skipped=
for name in $steps; do
	case " ${SKIP-} " in
	*" $name "*)
		echo "== $name: SKIPPED, as told by SKIP"
		skipped="$skipped $name"
		record skip "$name"
		continue
		;;
	esac
	echo "== $name"
	if step "$name" </dev/null; then
		record pass "$name"
	else
		echo "== $name: FAILED"
		failed="$failed $name"
		record fail "$name"
	fi
done

echo
[ -z "$skipped" ] || echo "NOT RUN, as told by SKIP:$skipped"
[ -z "$failed" ] || {
	echo "FAILED:$failed"
	exit 1
}
echo "make test: all that ran has passed"
