#!/usr/bin/env bash
# Runs libFuzzer over the readers, seeded with the fixtures of each group of formats; SECONDS each. Crashes end in .build-fuzz/crashes.
set -euo pipefail
cd "$(dirname "$0")/.."
export SWIFT_BACKTRACE=enable=no # libFuzzer handles crashes itself
seconds=${FUZZ_SECONDS:-60}
MARTLET_FUZZ=1 swift build -c release --build-path .build-fuzz --product Fuzz -Xswiftc -sanitize=fuzzer -q
binary=.build-fuzz/release/Fuzz
mkdir -p .build-fuzz/crashes
declare -A groups=(
    [pickle]="Tests/Fixtures/*.pkl" [joblib]="Tests/Fixtures/*.joblib" [zip]="Tests/Fixtures/formats/*.zip Tests/Fixtures/formats/*.npz"
    [torch]="Tests/Fixtures/formats/*.pt Tests/Fixtures/formats/*.pth" [tar]="Tests/Fixtures/formats/*.tar" [7z]="Tests/Fixtures/formats/*.7z" [protobuf]="Tests/Fixtures/formats/*.onnx Tests/Fixtures/formats/*.pb"
    [flatbuffer]="Tests/Fixtures/formats/*.tflite Tests/Fixtures/formats/*.cbm" [safetensors]="Tests/Fixtures/formats/*.safetensors" [npy]="Tests/Fixtures/formats/*.npy"
    [ubjson]="Tests/Fixtures/*.ubj" [hdf5]="Tests/Fixtures/formats/*.h5" [boosters]="Tests/Fixtures/*.json Tests/Fixtures/*lightgbm.txt"
)
texts=.build-fuzz/texts
mkdir -p "$texts"
{ printf '\000'; cat python/martlet_worker/models.py; } >"$texts/python"
{ printf '\001'; printf 'model:\n  depth: &d 3\n  width: *d\n  names: ["a", b]\n'; } >"$texts/yaml"
{ printf '\002'; printf 'scikit-learn==1.5.2\nnumpy>=2; python_version > "3.8"\npandas[all] ~= 2.0  # tables\n'; } >"$texts/requirements"
groups[texts]="$texts/*"
for group in "${!groups[@]}"; do
    corpus=.build-fuzz/corpus/$group
    mkdir -p "$corpus"
    # shellcheck disable=SC2086
    cp ${groups[$group]} "$corpus/"
    echo "== $group"
    "$binary" -max_total_time="$seconds" -rss_limit_mb=1024 -timeout=10 -max_len=65536 -print_final_stats=1 -artifact_prefix=".build-fuzz/crashes/$group-" "$corpus" 2>&1 |
        grep -E "ERROR|SUMMARY|stat::number_of_executed|stat::peak_rss|Test unit written" || true
done
found=$(find .build-fuzz/crashes -type f | wc -l)
echo "$found crashes"
[ "$found" -eq 0 ] || exit 1
