#!/usr/bin/env bash
# tool.sh NAME PACKAGE VERSION: builds a Go tool into ./bin, unless that version is there.
set -euo pipefail
cd "$(dirname "$0")/.."
name=$1 package=$2 version=$3

built=$(go version -m "bin/$name" 2>/dev/null | awk '$1 == "mod" {print $3}' || true)
[ "$built" = "$version" ] && exit 0

echo "building $name $version into ./bin (once; this may take a minute or two)"
if ! GOBIN="$PWD/bin" go install "$package@$version"; then
	echo "$name $version could not be built: what it checks did NOT run" >&2
	exit 1
fi
