#!/usr/bin/env bash
# Measures the real server with real clients on this machine and writes docs/performance.md. Needs wrk; takes two minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${BINARY:-.build/release/martlet}
out=docs/performance.md
work=$(mktemp -d)
trap 'kill $(cat "$work/pid" 2>/dev/null) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

start() {
    "$binary" serve --port 0 --data-dir "$work/data" >"$work/out" 2>>"$work/log" &
    echo $! >"$work/pid"
    until url=$(sed -n 's/^Martlet listens on //p' "$work/out") && [ -n "$url" ]; do sleep 0.005; done
}
now() { date +%s%N; }
json() { curl -sS --fail-with-body -H 'Content-Type: application/json' "$@"; }
rss() { awk '/^Vm(RSS|HWM)/ {print $1 $2/1024}' "/proc/$(cat "$work/pid")/status" | sed -n "s/^$1://p" | awk '{printf "%.0f", $1}'; }

began=$(now)
MARTLET_MAX_UPLOAD=4294967296 start
listening_ms=$((($(now) - began) / 1000000))
idle=$(rss VmRSS)
json -o /dev/null "$url/api/v1/auth/register" -d '{"email":"b@example.com","username":"b","password":"a bench password"}'
token=$(json "$url/api/v1/auth/login" -d '{"email":"b@example.com","password":"a bench password"}' | jq -r .access_token)
key=$(json -H "Authorization: Bearer $token" "$url/api/v1/api-keys" -d '{"name":"bench"}' | jq -r .key)
model=$(curl -sS -H "Authorization: Bearer $key" "$url/api/v1/ml-models" -F name=iris -F model_type=sklearn -F file=@Tests/Fixtures/iris.joblib | jq -r .model_id)
until [ "$(curl -sS -H "Authorization: Bearer $key" "$url/api/v1/ml-models/$model/validations/latest" | jq -r .data.status)" = completed ]; do sleep 0.2; done
predict="$url/api/v1/ml-models/$model/predict"

cat >"$work/predict.lua" <<LUA
wrk.method = "POST"
wrk.body = '{"data":{"feature1":6.3,"feature2":3.3,"feature3":6.0,"feature4":2.5}}'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer $key"
done = function(summary, latency, requests)
  io.write(string.format("RESULT %.0f %.2f %.2f %d\n", summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
LUA
measure() { # connections, url, seconds
    wrk -t1 -c"$1" -d"$3" -s "$work/predict.lua" "$2" | sed -n 's/^RESULT //p'
}
measure 4 "$predict" 2s >/dev/null
rows=""
for connections in 1 16 64; do
    read -r rps p50 p99 errors <<<"$(measure "$connections" "$predict" 8s)"
    rows="$rows| $connections | $rps | $p50 | $p99 | $errors |"$'\n'
done
cat >"$work/live.lua" <<'LUA'
done = function(summary, latency, requests)
  io.write(string.format("RESULT %.0f %.2f %.2f %d\n", summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.errors.status))
end
LUA
read -r live_rps live_p50 live_p99 _ <<<"$(wrk -t1 -c64 -d5s -s "$work/live.lua" "$url/health/live" | sed -n 's/^RESULT //p')"
after=$(rss VmRSS)

# A model file that nobody can load, so that only receiving and storing are measured; the validation then refuses it.
before_upload=$(rss VmRSS)
upload=$(/usr/bin/python3 Benchmarks/upload.py "$url" "$key" 2048)
peak=$(rss VmHWM)

# The worker of an active version is gone after a restart: the first prediction starts it again (cold), and once more with a spare.
kill "$(cat "$work/pid")" && wait "$(cat "$work/pid")" 2>/dev/null || true
start
predict="$url/api/v1/ml-models/$model/predict"
one() { curl -sS -o /dev/null -w '%{time_total}' -H "Authorization: Bearer $key" -H 'Content-Type: application/json' "$predict" -d '{"data":[6.3,3.3,6.0,2.5]}'; }
cold=$(one)
sleep 6 # the spare does its imports
pkill -9 -P "$(cat "$work/pid")" -o || true
sleep 0.5
warm=$(one)
hot=$(one)

{
    echo "# Performance"
    echo
    echo "Written by \`make bench\` on $(date -u +%F): $(nproc) cores ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)), $(awk '/MemTotal/ {printf "%.0f", $2/1048576}' /proc/meminfo) GiB,"
    echo "load average $(cut -d' ' -f1 /proc/loadavg) at the end. The client (wrk) shares the cores with the server: read the numbers as a lower bound."
    echo
    echo "## Predictions, scikit-learn LogisticRegression of 4 features in the sandboxed Python worker"
    echo
    echo "| connections | requests/s | p50 ms | p99 ms | errors |"
    echo "|---|---|---|---|---|"
    printf '%s' "$rows"
    echo
    echo "\`GET /health/live\` at 64 connections, for comparison: $live_rps requests/s, p50 $live_p50 ms, p99 $live_p99 ms."
    echo "One worker computes one request at a time: the library's own time for a row bounds the requests per second of a model."
    echo
    echo "## Start, memory, upload"
    echo
    echo "| what | measured |"
    echo "|---|---|"
    echo "| from start to listening (new data folder) | $listening_ms ms |"
    echo "| resident memory, idle | $idle MiB |"
    echo "| resident memory after the predictions | $after MiB |"
    echo "| first prediction after a start (cold: process, imports, model) | $(awk "BEGIN {printf \"%.0f\", $cold * 1000}") ms |"
    echo "| first prediction after the worker was killed, with a warm spare | $(awk "BEGIN {printf \"%.0f\", $warm * 1000}") ms |"
    echo "| the prediction after that | $(awk "BEGIN {printf \"%.1f\", $hot * 1000}") ms |"
    echo "| upload of 2 GiB (hashed, synced, renamed) | $upload MB/s |"
    echo "| memory beyond before, at the peak of that upload | $((peak - before_upload)) MiB |"
} >"$out"
cat "$out"
