"""Predictions by a version that is named, by its id, its number or an alias, beside the one that serves."""

import threading

import pytest
import requests
from conftest import FIXTURES, error

ROW = [6.3, 3.3, 6.0, 2.5]
CONSTANT = "def custom_predict(model, input_data):\n    return [{answer!r} for _ in input_data]\n"


@pytest.fixture(scope="module")
def two(client):
    """A model whose version 1.0.0 serves in Swift, and whose version 1.1.0 is code of its uploader's: (model, first id, second id)."""
    model, first, _ = client.publish(FIXTURES / "iris.joblib", name="Two versions")
    return model, first, add(client, model, "second")


def add(client, model, answer):
    answer = client.upload(FIXTURES / "iris.joblib", model=model, files={"custom_api": ("custom_api.py", CONSTANT.format(answer=answer))}).json()
    client.await_validation(model, answer["validation_id"])
    return answer["version_id"]


def call(client, model, reference, path="predict", data=ROW, **arguments):
    return client.post(f"/api/v1/ml-models/{model}/versions/{reference}/{path}", json={"data": data}, **arguments)


def said(answer):
    return answer.json().get("label", answer.json().get("prediction"))


def test_each_version_answers_to_its_names(client, two):
    model, first, second = two
    assert client.predict(model, ROW).json()["label"] == 2
    for reference in (first, "1.0.0", "v1.0"):
        assert call(client, model, reference).json()["label"] == 2, reference
    for reference in (second, "1.1.0", "v1.1", "latest"):
        answer = call(client, model, reference).json()
        assert (answer["prediction"], answer["version"], answer["runtime"]) == ("second", "1.1.0", "python"), reference
    assert call(client, model, "v1.1", "predict/batch", [ROW, ROW]).json()["predictions"] == ["second", "second"]
    for url in (f"/api/v1/ml-models/{model}/predict", f"/api/v1/predict/{model}"):
        assert client.post(url, params={"version": "latest"}, json={"data": ROW}).json()["prediction"] == "second"
    for nobody in ("v7.0", "nobody", "version_0000000000000000", "..%2f", "%00", "x" * 3000):
        error(call(client, model, nobody), 404, "NOT_FOUND")
    for _ in range(50):
        history = client.get("/api/v1/predict/history", params={"model_id": model}).json()["data"]
        if {first, second} <= {entry["version_id"] for entry in history}:
            return
        threading.Event().wait(0.1)
    raise AssertionError(history)


def test_an_alias_moves_and_the_next_call_goes_there(client, two):
    model, first, second = two
    for reference, expected in (("v1.0", 2), ("v1.1", "second"), ("v1.0", 2)):
        assert client.put(f"/api/v1/models/{model}/aliases/canary", json={"version": reference}).status_code == 200
        assert said(call(client, model, "canary")) == expected
    assert client.delete(f"/api/v1/models/{model}/aliases/canary").status_code == 200
    error(call(client, model, "canary"), 404, "NOT_FOUND")


def test_a_key_for_one_version_calls_that_one_only(client, two, server):
    model, first, second = two
    key = client.post("/api/v1/api-keys", json={"name": "second", "scope": {"versions": [second]}}).json()["key"]
    client.put(f"/api/v1/models/{model}/aliases/blue", json={"version": second})
    named = client.post("/api/v1/api-keys", json={"name": "blue", "scope": {"aliases": ["blue"]}}).json()["key"]
    for secret in (key, named):
        headers = {"Authorization": f"Bearer {secret}"}
        assert call(client, model, second, headers=headers).json()["prediction"] == "second"
        error(call(client, model, first, headers=headers), 403, "FORBIDDEN")
        error(client.predict(model, ROW, headers=headers), 403, "FORBIDDEN")


def test_who_may_not_see_the_model_learns_nothing_of_its_versions(client, two, stranger, server):
    model, first, second = two
    assert error(call(stranger, model, second), 404, "MODEL_NOT_FOUND")["message"] == error(call(stranger, model, "v9.9"), 404, "MODEL_NOT_FOUND")["message"]
    nobody = requests.post(f"{server.url}/api/v1/ml-models/{model}/versions/{second}/predict", json={"data": ROW})
    error(nobody, 401, "UNAUTHORIZED")


def test_a_queued_prediction_is_made_by_the_version_it_names(client, two):
    model, first, second = two
    job = call(client, model, "v1.1", "predict?async=true")
    assert job.status_code == 202
    for _ in range(200):
        task = client.get(job.json()["status_url"]).json()["data"]
        if task["status"] in ("completed", "failed"):
            break
        threading.Event().wait(0.05)
    assert task["result"]["prediction"] == "second", task


def test_a_version_that_is_not_valid_or_was_deleted_is_not_called(client, two):
    model, first, _ = two
    broken = client.upload(FIXTURES / "truncated.pkl", model=model).json()
    client.await_validation(model, broken["validation_id"])
    error(call(client, model, broken["version_id"]), 409, "CONFLICT")
    assert call(client, model, "latest").json()["prediction"] == "second"
    third = add(client, model, "third")
    assert call(client, model, "latest").json()["prediction"] == "third"
    assert client.delete(f"/api/v1/models/{model}/versions/{third}").status_code == 200
    error(call(client, model, third), 404, "NOT_FOUND")
    assert call(client, model, "latest").json()["prediction"] == "second"


def test_both_versions_answer_while_one_of_them_comes_and_goes(client, two):
    model, first, second = two
    faults, stop = [], threading.Event()

    def ask(reference, expected):
        while not stop.is_set():
            answer = call(client, model, reference)
            if answer.status_code != 200 or said(answer) != expected:
                faults.append(answer.text)

    threads = [threading.Thread(target=ask, args=pair) for pair in (("v1.0", 2), ("v1.1", "second"), ("v1.0", 2))]
    for thread in threads:
        thread.start()
    for _ in range(5):
        for version in (second, first):
            assert client.post(f"/api/v1/ml-models/{model}/versions/{version}/activate").status_code == 200
    stop.set()
    for thread in threads:
        thread.join()
    assert not faults, faults[:3]
