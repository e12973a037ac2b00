#!/usr/bin/env bash
# Judges generated corpora with martlet and with the open scanners, measures speed, and writes docs/scanner-comparison.md.
# Needs uv (UV), Python 3.11, a release build; 3 GB of disk for the large files. Takes minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-.tools/venv/bin/uv}
martlet=${MARTLET_BINARY:-.build/release/martlet}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=${PYTHON:-/usr/bin/python3}
versions="1.3.2 1.5.2 1.7.2"
for version in $versions; do
    "$uv" venv -q --python "$python" "$work/$version"
    # shellcheck disable=SC2046
    "$uv" pip install -q --only-binary :all: --python "$work/$version/bin/python" "scikit-learn==$version" pandas lz4 $([ "$version" = 1.3.2 ] && echo "numpy<2")
    "$work/$version/bin/python" scripts/make_scan_corpus.py "$work/benign-$version" >&2
done
"$uv" venv -q --python "$python" "$work/scanners"
"$uv" pip install -q --python "$work/scanners/bin/python" picklescan modelscan fickling typing_extensions numpy joblib lz4
"$work/scanners/bin/python" scripts/make_hostile_corpus.py "$work/hostile" >&2
table=$("$work/scanners/bin/python" scripts/compare_scanners.py "$martlet" "$work/hostile" "$work"/benign-* 2>/dev/null)

"$work/scanners/bin/python" - "$work" <<'PYTHON'
import sys
from pathlib import Path

import joblib
import numpy

folder = Path(sys.argv[1])
arrays = {f"tree{number}": numpy.random.default_rng(number).random(12_500_000) for number in range(10)}
joblib.dump(arrays, folder / "large.joblib")
joblib.dump({name: (array * 10).round(2) for name, array in list(arrays.items())[:3]}, folder / "large-zlib.joblib", compress=("zlib", 3))
# 10,000,000 opcodes: memoised pairs of numbers in lists of 500, and small integers
pair = b"K\x01\x94G@\x00\x00\x00\x00\x00\x00\x00\x94\x86\x94"
(folder / "opcodes.pkl").write_bytes(b"\x80\x04]" + (b"(" + pair * 500 + b"e") * 3000 + b"(" + b"K\x07" * 990_000 + b"e.")
PYTHON

measure() { # the best of three: seconds and MiB
    for _ in 1 2 3; do /usr/bin/time -f "%e %M" "$@" 2>&1 >/dev/null | tail -1; done | sort -n | head -1
}
bare=$("$work/scanners/bin/python" - "$work/large-zlib.joblib" <<'PYTHON'
import sys, time, zlib

def run():
    start, decompressor = time.perf_counter(), zlib.decompressobj()
    with open(sys.argv[1], "rb") as file:
        while block := file.read(1 << 16):
            decompressor.decompress(block)
    return time.perf_counter() - start

print(f"{min(run() for _ in range(3)):.2f}")
PYTHON
)
read -r large largeMemory <<<"$(measure "$martlet" scan "$work/large.joblib")"
read -r packed packedMemory <<<"$(measure "$martlet" scan "$work/large-zlib.joblib")"
read -r opcodes opcodesMemory <<<"$(measure "$martlet" scan "$work/opcodes.pkl")"
read -r theirs _ <<<"$(measure "$work/scanners/bin/picklescan" -p "$work/opcodes.pkl")"
mib() { echo $(($1 / 1024)); }
{
    echo "# The scan beside open scanners"
    echo
    echo "Written by \`make scan-comparison\` on $(date -u +%Y-%m-%d), $(nproc) cores ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)), Python $("$python" -c 'import platform; print(platform.python_version())')."
    echo
    echo "## Judgement"
    echo
    echo "The hostile files are written by \`scripts/make_hostile_corpus.py\`: calls of functions that run, read, write or load, in eight"
    echo "habits of opcodes and thirteen containers. The benign ones are estimators and pipelines fitted on real data by scikit-learn"
    echo "${versions// /, }, in every protocol and compression (\`scripts/make_scan_corpus.py\`). Each scanner is asked through its own interface"
    echo "with its standard settings; *not read* means that it answered with an error or said that it did not scan the file."
    echo
    echo "$table"
    echo
    echo "## Speed"
    echo
    echo "| what | seconds | memory, MiB |"
    echo "|---|---|---|"
    echo "| joblib of ten arrays, 1 GB, uncompressed | $large | $(mib "$largeMemory") |"
    echo "| joblib of three arrays, zlib, 300 MB inside | $packed (bare decompressor: $bare) | $(mib "$packedMemory") |"
    echo "| pickle of 10,000,000 opcodes | $opcodes (picklescan: $theirs) | $(mib "$opcodesMemory") |"
} >docs/scanner-comparison.md
cat docs/scanner-comparison.md
