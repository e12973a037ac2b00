#!/usr/bin/env bash
# What a compiler does not see: format, who may import what, generated documents.
set -euo pipefail
cd "$(dirname "$0")/.."
fail=0
say() { echo "check: $*" >&2; fail=1; }

swift format lint --strict --recursive --parallel Sources Tests Package.swift || say "swift format lint found something. hint: swift format --in-place --recursive Sources Tests Package.swift"

ours='Access|Cards|Database|Domain|Estimators|Files|Formats|JSON|Pipeline|Provenance|Redis|Serving|Store|Web|Webhooks|Wire|Workers'
imports() { grep -rnE "^(package |internal |public |@testable )*import ($1)\b" "${@:2}" --include='*.swift' || true; }
forbid() {
    local found
    found=$(imports "$1" "${@:3}")
    [ -z "$found" ] || { say "$2"; echo "$found" >&2; }
}
forbid "$ours" "Domain imports nothing of ours" Sources/Domain
forbid "$ours|NIOCore|Foundation" "JSON stands alone" Sources/JSON
forbid "Access|Database|Domain|Estimators|Formats|Pipeline|Serving|Store|Web|Wire|Workers|NIOCore|Foundation" "the worker for ONNX stands alone" Sources/OnnxWorker
forbid "Access|Database|Pipeline|Serving|Store|Web|Wire|Workers|NIOCore|NIOPosix|Foundation" "Estimators compute and do nothing else" Sources/Estimators
forbid "Database|Redis|Hummingbird" "Pipeline and Serving know neither SQL nor HTTP" Sources/Pipeline Sources/Serving
for room in Sources/*/; do
    name=$(basename "$room")
    [ "$name" = Database ] || forbid "GRDB" "only Database imports GRDB" "$room"
    [ "$name" = Workers ] || forbid "CSandbox|Subprocess" "only Workers starts processes" "$room"
    [ "$name" = Access ] || forbid "CArgon2|JWTKit" "only Access knows passwords and tokens" "$room"
    [ "$name" = OnnxWorker ] || forbid "COnnxRuntime" "only OnnxWorker runs ONNX Runtime" "$room"
    [ "$name" = Formats ] || forbid "CCompression" "only Formats decompresses" "$room"
    [ "$name" = Cards ] || forbid "CMarkdown|Yams" "only Cards reads Markdown and YAML" "$room"
    [ "$name" = Webhooks ] || forbid "AsyncHTTPClient" "only Webhooks calls out" "$room"
    [ "$name" = Web ] || [ "$name" = Martlet ] || forbid "Hummingbird" "only Web and Martlet know HTTP" "$room"
done

# The predict path reads and writes JSON with our own scanner.
forbid "Foundation" "no Foundation on the predict path" Sources/Wire/Predict Sources/Serving Sources/Workers/Framing

for binary in .build/debug/martlet .build/release/martlet; do
    if [ -x "$binary" ]; then
        "$binary" configuration | diff -u docs/configuration.md - || say "docs/configuration.md is not what '$binary configuration' prints"
        "$binary" scan --rules | diff -u docs/scan-rules.md - || say "docs/scan-rules.md is not what '$binary scan --rules' prints"
        break
    fi
done

[ "$(wc -l <README.md)" -le 150 ] || say "README.md has more than 150 lines"
while IFS= read -r link; do
    [ -e "$link" ] || say "README.md links to '$link', which is not there"
done < <(grep -oE '\]\([^)#:]+\)' README.md | sed -E 's/^\]\(//; s/\)$//')

exit $fail
