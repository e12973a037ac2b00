#!/usr/bin/env bash
# What the program is made of: writes docs/sbom.md from the resolved packages. Needs a build (.build/checkouts, Package.resolved).
set -euo pipefail
cd "$(dirname "$0")/.."
license() { # folder of a checkout
    local file
    file=$(find "$1" -maxdepth 1 -iname 'licen[cs]e*' | sort | head -1)
    [ -n "$file" ] || { echo "not stated"; return; }
    if grep -q "Apache License" "$file"; then echo "Apache-2.0"
    elif grep -qi "MIT License" "$file" || grep -q "Permission is hereby granted, free of charge" "$file"; then echo "MIT"
    elif grep -q "Redistribution and use" "$file"; then echo "BSD"
    else echo "see its repository"; fi
}
{
    echo "# What the program is made of"
    echo
    echo "Written by \`scripts/sbom.sh\` on $(date -u +%F). Versions are those of the last build here; \`Package.swift\` says which are allowed."
    echo
    echo "## Swift packages that the build resolves"
    echo
    echo "| package | version | revision | license |"
    echo "|---|---|---|---|"
    # Those that products of ours really use: the resolver fetches more.
    used=$(swift package show-dependencies --format json 2>/dev/null | jq -r '.. | .dependencies? // empty | .[] | .identity' | sort -u)
    jq -r '.pins[] | [.identity, .state.version // "-", .state.revision[0:12], .location] | @tsv' Package.resolved | while IFS=$'\t' read -r name version revision location; do
        grep -qx "$name" <<<"$used" || continue
        echo "| [$name](${location%.git}) | $version | \`$revision\` | $(license ".build/checkouts/$(basename "${location%.git}")") |"
    done
    echo
    echo "## Libraries of the system, linked dynamically"
    echo
    echo "| library | for | license |"
    echo "|---|---|---|"
    echo "| libargon2 | hashes of passwords | CC0-1.0 or Apache-2.0 |"
    echo "| cmark-gfm | model cards | BSD-2-Clause |"
    echo "| zlib, bzip2, liblzma, liblz4 | decompression | zlib, bzip2, 0BSD, BSD-2-Clause |"
    echo "| libseccomp | filters of system calls | LGPL-2.1 |"
    echo "| libsqlite3 | the database | public domain |"
    echo
    echo "## Installed by the set-up, never linked"
    echo
    echo "| program | version | for | license |"
    echo "|---|---|---|---|"
    echo "| uv | $(sed -n 's/^wanted="uv==\([0-9.]*\)".*/\1/p' scripts/setup.sh) | environments of models | Apache-2.0 or MIT |"
    echo "| Python | that of the system | the sandboxed worker | PSF-2.0 |"
    echo "| ONNX Runtime | the wheel that a version resolves to | the sandboxed native worker, by dlopen | MIT |"
    echo
    echo "The libraries of a model (scikit-learn, PyTorch and so on) are resolved per version, from wheels with checked hashes, and named in its validation report."
    echo
    echo "## Advisories"
    echo
    echo "\`swift package update\` takes the newest allowed versions; they are tried by \`make test\` before a release. A container needs nothing but"
    echo "the two binaries, \`python/martlet_worker\`, \`uv\`, Python and the libraries of the system above; give it user namespaces or run it as root, since"
    echo "the sandbox makes its own walls (\`martlet doctor\` says what is missing), and mount the data folder with mode 0700."
} >docs/sbom.md
