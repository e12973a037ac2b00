#!/usr/bin/env bash
# Measures Martlet and what a user would pick instead in one run: same models, same rows, wrk at 1, 16 and 64 connections.
# Writes docs/peers.md. Peers: FastAPI with uvicorn, LitServe, MLServer, BentoML, MLflow, Ray Serve, and Triton with its Python back end;
# each with one worker, no caches.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${BINARY:-.build/release/martlet}
uv=$PWD/.tools/venv/bin/uv
peers=$PWD/.tools/peers
work=$(mktemp -d)
pids=()
trap 'for pid in "${pids[@]}"; do stop "$pid"; done; rm -rf "$work"' EXIT
# Each server leads a group of processes; some start others.
stop() { kill -- -"$1" 2>/dev/null || true; wait "$1" 2>/dev/null || true; }

install() { # name, packages
    local name=$1
    shift
    [ -x "$peers/$name/bin/python" ] || "$uv" venv -q --python /usr/bin/python3 "$peers/$name"
    "$uv" pip install -q --only-binary :all: --python "$peers/$name/bin/python" scikit-learn==1.5.2 joblib pandas "$@"
}
install fastapi fastapi "uvicorn[standard]"
install litserve litserve
install mlserver mlserver mlserver-sklearn
install bentoml bentoml
install mlflow mlflow
install ray "ray[serve]"
install triton nvidia-pytriton==0.7.0
"$uv" pip install -q --only-binary :all: --python "$peers/fastapi/bin/python" onnx==1.23.2 onnxruntime==1.31.1
"$uv" pip install -q --only-binary :all: --python "$peers/litserve/bin/python" onnxruntime==1.31.1
"$peers/fastapi/bin/python" Benchmarks/peers/make_onnx.py "$work"

"$peers/fastapi/bin/python" - "$work" <<'PYTHON'
import sys
import joblib
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
joblib.dump(LogisticRegression(max_iter=500).fit(*load_iris(return_X_y=True)), f"{sys.argv[1]}/iris.joblib")
joblib.dump(RandomForestClassifier(100, random_state=0).fit(*load_breast_cancer(return_X_y=True)), f"{sys.argv[1]}/forest.joblib")
PYTHON
iris_row='[6.3,3.3,6.0,2.5]'
forest_row='[17.99,10.38,122.8,1001,0.1184,0.2776,0.3001,0.1471,0.2419,0.07871,1.095,0.9053,8.589,153.4,0.006399,0.04904,0.05373,0.01587,0.03003,0.006193,25.38,17.33,184.6,2019,0.1622,0.6656,0.7119,0.2654,0.4601,0.1189]'

cat >"$work/post.lua" <<'LUA'
wrk.method = "POST"
wrk.body = os.getenv("BODY")
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer " .. (os.getenv("KEY") or "")
done = function(summary, latency, requests)
  io.write(string.format("RESULT %.0f %.2f %.2f %d\n", summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
LUA
rows=""
measure() { # server, model, url, body, process id
    export BODY=$4
    until curl -sS --max-time 2 -o /dev/null --fail -H "Authorization: Bearer ${KEY:-}" -H 'Content-Type: application/json' -d "$BODY" "$3" 2>/dev/null; do sleep 0.3; done
    wrk -t1 -c4 -d2s -s "$work/post.lua" "$3" >/dev/null
    for connections in 1 16 64; do
        read -r rps p50 p99 errors <<<"$(wrk -t1 -c$connections -d4s -s "$work/post.lua" "$3" | sed -n 's/^RESULT //p')"
        local memory
        memory=$(ps -o rss= -g "$5" | awk '{sum += $1} END {printf "%.0f", sum / 1024}')
        rows="$rows| $2 | $1 | $connections | $rps | $p50 | $p99 | $errors | $memory |"$'\n'
    done
}

MARTLET_UPLOAD_RATE_LIMIT=0 setsid "$binary" serve --port 8931 --data-dir "$work/data" >"$work/out" 2>"$work/log" &
martlet=$!
pids+=("$martlet")
url=http://127.0.0.1:8931/api/v1
until curl -sS --fail -o /dev/null "$url/../../health/live" 2>/dev/null; do sleep 0.1; done
post() { curl -sS --fail-with-body -H 'Content-Type: application/json' "$@"; }
post -o /dev/null "$url/auth/register" -d '{"email":"b@example.com","username":"b","password":"a bench password"}'
token=$(post "$url/auth/login" -d '{"email":"b@example.com","password":"a bench password"}' | jq -r .access_token)
KEY=$(post -H "Authorization: Bearer $token" "$url/api-keys" -d '{"name":"bench"}' | jq -r .key)
export KEY
for name in iris forest; do
    for runtime in swift python; do
        id=$(curl -sS -H "Authorization: Bearer $KEY" "$url/ml-models" -F name=bench -F model_type=sklearn -F runtime=$runtime -F file=@"$work/$name.joblib" | jq -r .model_id)
        until [ "$(curl -sS -H "Authorization: Bearer $KEY" "$url/ml-models/$id/validations/latest" | jq -r .data.status)" = completed ]; do sleep 0.2; done
        row=${name}_row
        measure "Martlet, $runtime" "$name" "$url/ml-models/$id/predict" "{\"data\":${!row}}" "$martlet"
    done
done
for name in net convolution; do
    id=$(curl -sS -H "Authorization: Bearer $KEY" "$url/ml-models" -F name=bench -F model_type=onnx -F file=@"$work/$name.onnx" | jq -r .model_id)
    until [ "$(curl -sS -H "Authorization: Bearer $KEY" "$url/ml-models/$id/validations/latest" | jq -r .data.status)" = completed ]; do sleep 0.2; done
    measure "Martlet, onnx" "$name" "$url/ml-models/$id/predict" "$(cat "$work/$name.body")" "$martlet"
done
stop "$martlet"

for name in net convolution; do
    export MODEL=$work/$name.onnx
    (cd Benchmarks/peers && exec setsid "$peers/fastapi/bin/python" -m uvicorn fastapi_onnx_app:app --port 8932 --log-level error) &
    pids+=($!)
    measure FastAPI "$name" http://127.0.0.1:8932/predict "$(cat "$work/$name.body")" $!
    stop $!
    PORT=8933 setsid "$peers/litserve/bin/python" Benchmarks/peers/litserve_onnx_app.py >"$work/litserve.log" 2>&1 &
    pids+=($!)
    measure LitServe "$name" http://127.0.0.1:8933/predict "$(cat "$work/$name.body")" $!
    stop $!
done

for name in iris forest; do
    row=${name}_row
    export MODEL=$work/$name.joblib
    (cd Benchmarks/peers && exec setsid "$peers/fastapi/bin/python" -m uvicorn fastapi_app:app --port 8932 --log-level error) &
    pids+=($!)
    measure FastAPI "$name" http://127.0.0.1:8932/predict "{\"data\":${!row}}" $!
    stop $!
    PORT=8933 setsid "$peers/litserve/bin/python" Benchmarks/peers/litserve_app.py >"$work/litserve.log" 2>&1 &
    pids+=($!)
    measure LitServe "$name" http://127.0.0.1:8933/predict "{\"data\":${!row}}" $!
    stop $!
    mkdir -p "$work/mlserver-$name"
    echo '{"debug": false, "http_port": 8934, "grpc_port": 8935, "metrics_port": 8936, "parallel_workers": 0}' >"$work/mlserver-$name/settings.json"
    echo "{\"name\": \"m\", \"implementation\": \"mlserver_sklearn.SKLearnModel\", \"parameters\": {\"uri\": \"$MODEL\"}}" >"$work/mlserver-$name/model-settings.json"
    setsid "$peers/mlserver/bin/mlserver" start "$work/mlserver-$name" >"$work/mlserver.log" 2>&1 &
    pids+=($!)
    width=$(jq length <<<"${!row}")
    measure MLServer "$name" http://127.0.0.1:8934/v2/models/m/infer \
        "{\"inputs\":[{\"name\":\"predict\",\"datatype\":\"FP64\",\"shape\":[1,$width],\"data\":${!row}}],\"outputs\":[{\"name\":\"predict_proba\"}]}" $!
    stop $!
    (cd Benchmarks/peers && exec setsid "$peers/bentoml/bin/bentoml" serve bentoml_app:Sklearn --port 8941 >"$work/bentoml.log" 2>&1) &
    pids+=($!)
    measure BentoML "$name" http://127.0.0.1:8941/predict "{\"data\":${!row}}" $!
    stop $!
    "$peers/mlflow/bin/python" -c "import joblib, mlflow.sklearn, sys; mlflow.sklearn.save_model(joblib.load(sys.argv[1]), sys.argv[2], serialization_format=\"pickle\")" "$MODEL" "$work/mlflow-$name" >"$work/mlflow.log" 2>&1
    PATH=$peers/mlflow/bin:$PATH setsid "$peers/mlflow/bin/mlflow" models serve -m "$work/mlflow-$name" --env-manager local --port 8961 --workers 1 >"$work/mlflow.log" 2>&1 &
    pids+=($!)
    measure "MLflow, labels only" "$name" http://127.0.0.1:8961/invocations "{\"inputs\":[${!row}]}" $!
    stop $!
    PORT=8971 RAY_AUTH_MODE=disabled RAY_USAGE_STATS_ENABLED=0 setsid "$peers/ray/bin/python" Benchmarks/peers/ray_app.py >"$work/ray.log" 2>&1 &
    pids+=($!)
    measure "Ray Serve" "$name" http://127.0.0.1:8971/predict "{\"data\":${!row}}" $!
    stop $!
    "$peers/ray/bin/ray" stop --force >/dev/null 2>&1 || true
    PORT=8951 setsid "$peers/triton/bin/python" Benchmarks/peers/triton_app.py >"$work/triton.log" 2>&1 &
    pids+=($!)
    measure Triton "$name" http://127.0.0.1:8951/v2/models/m/infer \
        "{\"inputs\":[{\"name\":\"rows\",\"datatype\":\"FP64\",\"shape\":[1,$width],\"data\":${!row}}]}" $!
    stop $!
done

versions() { "$uv" pip list -q --python "$peers/$1/bin/python" 2>/dev/null | awk -v want="$1" '$1 == want {print $1 " " $2}'; }
{
    echo "# Beside what a user would pick instead"
    echo
    echo "Written by \`make bench-peers\` on $(date -u +%F): $(nproc) cores ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)), load average $(cut -d' ' -f1 /proc/loadavg) at the end."
    echo "One run, same models (scikit-learn 1.5.2: logistic regression on iris, forest of 100 trees on breast cancer;"
    echo "ONNX: a net of 30-100-100-2, and a convolution of 10 MB with a body of 85 kB), same rows, one process each,"
    echo "no caches; wrk shares the cores. $(versions fastapi), $(versions litserve), $(versions mlserver), $(versions bentoml), $(versions mlflow), $(versions ray), Triton of nvidia-pytriton 0.7.0 with its Python back end."
    echo "Memory is that of the server's processes; Martlet's sandboxed workers, some 110 MiB each in Python and 40 to 60 with ONNX Runtime, lead groups of their own and are not in it."
    echo
    echo "| model | server | connections | requests/s | p50 ms | p99 ms | errors | memory MiB |"
    echo "|---|---|---|---|---|---|---|---|"
    printf '%s' "$rows"
} >docs/peers.md
cat docs/peers.md
