#!/usr/bin/env bash
# Programs that the tests talk to or are built with. Installed where that is allowed, named where it is not.
set -uo pipefail
cd "$(dirname "$0")/.."

updated=
status=0

# need PROGRAM PACKAGES: makes sure of a program, by Debian's packages if it is missing.
need() {
	local program=$1
	shift
	command -v "$program" >/dev/null && return
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		[ -n "$updated" ] || apt-get -qq update && updated=yes
		DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$@" >/dev/null
	fi
	command -v "$program" >/dev/null && return
	echo "$program is missing and cannot be installed from here (Debian: apt-get install $*)" >&2
	status=1
}

need nc netcat-openbsd      # a real conversation, as a student would hold it
need gcc gcc libc6-dev      # the race detector is linked with it
need xmllint libxml2-utils  # JUnit reports are held to their schema
need strace strace          # the answers of a store are held to its syncs
need node nodejs            # what checks the page
need npm npm                # installs that
need chromium chromium      # the page is looked at in it
need ip iproute2            # cuts a server off from the others of its cluster

exit $status
