"""Writes very many calls of one model into the database and measures how long its analytics and somebody's history take.

    python Benchmarks/analytics.py [BINARY] [CALLS]
"""

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time

import requests

binary = sys.argv[1] if len(sys.argv) > 1 else ".build/release/martlet"
calls = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000
DAYS = 365


def fill(path, model, user):
    """Rows as the server writes them, spread over a year, every fiftieth a failure; then the sums that it keeps beside them."""
    now = int(time.time() * 1000)
    span = DAYS * 86_400_000
    database = sqlite3.connect(path)
    database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000;")
    database.execute(
        f"""
        WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {calls - 1})
        INSERT INTO ml_model_usage_logs (id, model_id, version_id, user_id, key_id, endpoint, row_count, response_status, response_time_ms, error_message, created_at)
        SELECT printf('call_%016d', n), ?, 'version_1', ?, 'key_' || (n % 7), '/predict', 1, CASE WHEN n % 50 = 0 THEN 400 ELSE 200 END, 0.2 + (n * 7919 % 1000) / 50.0,
            CASE WHEN n % 50 = 0 THEN 'wrong' END, CAST({now} - {span} + CAST(n AS REAL) * {span} / {calls} AS INTEGER)
        FROM numbers
        """, (model, user),
    )  # fmt: skip
    database.execute(
        """
        INSERT INTO usage_days SELECT model_id, CAST(created_at / 86400000 AS INTEGER), version_id, key_id, COUNT(*), SUM(response_status < 400), SUM(row_count), COUNT(*), SUM(response_time_ms),
            SUM(CASE WHEN response_status < 400 THEN response_time_ms ELSE 0 END), MIN(response_time_ms), MAX(response_time_ms)
        FROM ml_model_usage_logs GROUP BY 1, 2, 3, 4
        """
    )
    database.execute(
        "INSERT INTO usage_times SELECT model_id, CAST(created_at / 86400000 AS INTEGER), CAST(response_time_ms * 10 AS INTEGER), COUNT(*) FROM ml_model_usage_logs "
        "WHERE response_status < 400 GROUP BY 1, 2, 3"
    )
    database.commit()
    # The server's own writes are as small as its log of them allows; this one is all of a year's at once.
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def measure(url, path, headers, times=200):
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        answer = requests.get(url + path, headers=headers)
        assert answer.status_code == 200, answer.text
        taken.append((time.perf_counter() - start) * 1000)
    taken.sort()
    return taken[len(taken) // 2], taken[int(len(taken) * 0.99)]


with tempfile.TemporaryDirectory() as folder:
    environment = {**os.environ, "MARTLET_UPLOAD_RATE_LIMIT": "0", "MARTLET_USAGE_RETENTION_DAYS": "0"}
    server = subprocess.Popen([binary, "serve", "--port", "0", "--data-dir", f"{folder}/data"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
    url = re.search(r"https?://\S+", server.stdout.readline().decode()).group(0)
    account = {"email": "a@example.com", "username": "a", "password": "a bench password"}
    user = requests.post(url + "/api/v1/auth/register", json=account).json()["id"]
    headers = {"Authorization": "Bearer " + requests.post(url + "/api/v1/auth/login", json=account).json()["access_token"]}
    model = requests.post(url + "/api/v1/models", json={"name": "busy", "algorithm": "svm"}, headers=headers).json()["model_id"]
    begun = time.time()
    fill(f"{folder}/data/martlet.sqlite", model, user)
    print(f"{calls} calls written in {time.time() - begun:.0f} s", flush=True)
    print("| request | p50 ms | p99 ms |\n|---|---|---|")
    for path in (f"/api/v1/models/{model}/analytics?days=30", f"/api/v1/models/{model}/analytics?days=365", "/api/v1/predict/history", f"/api/v1/predict/history?model_id={model}&status=failed"):
        print("| {} | {:.1f} | {:.1f} |".format(path.replace(model, "{id}"), *measure(url, path, headers)), flush=True)
    server.terminate()
    server.wait()
