"""Which runtime serves a version, why, and what it answers."""

import json
import shutil
import sqlite3
import struct
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from conftest import BINARY, FIXTURES, ROOT, error

CASES = ROOT / ".tools" / "truth" / "cases" / "1.5.2"


def upload_case(client, name, **fields):
    """A model whose answers its own library wrote down; the file's own version of scikit-learn serves it."""
    return client.publish(CASES / f"{name}.model", name=name, **fields)


def test_the_runtime_is_chosen_and_told(client, truth):
    swift, _, report = client.publish(FIXTURES / "iris.joblib", name="Chosen")
    assert report["runtime"] == "swift" and "agrees" in report["runtime_reason"]
    python, _, report = client.publish(FIXTURES / "iris.joblib", name="Asked", runtime="python")
    assert report["runtime"] == "python" and "asked for" in report["runtime_reason"]
    for model, runtime in ((swift, "swift"), (python, "python")):
        version = client.get(f"/api/v1/ml-models/{model}").json()["data"]["current_version"]
        assert version["runtime"] == runtime
        assert client.predict(model, truth["row"]).json()["runtime"] == runtime
    rows = [[a / 10, b / 7, a / 9, b / 11] for a in range(30, 80, 5) for b in range(5, 40, 5)]
    one, other = (client.predict_batch(model, rows).json() for model in (swift, python))
    assert one["labels"] == other["labels"]
    assert max(abs(a - b) for x, y in zip(one["predictions"], other["predictions"]) for a, b in zip(x, y)) < 1e-12


def test_a_runtime_that_cannot_serve_is_refused(client):
    error(client.upload(FIXTURES / "iris.joblib", name="Wrong", runtime="rust"), 400, "SCHEMA_VIOLATION")
    _, _, report = client.publish(FIXTURES / "iris.joblib", name="Onnx", runtime="onnx", expect=("failed",))
    assert "'onnx'" in report["results"]["functionality_test"]["details"]
    code = b"def custom_predict(model, input_data):\n    return [1 for _ in input_data]\n"
    _, _, report = client.publish(
        FIXTURES / "iris.joblib", name="Code", model_type="custom", runtime="swift", files={"custom_api": ("custom_api.py", code)}, expect=("failed",))
    assert "custom_api.py" in report["results"]["functionality_test"]["details"]
    _, _, report = client.publish(
        FIXTURES / "iris.joblib", name="Code", model_type="custom", files={"custom_api": ("custom_api.py", code)})
    assert report["runtime"] == "python" and "custom_api.py" in report["runtime_reason"]


@pytest.mark.parametrize("name", ["columns_missing", "text_tfidf", "forest_two_targets", "kmeans", "isolation", "polynomial", "lgbm_named", "columns_infrequent"])
def test_models_of_every_shape_are_evaluated(client, name):
    model, _, report = upload_case(client, name)
    assert report["runtime"] == "swift", report["runtime_reason"]
    sample = report["results"]["functionality_test"]["sample_input"]
    assert client.predict(model, sample).json()["runtime"] == "swift"


def test_where_rounding_decides_the_library_answers(own_server):
    client = own_server.start().account("ties")
    model, _, report = upload_case(client, "neighbors")
    assert report["runtime"] == "swift"
    description = json.loads((CASES / "neighbors.json").read_text())
    width, count = description["width"], 150
    raw = (CASES / "neighbors.bin").read_bytes()
    rows = [list(struct.unpack_from(f"<{width}d", raw, row * width * 8)) for row in range(count)]
    labels = [client.predict(model, row).json()["label"] for row in rows]
    assert labels == description["outputs"][0]["texts"][:count], "also the rows between neighbours that are equally far"


def test_rows_that_depend_on_those_beside_them_are_answered_call_by_call(own_server):
    """Non-negative factors are found for all rows of a call together: a whole batch is one call, and callers are not joined."""
    client = own_server.start().account("factors")
    description = json.loads((CASES / "nmf_counts.json").read_text())
    width, count = description["width"], description["rows"]
    raw = struct.unpack(f"<{count * (width + 8)}d", (CASES / "nmf_counts.bin").read_bytes())
    rows = [list(raw[row * width : (row + 1) * width]) for row in range(count)]
    truth = raw[count * width :]
    models = {runtime: upload_case(client, "nmf_counts", runtime=runtime)[0] for runtime in ("swift", "python")}
    for runtime, model in models.items():
        answer = client.predict_batch(model, rows).json()
        assert answer["runtime"] == runtime
        found = [number for row in answer["predictions"] for number in row]
        assert len(found) == len(truth) and max(abs(a - b) for a, b in zip(found, truth)) <= 1e-12 * max(truth)
    # More rows than a block of other models has, of which the first many are alike.
    many = [rows[0]] * 4200 + rows
    swift, python = ([n for row in client.predict_batch(models[runtime], many).json()["predictions"] for n in row] for runtime in ("swift", "python"))
    assert max(abs(a - b) for a, b in zip(swift, python, strict=True)) <= 1e-12 * max(python)
    parts = [rows[start : start + 3] for start in range(0, 96, 3)]
    alone = [client.predict_batch(models["python"], part).json()["predictions"] for part in parts]
    assert sum(alone, []) != client.predict_batch(models["python"], rows[:96]).json()["predictions"], "rows that depend on each other"

    def predict(model, part):
        address = f"{own_server.url}/api/v1/ml-models/{model}/predict/batch"
        return requests.post(address, json={"data": part}, headers=client.headers).json()["predictions"]

    with ThreadPoolExecutor(32) as pool:
        for _ in range(5):
            together = pool.map(lambda part: predict(models["python"], part), parts)
            assert list(together) == alone


def test_versions_change_under_load_without_a_failure(own_server):
    client = own_server.start().account("swap")
    model, first, _ = client.publish(FIXTURES / "iris.joblib", name="Swap")
    _, second, _ = client.publish(FIXTURES / "iris-names.joblib", model=model)
    answers, failures, stop = {"1.0.0": 0, "1.1.0": 0}, [], threading.Event()

    def predict():
        session = requests.Session()
        while not stop.is_set():
            answer = session.post(f"{client.server.url}/api/v1/ml-models/{model}/predict", json={"data": [6.3, 3.3, 6.0, 2.5]}, headers=client.headers)
            body = answer.json()
            if answer.status_code != 200 or body["label"] != {"1.0.0": 2, "1.1.0": "virginica"}[body["version"]]:
                failures.append(answer.text)
            else:
                answers[body["version"]] += 1

    threads = [threading.Thread(target=predict) for _ in range(64)]
    for thread in threads:
        thread.start()
    try:
        for round in range(50):
            version = (second, first)[round % 2]
            answer = client.post(f"/api/v1/ml-models/{model}/versions/{version}/activate")
            assert answer.status_code == 200, answer.text
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures, failures[:3]
    assert min(answers.values()) > 0


def test_a_model_is_evaluated_without_a_server(tmp_path):
    rows = tmp_path / "rows.json"
    rows.write_text("[[6.3, 3.3, 6.0, 2.5]]")
    done = subprocess.run([BINARY, "evaluate", FIXTURES / "iris.joblib", "--rows", rows], capture_output=True, text=True)
    assert done.returncode == 0 and "labels [1]: int64([2])" in done.stdout
    done = subprocess.run([BINARY, "evaluate", FIXTURES / "evil-call.pkl", "--rows", rows], capture_output=True, text=True)
    assert done.returncode == 2 and "does not pass its scan" in done.stderr
    rows.write_text("[[1]]")
    done = subprocess.run([BINARY, "evaluate", FIXTURES / "iris.joblib", "--rows", rows], capture_output=True, text=True)
    assert done.returncode == 2 and "features" in done.stderr


def test_joined_requests_of_a_worker_get_their_own_rows(own_server):
    """An identity model in a Python worker: 64 callers with rows of their own, in ragged numbers, some of which the model refuses."""
    client = own_server.start().account("joined")
    model, _, report = upload_case(client, "function_none", runtime="python")
    width = len(report["results"]["functionality_test"]["sample_input"])
    failures, answered, end = [], [], time.monotonic() + 15

    def call(caller):
        session = requests.Session()
        round = 0
        while time.monotonic() < end:
            round += 1
            rows = [[caller + column / 8 + round * 100 for column in range(width)] for _ in range(1 + (caller * 5 + round) % 7)]
            answer = session.post(f"{own_server.url}/api/v1/ml-models/{model}/predict/batch", json={"data": rows}, headers=client.headers)
            if answer.status_code != 200 or answer.json()["predictions"] != rows:
                failures.append(answer.text[:300])
            answered.append(len(rows))

    threads = [threading.Thread(target=call, args=(caller,)) for caller in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures[:2]
    assert len(answered) > 500


def test_a_thousand_small_models_answer_when_they_are_cold(own_server):
    """The rows of one validated model, copied in the database and on disk: what a registry of a thousand models looks like."""
    server = own_server.start()
    client = server.account("many")
    model, version, _ = client.publish(FIXTURES / "iris.joblib", name="First")
    server.stop()
    database = sqlite3.connect(server.data / "martlet.sqlite")
    database.execute("PRAGMA foreign_keys = OFF")
    names = []
    for number in range(999):
        copy = f"model_{number:016d}"
        names.append(copy)
        for table, key in (("ml_models", "id"), ("ml_model_versions", "model_id"), ("ml_model_apis", "model_id")):
            row = dict(zip([c[1] for c in database.execute(f"PRAGMA table_info({table})")], database.execute(f"SELECT * FROM {table} WHERE {key} = ?", (model,)).fetchone()))
            text = {name: value.replace(model, copy).replace(version, f"version_{number:016d}") if isinstance(value, str) else value for name, value in row.items()}
            if table == "ml_model_apis":
                text["id"] = f"api_{number:016d}"
            if table == "ml_model_versions":
                text["signed_at"] = None  # its manifest is that of the model it was copied from
            database.execute(f"INSERT INTO {table} ({','.join(text)}) VALUES ({','.join('?' * len(text))})", list(text.values()))
        source = server.data / "models" / client.user["id"] / model
        shutil.copytree(source, source.parent / copy, symlinks=True)
    database.commit()
    database.close()
    server.settings["evaluators_memory"] = 1 << 20
    server.start()
    assert client.predict(model, [6.3, 3.3, 6.0, 2.5]).status_code == 200
    times = []
    for name in names[::5] + names[:20]:
        start = time.perf_counter()
        answer = client.predict(name, [6.3, 3.3, 6.0, 2.5])
        times.append((time.perf_counter() - start) * 1000)
        assert answer.status_code == 200 and answer.json()["label"] == 2, answer.text
    loaded = client.get("/health").json()["models"]
    assert loaded["deployed"] == 1000 and 0 < loaded["loaded"] < 100, loaded
    assert sorted(times)[len(times) // 2] < 50, sorted(times)[-5:]


def test_a_skops_file_is_evaluated(client, truth):
    model, _, report = client.publish(FIXTURES / "formats" / "iris.skops", name="Skops")
    assert report["runtime"] == "swift", report["runtime_reason"]
    swift = client.predict(model, truth["row"]).json()
    library, _, report = client.publish(FIXTURES / "formats" / "iris.skops", name="Skops", runtime="python")
    assert report["runtime"] == "python"
    python = client.predict(library, truth["row"]).json()
    assert swift["label"] == python["label"] and max(abs(a - b) for a, b in zip(swift["prediction"], python["prediction"])) < 1e-12


@pytest.mark.parametrize(
    "name, row, expected",
    [("iris", [6.3, 3.3, 6.0, 2.5], [0.09874556038441666, 0.11308776090706234, 0.7881666787085211]), ("categories", [6.3, 3.3, 6.0, 2.5, "b"], 1.8120265151515151), ("lossguide", [6.3, 3.3, 6.0, 2.5], 1.8448994957727582)])
def test_a_catboost_file_is_served_by_its_library(client, name, row, expected):
    """The expected numbers are what catboost 1.2.10 predicts for the row."""
    model, _, report = client.publish(FIXTURES / "formats" / f"{name}.cbm", name=name, model_type="custom")
    assert report["runtime"] == "python"
    found = client.predict(model, row).json()["prediction"]
    pairs = zip(found, expected) if isinstance(expected, list) else [(found, expected)]
    assert all(abs(a - b) < 1e-9 for a, b in pairs), found
