#!/usr/bin/env bash
# Uploads a model in parts with curl, jq, split and sha256sum; what was sent is not sent again.
#   MARTLET_URL=http://127.0.0.1:8080 MARTLET_KEY=mlp_… examples/upload_in_parts.sh model.joblib churn sklearn
set -euo pipefail
file=$1 name=$2 framework=$3
url=${MARTLET_URL:-http://127.0.0.1:8080}/api/v1/uploads
call() { curl -sS --fail-with-body --retry 5 --retry-connrefused -H "Authorization: Bearer $MARTLET_KEY" "$@"; }

digest=$(sha256sum "$file" | cut -d' ' -f1)
upload=$(call "$url" | jq -c --arg digest "$digest" '[.data[] | select(.sha256 == $digest)][0] // empty')
if [ -z "$upload" ]; then
    upload=$(call "$url" -H 'Content-Type: application/json' \
        -d "$(jq -n --arg name "$(basename "$file")" --arg digest "$digest" --argjson size "$(stat -c %s "$file")" '{file_name: $name, size: $size, sha256: $digest}')")
fi
id=$(jq -r .upload_id <<<"$upload") size=$(jq -r .part_size <<<"$upload")

for number in $(jq -r '.missing[]' <<<"$upload"); do
    part() { tail -c "+$(((number - 1) * size + 1))" "$file" | head -c "$size"; }
    content=$( (part || true) | openssl dgst -sha256 -binary | base64)
    (part || true) | call -o /dev/null -X PUT -H "Content-Digest: sha-256=:$content:" -H 'Content-Type: application/octet-stream' --data-binary @- "$url/$id/parts/$number"
    echo "part $number of $(jq -r .parts <<<"$upload")"
done
call "$url/$id/complete" -H 'Content-Type: application/json' -d "$(jq -n --arg name "$name" --arg framework "$framework" '{name: $name, framework: $framework}')" | jq .data
