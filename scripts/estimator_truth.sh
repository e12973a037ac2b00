#!/usr/bin/env bash
# Lets scikit-learn, XGBoost and LightGBM answer for the models that are evaluated in Swift: five versions, one environment each, in
# .tools/truth. What is there already and was made by the same script is kept.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=$PWD/.tools/venv/bin/uv
script=scripts/make_estimator_truth.py

make_truth() {
    local version=$1
    shift
    local environment=.tools/truth/environments/$version cases=.tools/truth/cases/$version
    local state="$(sha256sum "$script" scripts/estimator_truth.sh | sha256sum | cut -c1-16)"
    [ "$(cat "$cases/.state" 2>/dev/null || true)" = "$state" ] && return
    [ -x "$environment/bin/python" ] || "$uv" venv -q --python /usr/bin/python3 "$environment"
    "$uv" pip install -q --only-binary :all: --python "$environment/bin/python" "scikit-learn==$version" pandas "$@"
    rm -rf "$cases"
    "$environment/bin/python" "$script" "$cases"
    echo "$state" >"$cases/.state"
}

make_truth 1.2.2 "numpy<2" "pandas<2.2" lightgbm==3.3.5
make_truth 1.3.2 "numpy<2" lightgbm==4.1.0
make_truth 1.5.2 lightgbm==4.5.0 xgboost-cpu==2.1.4 skops
make_truth 1.7.2 lightgbm==4.6.0 xgboost-cpu==3.0.5
make_truth 1.9.1 lightgbm==4.7.0 xgboost-cpu==3.2.0 skops
