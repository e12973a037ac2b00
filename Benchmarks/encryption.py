"""Uploads and downloads one file in the clear and encrypted, in turns, and prints MB/s and the ratio.

    python Benchmarks/encryption.py [BINARY] [MEBIBYTES] [ROUNDS]
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

binary = sys.argv[1] if len(sys.argv) > 1 else ".build/release/martlet"
mebibytes = int(sys.argv[2]) if len(sys.argv) > 2 else 512
rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
upload = Path(__file__).with_name("upload.py")


def start(folder, **settings):
    environment = {**os.environ, "MARTLET_UPLOAD_RATE_LIMIT": "0", "MARTLET_MAX_UPLOAD": str(4 << 30), **settings}
    process = subprocess.Popen(
        [binary, "serve", "--port", "0", "--data-dir", folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    )
    url = re.search(r"https?://\S+", process.stdout.readline().decode()).group(0)
    account = {"email": "b@example.com", "username": "b", "password": "a bench password"}
    requests.post(url + "/api/v1/auth/register", json=account).raise_for_status()
    token = requests.post(url + "/api/v1/auth/login", json=account).json()["access_token"]
    return process, url, requests.post(url + "/api/v1/api-keys", json={"name": "b"}, headers={"Authorization": f"Bearer {token}"}).json()["key"]


def measure(url, key):
    speed = float(subprocess.run([sys.executable, upload, url, key, str(mebibytes)], capture_output=True, check=True, text=True).stdout)
    headers = {"Authorization": f"Bearer {key}"}
    model = requests.get(url + "/api/v1/ml-models?limit=1", headers=headers).json()["data"][0]["id"]
    while requests.get(f"{url}/api/v1/ml-models/{model}/validations/latest", headers=headers).json()["data"]["status"] != "completed":
        time.sleep(0.2)
    version = requests.get(f"{url}/api/v1/ml-models/{model}/versions", headers=headers).json()["data"][0]["id"]
    begun = time.perf_counter()
    subprocess.run(
        ["curl", "-sSf", "-o", "/dev/null", "-H", f"Authorization: Bearer {key}", f"{url}/api/v1/ml-models/{model}/versions/{version}/download"], check=True
    )
    down = (mebibytes << 20) / 1e6 / (time.perf_counter() - begun)
    requests.delete(f"{url}/api/v1/ml-models/{model}", headers=headers)
    return speed, down


with tempfile.TemporaryDirectory() as folder:
    servers = {
        "clear": start(f"{folder}/clear", MARTLET_DELETE_GRACE_SECONDS="0"),
        "sealed": start(f"{folder}/sealed", MARTLET_DELETE_GRACE_SECONDS="0", MARTLET_ENCRYPTION="on", MARTLET_MASTER_KEY=os.urandom(32).hex()),
    }
    results = {name: [] for name in servers}
    for _ in range(rounds):
        for name, (_, url, key) in servers.items():
            results[name].append(measure(url, key))
    for process, _, _ in servers.values():
        process.terminate()
        process.wait()

for place, what in enumerate(("upload", "download")):
    clear, sealed = (statistics.median(result[place] for result in results[name]) for name in ("clear", "sealed"))
    print(f"{what}: {clear:.0f} MB/s in the clear, {sealed:.0f} MB/s encrypted, ratio {sealed / clear:.2f}")
