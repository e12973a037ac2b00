"""Requests that are sent again with the same Idempotency-Key have one effect."""

import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from conftest import FIXTURES, Server, error

URL = "/api/v1/ml-models"
KEY = {"Idempotency-Key": "upload-7f3a"}


def form(name="Iris", filename="iris.joblib"):
    return {"data": {"name": name, "model_type": "sklearn"}, "files": {"file": (filename, (FIXTURES / "iris.joblib").read_bytes())}}


@pytest.fixture(scope="module")
def sender(server):
    return server.account("sender")


def names(client):
    return [model["name"] for model in client.get(URL).json()["data"]]


def test_an_upload_that_is_sent_again_makes_one_model(sender):
    first = sender.post(URL, headers=KEY, **form())
    again = sender.post(URL, headers=KEY, **form())
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json() and again.headers["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first.headers
    assert names(sender) == ["Iris"]
    error(sender.post(URL, headers=KEY, **form(name="Other")), 422, "UNPROCESSABLE")
    error(sender.post("/api/v1/models", headers=KEY, json={"name": "Other"}), 422, "UNPROCESSABLE")
    assert names(sender) == ["Iris"]


def test_of_parallel_requests_one_has_an_effect(sender):
    body = {"name": "Parallel", "algorithm": "RandomForest"}
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: sender.post("/api/v1/models", headers={"Idempotency-Key": "parallel"}, json=body), range(20)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    made = {answer.text for answer in answers if answer.status_code == 201}
    assert len(made) == 1 and names(sender).count("Parallel") == 1


def test_what_failed_can_be_sent_again_with_the_same_key(sender):
    key = {"Idempotency-Key": "second try"}
    error(sender.post("/api/v1/models", headers=key, json={"name": ""}), 400, "SCHEMA_VIOLATION")
    assert sender.post("/api/v1/models", headers=key, json={"name": "Mended", "algorithm": "SVM"}).status_code == 201


@pytest.mark.parametrize("key", ["x" * 256, "tab\tin it", "café"])
def test_keys_that_are_none(sender, key):
    error(sender.post("/api/v1/models", headers={"Idempotency-Key": key.encode()}, json={"name": "None"}), 400, "INVALID_INPUT")


def test_keys_belong_to_their_callers_and_show_no_secret_twice(server, sender, stranger):
    key = {"Idempotency-Key": "mine"}
    first = sender.post("/api/v1/api-keys", headers=key, json={"name": "once"})
    assert first.status_code == 201
    again = error(sender.post("/api/v1/api-keys", headers=key, json={"name": "once"}), 409, "CONFLICT")
    assert first.json()["key"] not in str(again)
    secret = first.json()["key"].encode()
    assert not any(secret in path.read_bytes() for path in server.data.glob("*.sqlite*"))
    assert stranger.post("/api/v1/models", headers=key, json={"name": "Of a stranger", "algorithm": "SVM"}).status_code == 201
    other = requests.post(server.url + "/api/v1/models", headers={"X-API-Key": first.json()["key"], **KEY}, json={"name": "Other"})
    error(other, 422, "UNPROCESSABLE")


def test_predictions_are_answered_anew_and_kept_nowhere_but_queued_ones_are_queued_once(server, sender, truth):
    model, _, _ = sender.publish(FIXTURES / "iris.joblib", name="Asked")
    key = {"Idempotency-Key": "prediction"}
    for row in (truth["row"], truth["row"], [1, 2, 3, 4]):
        assert sender.predict(model, row, headers=key).status_code == 200
    queued = [sender.post(f"{URL}/{model}/predict?async=true", headers={"Idempotency-Key": "queued"}, json={"data": truth["row"]}) for _ in range(3)]
    assert {answer.status_code for answer in queued} == {202} and len({answer.json()["job_id"] for answer in queued}) == 1


def test_a_body_that_is_not_looked_at_is_part_of_the_request_all_the_same(sender):
    key = {"Idempotency-Key": "unread"}
    url = "/api/v1/notifications/read"
    assert sender.post(url, headers=key, json={}).status_code == sender.post(url, headers=key, json={}).status_code == 200
    error(sender.post(url, headers=key, json={"x": 1}), 422, "UNPROCESSABLE")
    error(sender.post(url, headers={"Idempotency-Key": "long"}, data=b"x" * (9 << 20)), 413, "PAYLOAD_TOO_LARGE")


def test_a_secret_is_kept_nowhere_by_whatever_form_of_the_address(server, sender):
    made = sender.post("//api//v1/api-keys", headers={"Idempotency-Key": "slashes"}, json={"name": "odd"})
    if made.status_code == 201:
        secret = made.json()["key"].encode()
        files = list(server.data.glob("*.sqlite*"))
        assert files and not any(secret in path.read_bytes() for path in files)
    else:
        assert made.status_code == 404


def test_a_request_during_which_the_server_stopped_is_not_carried_out_twice(tmp_path):
    server = Server(tmp_path).start()
    client = server.account("patient")
    boundary = "cut"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="name"\r\n\r\nCut\r\n'.encode()

    def send():
        def body():
            yield head
            threading.Event().wait(3)
            yield f"--{boundary}--\r\n".encode()

        headers = {"Idempotency-Key": "cut", "Content-Type": f"multipart/form-data; boundary={boundary}"}
        try:
            client.post(URL, data=body(), headers=headers)
        except requests.ConnectionError:
            pass

    thread = threading.Thread(target=send)
    thread.start()
    error_while_running = None
    for _ in range(50):
        threading.Event().wait(0.05)
        answer = requests.post(server.url + URL, headers={**client.headers, "Idempotency-Key": "cut"}, files={"name": "x"})
        if answer.status_code == 409:
            error_while_running = error(answer, 409, "CONFLICT")
            break
    assert error_while_running and "at work" in error_while_running["message"]
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    thread.join()
    server.start()
    body = error(requests.post(server.url + URL, headers={**client.headers, "Idempotency-Key": "cut"}, files={"name": "x"}), 409, "CONFLICT")
    assert "not known" in body["message"]
    server.stop()
