#!/usr/bin/env bash
# soak.sh [TIME [CLIENTS]]: a class of CLIENTS (2000) chats for TIME (30m). Nothing may be lost, the server's memory may not
# grow, and no goroutine may be left when everybody has gone. What was seen every half minute goes to build/soak.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-30m} clients=${2:-2000}

mkdir -p build
dir=$(mktemp -d)
go build -o "$dir/parley" ./cmd/parley
"$dir/parley" serve --listen 127.0.0.1:0 --sum off --web off --admin 127.0.0.1:0 --log-level error \
	--addr-file "$dir/addr" >/dev/null 2>"$dir/log" &
server=$!
trap 'kill $server $load 2>/dev/null || true; cat "$dir/log"; rm -rf "$dir"' EXIT
load=
for _ in $(seq 100); do [ -s "$dir/addr" ] && break; sleep 0.1; done
chat=$(awk '$1 == "chat" { print $2 }' "$dir/addr")
metrics=http://$(awk '$1 == "admin" { print $2 }' "$dir/addr")/metrics

# sample NAME...: what the metrics of these names add up to now, each.
sample() {
	curl --fail --silent --show-error "$metrics" >"$dir/metrics"
	for name; do
		awk -v name="$name" '$1 == name || index($1, name "{") == 1 { sum += $2 } END { printf "%.0f ", sum }' "$dir/metrics"
	done
}

read -r before < <(sample go_goroutines; echo)
"$dir/parley" load --scenario class --clients "$clients" --duration "$time" --json "$chat" >build/soak.json 2>/dev/null &
load=$!
echo "seconds rss_bytes goroutines connections deliveries inbox_drops" >build/soak.txt
start=$SECONDS
while sleep 30 && kill -0 $load 2>/dev/null; do
	echo "$((SECONDS - start)) $(sample process_resident_memory_bytes go_goroutines parley_connections \
		parley_deliveries_total parley_inbox_drops_total)" >>build/soak.txt
done
judged=0
wait $load || judged=$?
for _ in $(seq 100); do
	read -r after connections < <(sample go_goroutines parley_connections; echo)
	[ "$connections" = 0 ] && [ "$after" -le "$before" ] && break
	sleep 0.1
done

cat build/soak.txt
failed=0
[ $judged = 0 ] || { echo "parley load: exit $judged, see build/soak.json"; failed=1; }
[ "$after" -le "$before" ] || { echo "goroutines: $before before, $after after"; failed=1; }
# The first quarter is the start; the mean of the second is what the last is held to.
awk 'NR > 1 { rss[n++] = $2 }
	END {
		if (n < 8) { print "too short to say anything of memory: " n " samples, 8 are needed"; exit 1 }
		q = int(n / 4)
		for (i = q; i < 2 * q; i++) early += rss[i] / q
		for (i = n - q; i < n; i++) late += rss[i] / q
		printf "memory: %.1f MB in the second quarter, %.1f MB in the last\n", early / 1e6, late / 1e6
		exit late > 1.05 * early
	}' build/soak.txt || { echo "memory grew"; failed=1; }
echo "goroutines: $before before, $after after"
exit $failed
