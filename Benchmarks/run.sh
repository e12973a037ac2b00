#!/usr/bin/env bash
# Measures the real server with real clients on this machine and writes docs/performance.md. Needs wrk and scripts/estimator_truth.sh; takes four minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${BINARY:-.build/release/martlet}
out=docs/performance.md
work=$(mktemp -d)
trap 'kill $(cat "$work/pid" 2>/dev/null) ${hello:-} 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

start() {
    MARTLET_UPLOAD_RATE_LIMIT=0 "$binary" serve --port 0 --data-dir "$work/data" >"$work/out" 2>>"$work/log" &
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
publish() { # file, runtime
    local id
    id=$(curl -sS -H "Authorization: Bearer $key" "$url/api/v1/ml-models" -F name=bench -F model_type=sklearn -F runtime="$2" -F file=@"$1" | jq -r .model_id)
    until [ "$(curl -sS -H "Authorization: Bearer $key" "$url/api/v1/ml-models/$id/validations/latest" | jq -r .data.status)" = completed ]; do sleep 0.2; done
    echo "$id"
}
iris=$(publish Tests/Fixtures/iris.joblib swift)
forest=$(publish Tests/Fixtures/breast-cancer.pkl swift)
worker_iris=$(publish Tests/Fixtures/iris.joblib python)
worker_forest=$(publish Tests/Fixtures/breast-cancer.pkl python)

cat >"$work/predict.lua" <<LUA
wrk.method = "POST"
wrk.body = os.getenv("BODY")
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
iris_row='{"data":{"feature1":6.3,"feature2":3.3,"feature3":6.0,"feature4":2.5}}'
forest_row='{"data":[17.99,10.38,122.8,1001,0.1184,0.2776,0.3001,0.1471,0.2419,0.07871,1.095,0.9053,8.589,153.4,0.006399,0.04904,0.05373,0.01587,0.03003,0.006193,25.38,17.33,184.6,2019,0.1622,0.6656,0.7119,0.2654,0.4601,0.1189]}'
rows=""
for case in "logistic regression, 4 columns|swift|$iris|$iris_row" "logistic regression, 4 columns|python|$worker_iris|$iris_row" \
    "scaler and forest, 30 columns|swift|$forest|$forest_row" "scaler and forest, 30 columns|python|$worker_forest|$forest_row"; do
    IFS='|' read -r name runtime model body <<<"$case"
    export BODY="$body"
    predict="$url/api/v1/ml-models/$model/predict"
    measure 4 "$predict" 2s >/dev/null
    for connections in 1 16 64; do
        read -r rps p50 p99 errors <<<"$(measure "$connections" "$predict" 6s)"
        rows="$rows| $name | $runtime | $connections | $rps | $p50 | $p99 | $errors |"$'\n'
    done
done
cat >"$work/live.lua" <<'LUA'
done = function(summary, latency, requests)
  io.write(string.format("RESULT %.0f %.2f %.2f %d\n", summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.errors.status))
end
LUA
# Hummingbird's own hello and a prediction in turns, five times, so that both meet the same machine.
"${HELLO:-.build/release/Hello}" 18099 >/dev/null 2>&1 &
hello=$!
until curl -sf -o /dev/null http://127.0.0.1:18099/hello; do kill -0 "$hello" && sleep 0.1; done
export BODY="$iris_row"
turns=""
for _ in 1 2 3 4 5; do
    read -r hello_rps _ <<<"$(wrk -t1 -c64 -d4s -s "$work/live.lua" http://127.0.0.1:18099/hello | sed -n 's/^RESULT //p')"
    read -r own_rps _ <<<"$(measure 64 "$url/api/v1/ml-models/$iris/predict" 4s)"
    turns="$turns$hello_rps $own_rps"$'\n'
done
kill "$hello"
hello_table=$(printf '%s' "$turns" | awk '{printf "| %d | %d | %.2f |\n", $1, $2, $2 / $1}')
after=$(rss VmRSS)

# A model file that nobody can load, so that only receiving and storing are measured; the validation then refuses it.
before_upload=$(rss VmRSS)
upload=$(/usr/bin/python3 Benchmarks/upload.py "$url" "$key" 2048)
peak=$(rss VmHWM)

# The worker of an active version is gone after a restart: the first prediction starts it again (cold), and once more with a spare.
kill "$(cat "$work/pid")" && wait "$(cat "$work/pid")" 2>/dev/null || true
start
predict="$url/api/v1/ml-models/$iris/predict"
one() { curl -sS -o /dev/null -w '%{time_total}' -H "Authorization: Bearer $key" -H 'Content-Type: application/json' "$predict" -d '{"data":[6.3,3.3,6.0,2.5]}'; }
swift_cold=$(one)
predict="$url/api/v1/ml-models/$worker_iris/predict"
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
    echo "## Predictions of one row over HTTP"
    echo
    echo "| model | runtime | connections | requests/s | p50 ms | p99 ms | errors |"
    echo "|---|---|---|---|---|---|---|"
    printf '%s' "$rows"
    echo
    echo "One worker computes one call at a time; requests that wait are joined into one call."
    echo
    echo "Hummingbird's own \`hello\` (a route that answers five bytes, nothing else) and the first of these models in turns, 64 connections, 4 s each:"
    echo
    echo "| hello, requests/s | prediction, requests/s | ratio |"
    echo "|---|---|---|"
    echo "$hello_table"
    echo
    echo "## Evaluators beside their libraries"
    echo
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 .tools/truth/environments/1.7.2/bin/python Benchmarks/estimators.py "$binary"
    echo
    echo "## Start, memory, upload"
    echo
    echo "| what | measured |"
    echo "|---|---|"
    echo "| from start to listening (new data folder) | $listening_ms ms |"
    echo "| resident memory, idle | $idle MiB |"
    echo "| resident memory after the predictions | $after MiB |"
    echo "| first prediction after a start, evaluated in Swift (reads and checks the file) | $(awk "BEGIN {printf \"%.0f\", $swift_cold * 1000}") ms |"
    echo "| first prediction after a start, in a Python worker (process, imports, model) | $(awk "BEGIN {printf \"%.0f\", $cold * 1000}") ms |"
    echo "| first prediction after the worker was killed, with a warm spare | $(awk "BEGIN {printf \"%.0f\", $warm * 1000}") ms |"
    echo "| the prediction after that | $(awk "BEGIN {printf \"%.1f\", $hot * 1000}") ms |"
    echo "| upload of 2 GiB (hashed, synced, renamed) | $upload MB/s |"
    echo "| memory beyond before, at the peak of that upload | $((peak - before_upload)) MiB |"
} >"$out"
cat "$out"
