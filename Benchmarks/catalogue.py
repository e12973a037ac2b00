"""Fills a catalogue with many models and measures how long lists, filters, searches and numbers take at 16 connections. Needs wrk.

    python Benchmarks/catalogue.py [BINARY] [MODELS] [VERSIONS_EACH]
"""

import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

binary = sys.argv[1] if len(sys.argv) > 1 else ".build/release/martlet"
count = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
each = int(sys.argv[3]) if len(sys.argv) > 3 else 3
DAY = 86_400_000
ALGORITHMS = ["random_forest", "xgboost", "svm", "logistic_regression", "neural_network", "k_means", "lightgbm", "decision_tree"]
WORDS = "churn fraud iris price demand image text speech traffic energy health credit risk sales weather soil vision audio ranking anomaly".split()


class Server:
    def __init__(self, data):
        environment = {**os.environ, "MARTLET_ADMIN_EMAIL": "root@example.com", "MARTLET_ADMIN_PASSWORD": "a bench password", "MARTLET_UPLOAD_RATE_LIMIT": "0"}
        self.process = subprocess.Popen([binary, "serve", "--port", "0", "--data-dir", data], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
        self.url = re.search(r"https?://\S+", self.process.stdout.readline().decode()).group(0)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def key(server, email, password="a bench password"):
    token = requests.post(server.url + "/api/v1/auth/login", json={"email": email, "password": password}).json()["access_token"]
    return requests.post(server.url + "/api/v1/api-keys", json={"name": "b"}, headers={"Authorization": f"Bearer {token}"}).json()["key"]


def identifier(prefix, number):
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    text = ""
    for _ in range(16):
        number, digit = divmod(number, 32)
        text = alphabet[digit] + text
    return prefix + text

# Behind those of the models that were registered before.
FIRST_TEXT = 100_000

def fill(path, owners):
    generator = random.Random(7)
    now = int(time.time() * 1000)
    database = sqlite3.connect(path)
    database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;")
    begun = time.time()
    for start in range(0, count, 20_000):
        models, versions, records, texts, ids, tags = [], [], [], [], [], []
        for number in range(start, min(count, start + 20_000)):
            model = identifier("model_", number)
            words = generator.sample(WORDS, 3)
            algorithm = generator.choice(ALGORITHMS)
            created = now - int(generator.random() ** 2 * 700 * DAY)
            name = f"{'_'.join(words)}_{number}"
            accuracy = generator.random()
            models.append(
                (model, name, f"A model about {words[0]}", "sklearn", "scikit-learn", f"1.{each - 1}.0", owners[number % len(owners)], number % 3 != 0, words[0], "active",
                 "passed", created, created, algorithm, f'{{"test_accuracy":{accuracy}}}', accuracy, int(generator.paretovariate(1)), 1_000_000 * each, "development")
            )  # fmt: skip
            for ordinal in range(1, each + 1):
                version = identifier("version_", number * 16 + ordinal)
                versions.append(
                    (version, model, f"1.{ordinal - 1}.0", ordinal, f"models/u/{model}/v{ordinal}/model.joblib", "m.joblib", 1_000_000, f"{number:060x}{ordinal:04x}", "joblib",
                     "[]", "passed", created, owners[number % len(owners)])
                )  # fmt: skip
                records.append((version, model, f"1.{ordinal - 1}.0", algorithm, "{}", f'{{"test_accuracy":{accuracy}}}', "{}", "{}", "development", created, owners[0]))
            tags += [(model, word, place, created) for place, word in enumerate(words[:2])]
            ids.append((FIRST_TEXT + number, model))
            texts.append((FIRST_TEXT + number, name.replace("_", " "), f"A model about {words[0]}", " ".join(words[:2]), algorithm.replace("_", " "), "{}"))
        with database:
            database.executemany(
                "INSERT INTO ml_models (id, name, description, model_type, framework, version, owner_id, is_public, category, status, validation_status, created_at, "
                f"updated_at, algorithm, metrics_json, accuracy, downloads, file_bytes, stage) VALUES ({','.join('?' * 19)})", models,
            )  # fmt: skip
            database.executemany(
                "INSERT INTO ml_model_versions (id, model_id, version, ordinal, file_path, original_name, file_size, file_hash, format, requirements_json, "
                f"validation_status, created_at, created_by) VALUES ({','.join('?' * 13)})", versions,
            )  # fmt: skip
            database.executemany(
                "INSERT INTO version_records (id, model_id, version, algorithm, hyperparameters_json, metrics_json, dataset_json, training_json, stage, created_at, "
                f"created_by) VALUES ({','.join('?' * 11)})", records,
            )  # fmt: skip
            database.executemany("INSERT INTO tags (model_id, tag, position, created_at) VALUES (?, ?, ?, ?)", tags)
            database.executemany("INSERT INTO model_text_ids (id, model_id) VALUES (?, ?)", ids)
            database.executemany("INSERT INTO model_texts (rowid, name, description, tags, algorithm, dataset) VALUES (?, ?, ?, ?, ?, ?)", texts)
    database.execute("ANALYZE")
    database.commit()
    database.close()
    print(f"{count} models and {count * each} versions written in {time.time() - begun:.0f} s", flush=True)


def measure(server, secret, paths, folder):
    """Asks for the paths in turns, so that no answer to one of them is simply repeated."""
    script = Path(folder) / "get.lua"
    script.write_text(
        f'wrk.headers["Authorization"] = "Bearer {secret}"\n'
        f"local paths, turn = {{{', '.join(json.dumps(path) for path in paths)}}}, 0\n"
        'request = function() turn = turn + 1; return wrk.format("GET", paths[turn % #paths + 1]) end\n'
        'done = function(s, l, r) io.write(string.format("RESULT %.0f %.1f %.1f %d\\n", s.requests / s.duration * 1e6, l:percentile(50) / 1000, l:percentile(99) / 1000, '
        "s.errors.status + s.errors.timeout)) end\n"
    )
    out = subprocess.run(["wrk", "-t1", "-c16", "-d5s", "--timeout", "30s", "-s", script, server.url], capture_output=True, text=True).stdout
    return re.search(r"RESULT (\S+) (\S+) (\S+) (\S+)", out).groups()


def registered_in_a_second(server, secret, times=300):
    """Models made known one after the other, each durable when it is answered."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {secret}"
    start = time.perf_counter()
    for number in range(times):
        body = {"name": f"written {number}", "algorithm": "svm", "metrics": {"accuracy": 0.9}, "tags": ["written", "fraud"]}
        assert session.post(server.url + "/api/v1/models", json=body).status_code == 201
    return times / (time.perf_counter() - start)


with tempfile.TemporaryDirectory() as folder:
    data = f"{folder}/data"
    server = Server(data)
    owners = []
    for number in range(20):
        account = {"email": f"o{number}@example.com", "username": f"o{number}", "password": "a bench password"}
        owners.append(requests.post(server.url + "/api/v1/auth/register", json=account).json()["id"])
    written = [registered_in_a_second(server, key(server, "o2@example.com")) for _ in range(3)]
    server.stop()
    fill(f"{data}/martlet.sqlite", owners)
    server = Server(data)
    again = [registered_in_a_second(server, key(server, "o2@example.com")) for _ in range(3)]
    print(f"registrations a second: {sorted(written)[1]:.0f} in an empty catalogue, {sorted(again)[1]:.0f} in the full one")
    secrets = {"admin": key(server, "root@example.com"), "user": key(server, "o1@example.com")}
    pairs = list(zip(WORDS, WORDS[7:] + WORDS[:7]))
    paths = {
        "list": [f"/api/v1/models?page={page}" for page in range(1, 6)],
        "page 100": [f"/api/v1/models?page={page}" for page in range(95, 105)],
        "hosting list": ["/api/v1/ml-models", "/api/v1/ml-models?limit=20"],
        "algorithm": [f"/api/v1/models?algorithm={name}" for name in ALGORITHMS],
        "tags": [f"/api/v1/models?tags={one},{other}" for one, other in pairs],
        "min_accuracy": [f"/api/v1/models?min_accuracy={least}&sort=accuracy" for least in (0.5, 0.9, 0.99, 0.9999)],
        "category": [f"/api/v1/models?category={word}" for word in WORDS],
        "search one word": [f"/api/v1/models/search?q={word}" for word in WORDS],
        "search two words": [f"/api/v1/models/search?q={one}+{other}" for one, other in pairs],
        "search a number": [f"/api/v1/models/search?q={number}" for number in range(4711, 4731)],
        "popular": ["/api/v1/models/popular", "/api/v1/models/popular?limit=5"],
        "recent": ["/api/v1/models/recent", "/api/v1/models/recent?limit=5"],
        "statistics": ["/api/v1/models/statistics"],
        "marketplace": [f"/api/v1/marketplace?category={word}" for word in WORDS],
        "one model": [f"/api/v1/models/{identifier('model_', number)}" for number in range(1, 100, 3)],
    }
    print("| request | as | a second | p50 ms | p99 ms | failed |\n|---|---|---|---|---|---|")
    for name, path in paths.items():
        for who, secret in secrets.items():
            print(f"| {name} | {who} | {' | '.join(measure(server, secret, path, folder))} |", flush=True)
    server.stop()
