"""Uploads a large model in parts; call it again with the same file and it goes on where it stopped.

    MARTLET_URL=http://127.0.0.1:8080 MARTLET_KEY=mlp_… python examples/upload_in_parts.py model.joblib --name churn --framework sklearn
"""

import argparse
import base64
import hashlib
import os
import time
from pathlib import Path

import requests

parser = argparse.ArgumentParser()
parser.add_argument("file", type=Path)
parser.add_argument("--name", required=True)
parser.add_argument("--framework", default="sklearn")
parser.add_argument("--version")
parser.add_argument("--part-size", type=int)
arguments = parser.parse_args()

url = os.environ.get("MARTLET_URL", "http://127.0.0.1:8080") + "/api/v1/uploads"
session = requests.Session()
session.headers["Authorization"] = f"Bearer {os.environ['MARTLET_KEY']}"


def check(answer):
    if not answer.ok:
        raise SystemExit(f"{answer.status_code} {answer.text}")
    return answer.json()


with open(arguments.file, "rb") as file:
    digest = hashlib.file_digest(file, "sha256").hexdigest()
size = arguments.file.stat().st_size

open_uploads = check(session.get(url))["data"]
upload = next((entry for entry in open_uploads if entry["sha256"] == digest), None)
if upload is None:
    wanted = {"file_name": arguments.file.name, "size": size, "sha256": digest, "part_size": arguments.part_size}
    upload = check(session.post(url, json=wanted))

with open(arguments.file, "rb") as file:
    for number in upload["missing"]:
        file.seek((number - 1) * upload["part_size"])
        part = file.read(upload["part_size"])
        content = base64.b64encode(hashlib.sha256(part).digest()).decode()
        for attempt in range(5):
            try:
                check(session.put(f"{url}/{upload['upload_id']}/parts/{number}", data=part, headers={"Content-Digest": f"sha-256=:{content}:"}, timeout=300))
                break
            except requests.ConnectionError:
                time.sleep(2**attempt)
        else:
            raise SystemExit("The line was cut too often; call this again.")
        print(f"part {number} of {upload['parts']}")

fields = {"name": arguments.name, "framework": arguments.framework, "version": arguments.version}
print(check(session.post(f"{url}/{upload['upload_id']}/complete", json=fields))["data"])
