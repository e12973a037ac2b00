#!/usr/bin/env bash
# Installs what building and running Martlet needs and is missing: Debian packages, and uv with the test clients in .tools.
# Idempotent; works as root and with sudo. MARTLET_SETUP=run leaves the test clients out.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
    bubblewrap ca-certificates clang curl git jq libargon2-dev libbz2-dev libcmark-gfm-dev libcmark-gfm-extensions-dev liblz4-dev liblzma-dev libseccomp-dev libsqlite3-dev make
    pkg-config python3 python3-venv util-linux wrk zlib1g-dev
)
# clamd judges files in the tests, Redis counts their requests, promtool reads their metrics; a server needs none of them.
[ "${MARTLET_SETUP:-all}" = run ] || packages+=(clamav-daemon prometheus redis-server)
missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
# clang may come with the Swift toolchain; curl and git may be there without Debian's package.
kept=()
for package in "${missing[@]:-}"; do
    case "$package" in
        "" ) ;;
        clang | curl | git | make) command -v "$package" >/dev/null || kept+=("$package") ;;
        *) kept+=("$package") ;;
    esac
done
if [ "${#kept[@]}" -gt 0 ]; then
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
    echo "Installing ${kept[*]}"
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${kept[@]}"
fi

command -v swift >/dev/null || { echo "The Swift toolchain (6.3 or newer) is missing. hint: https://www.swift.org/install/linux/" >&2; exit 1; }

python=.tools/venv/bin/python
wanted="uv==0.13.8"
[ "${MARTLET_SETUP:-all}" = run ] || wanted="$wanted pytest>=8 requests>=2.32 openapi-spec-validator>=0.7 schemathesis==4.32.5"
if [ ! -x "$python" ]; then /usr/bin/python3 -m venv .tools/venv; fi
if [ "$(cat .tools/installed 2>/dev/null || true)" != "$wanted" ]; then
    # shellcheck disable=SC2086
    "$python" -m pip install -q --disable-pip-version-check $wanted
    echo "$wanted" >.tools/installed
fi
