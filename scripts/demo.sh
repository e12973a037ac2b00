#!/usr/bin/env bash
# From two trained scikit-learn models to two prediction APIs. Stays up until Ctrl-C; with CHECK=1 it compares and exits.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${BINARY:-.build/release/martlet}
port=${PORT:-8080}
[ "${CHECK:-}" != 1 ] || port=0
uv=.tools/venv/bin/uv
work=.tools/demo
data=$(mktemp -d "${TMPDIR:-/tmp}/martlet-demo.XXXXXX")
server=
finish() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
    rm -rf "$data"
}
trap finish EXIT
trap 'exit 130' INT TERM
step() { printf '\n\033[1m%s\033[0m\n' "$*" >&2; }

step "Training two real models, each in an environment of its own"
train() { # name, version of scikit-learn
    local python=$work/$1/bin/python
    [ -x "$python" ] || "$uv" venv -q --python /usr/bin/python3 "$work/$1"
    [ "$(cat "$work/$1/version" 2>/dev/null || true)" = "$2" ] ||
        { "$uv" pip install -q --only-binary :all: --python "$python" "scikit-learn==$2" pandas && echo "$2" >"$work/$1/version"; }
    "$python" examples/train.py "$1" "$work/models"
    echo "  $1: scikit-learn $2" >&2
}
mkdir -p "$work"
train iris 1.5.2
train cancer 1.7.2

step "Starting the server"
"$binary" serve --port "$port" --data-dir "$data" >"$data.out" 2>"$data.log" &
server=$!
for _ in $(seq 100); do
    url=$(sed -n 's/^Martlet listens on //p' "$data.out")
    [ -n "$url" ] && break
    kill -0 "$server" 2>/dev/null || { cat "$data.log" >&2; exit 1; }
    sleep 0.1
done
[ -n "$url" ] || { echo "The server did not start." >&2; cat "$data.log" >&2; exit 1; }
echo "  $url" >&2
json() { curl -sS --fail-with-body -H 'Content-Type: application/json' "$@"; }

step "Making an account and a key"
json -o /dev/null "$url/api/v1/auth/register" -d '{"email":"demo@example.com","username":"demo","password":"a demo password"}'
token=$(json "$url/api/v1/auth/login" -d '{"email":"demo@example.com","password":"a demo password"}' | jq -r .access_token)
key=$(json -H "Authorization: Bearer $token" "$url/api/v1/api-keys" -d '{"name":"demo"}' | jq -r .key)
auth="Authorization: Bearer $key"

bad=0
publish() { # name, file
    step "Uploading $2"
    local answer model task state
    answer=$(curl -sS --fail-with-body -H "$auth" "$url/api/v1/ml-models" -F "name=$1" -F model_type=sklearn -F category=classification -F "file=@$2")
    model=$(jq -r .model_id <<<"$answer")
    task=$(jq -r .task_id <<<"$answer")
    curl -sS -N -H "$auth" "$url/api/v1/tasks/$task/events" | sed -n 's/^data: //p' | jq -r '"  \(.progress * 100 | floor)%  \(.step)"' >&2
    state=$(curl -sS -H "$auth" "$url/api/v1/ml-models/$model/validations/latest" | jq -r .data.overall_status)
    echo "  validation: $state" >&2
    if [ "$state" = failed ]; then
        curl -sS -H "$auth" "$url/api/v1/ml-models/$model/validations/latest" | jq .data.results >&2
        bad=1
        return
    fi
    jq -c '{data: .data[0]}' "$3" | json -H "$auth" "$url/api/v1/ml-models/$model/predict" -d @- >"$data/single.json"
    jq -c '{data: .data}' "$3" | json -H "$auth" "$url/api/v1/ml-models/$model/predict/batch" -d @- >"$data/batch.json"
    /usr/bin/python3 scripts/compare.py "$3" "$data/single.json" "$data/batch.json" || bad=1
    echo "  documentation: $url/api/v1/ml-models/$model/docs/ui" >&2
}
publish "Iris species" "$work/models/iris.joblib" "$work/models/iris.json"
publish "Breast cancer" "$work/models/cancer.pkl" "$work/models/cancer.json"

if [ "${CHECK:-}" = 1 ]; then
    [ "$bad" = 0 ] && echo "demo: both models answer as scikit-learn does, to 1e-9" >&2
    exit "$bad"
fi
step "Ready. Paste this key into the documentation pages; Ctrl-C stops the server."
echo "  $key" >&2
wait "$server"
