"""Which runtime serves a version, why, and what it answers."""

import json
import struct
import subprocess
import threading

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
