#!/usr/bin/env bash
# Everything that proves the project: checks, unit tests, journeys of real clients against the real binary, the demo.
# One debug build serves them all.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh
swift build --build-tests
scripts/check.sh
scripts/estimator_truth.sh
swift test --skip-build --parallel
.tools/venv/bin/python -m pytest -q -x Tests/Journey
BINARY=.build/debug/martlet CHECK=1 scripts/demo.sh
