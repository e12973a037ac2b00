"""ONNX models of every kind of input and output, in the sandboxed native worker of the real server."""

import json
import math
import os
import signal
import threading
import time

import pytest
import requests
from conftest import FIXTURES, error

FOLDER = FIXTURES / "onnx"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())


def same(found, expected):
    """Equal, numbers within what 32 bits hold."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and found.keys() == expected.keys() and all(same(found[key], expected[key]) for key in expected)
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(same(*pair) for pair in zip(found, expected))
    if isinstance(expected, float):
        return isinstance(found, (int, float)) and math.isclose(found, expected, rel_tol=1e-6, abs_tol=1e-7)
    return found == expected


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_model_answers_as_onnx_runtime_does(client, name):
    expected = EXPECTED[name]
    model, _, report = client.publish(FOLDER / f"{name}.onnx", name=name, model_type="onnx")
    assert report["runtime"] == "onnx" and "ONNX Runtime" in report["runtime_reason"]
    for row, prediction in zip(expected["rows"], expected["predictions"]):
        answer = client.predict(model, row)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["runtime"] == "onnx"
        assert same(body["prediction"], prediction), (body["prediction"], prediction)
    together = client.predict_batch(model, expected["rows"])
    if expected.get("alone"):
        assert "one by one" in together.text, together.text
    else:
        body = together.json()
        assert same(body["predictions"], expected["predictions"]), body
        for field in ("labels", "classes"):
            if field in expected:
                assert body[field] == expected[field]
    for row in expected.get("refused", []):
        fault = client.predict(model, row)
        # What the signature tells is refused by the server, the rest by the worker.
        assert fault.status_code in (400, 422) and ("expected" in fault.text or "takes" in fault.text), fault.text


def test_a_list_of_tensors_that_no_request_can_hold_is_refused(client):
    _, _, report = client.publish(FOLDER / "list-too-large.onnx", expect=("failed",), name="Too large", model_type="onnx")
    assert "no size that a request can have" in json.dumps(report)
    assert client.get("/health").status_code == 200


def test_callers_of_a_model_of_lists_do_not_meet(client):
    """Their answers have different lengths, so that joined calls fail and each is answered alone; one's bad input is one's own."""
    model, _, _ = client.publish(FOLDER / "list.onnx", name="Lists together", model_type="onnx")
    cases = [([[1.5, 2], [3]], 200, [1.5, 2, 3]), ([[7]], 200, [7]), ([[1, "x"]], 400, None), ([], 400, None)]
    wrong = []

    def call(parts, status, expected):
        for _ in range(40):
            answer = requests.post(
                f"{client.server.url}/api/v1/ml-models/{model}/predict", json={"data": {"parts": parts}}, headers={"Authorization": f"Bearer {client.key}"}
            )
            if answer.status_code != status or (expected and answer.json()["prediction"] != expected):
                wrong.append(answer.text)

    threads = [threading.Thread(target=call, args=case) for case in cases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[:3]


def test_many_rows_of_a_fixed_vector_of_whole_numbers_are_answered(client):
    """They run row by row, and what is made ready once is not made ready for each row: that would miss the deadline of five seconds."""
    model, _, _ = client.publish(FOLDER / "whole-vector.onnx", name="Many", model_type="onnx")
    rows = [[2**53 + row + place for place in range(100)] for row in range(2_000)]
    answer = client.predict_batch(model, rows)
    assert answer.status_code == 200, answer.text
    assert answer.json()["predictions"] == rows


def test_wrong_shapes_are_named(client):
    model, _, _ = client.publish(FOLDER / "two-arrays.onnx", name="Shapes", model_type="onnx")
    good = [[1, 2], [3, 4]]
    for row, pointer, words in [
        ({"a": good}, "/data/b", "missing"),
        ({"a": good, "b": [[1, 2]]}, "/data/b", "[2, 2]"),
        ({"a": good, "b": [[1, 2], [3]]}, "/data/b", "[2, 2]"),
        ({"a": good, "b": [[1, 2], [3, "x"]]}, "/data/b", "numbers"),
        ({"a": good, "b": 7}, "/data/b", "[2, 2]"),
        ({"a": good, "b": [[[1], [2]], [[3], [4]]]}, "/data/b", "numbers"),
    ]:
        faults = error(client.predict(model, row), 400, "SCHEMA_VIOLATION")["details"]
        assert pointer in json.dumps(faults) and words in json.dumps(faults), faults
    open_width, _, _ = client.publish(FOLDER / "convolution.onnx", name="Open", model_type="onnx")
    image = [[[1.0] * 6] * 5]
    wide = [[[1.0] * 9] * 5]
    assert client.predict(open_width, image).status_code == 200 and client.predict(open_width, wide).status_code == 200
    error(client.predict_batch(open_width, [image, wide]), 400, "SCHEMA_VIOLATION")
    assert client.predict(open_width, [image]).status_code == 200, "the list of all features is a row as well"
    assert client.predict(open_width, {"image": image}).status_code == 200, "the row by name as well"


def test_the_documents_know_arrays(client):
    model, _, _ = client.publish(FOLDER / "convolution.onnx", name="Documented", model_type="onnx")
    document = client.get(f"/api/v1/ml-models/{model}/docs").json()
    schema = json.dumps(document)
    assert '"minItems": 5' in schema and "float32" in schema
    assert client.get(f"/api/v1/ml-models/{model}/docs/ui").status_code == 200


def test_concurrent_callers_get_their_own_rows(client):
    model, _, _ = client.publish(FOLDER / "type-double.onnx", name="Identity", model_type="onnx")
    wrong = []

    def call(number):
        session = requests.Session()
        for turn in range(30):
            row = [number, turn, number * 1000.5 + turn]
            body = session.post(f"{client.server.url}/api/v1/ml-models/{model}/predict", json={"data": row}, headers=client.headers).json()
            if body.get("prediction") != row:
                wrong.append((row, body))

    threads = [threading.Thread(target=call, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[:3]


def test_rows_that_look_at_each_other_are_not_joined(client):
    """The model takes the mean of all rows away: alone, a row is zero."""
    model, _, _ = client.publish(FOLDER / "together.onnx", name="Together", model_type="onnx")
    found = []

    def call(number):
        session = requests.Session()
        for turn in range(20):
            body = session.post(f"{client.server.url}/api/v1/ml-models/{model}/predict", json={"data": [number, turn, 1]}, headers=client.headers).json()
            found.append(body["prediction"])

    threads = [threading.Thread(target=call, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 240 and all(row == [0, 0, 0] for row in found)


def workers():
    """Process ids and states of all native workers."""
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            command = open(f"/proc/{process}/cmdline", "rb").read().split(b"\0")
            status = open(f"/proc/{process}/status").read()
        except OSError:
            continue
        if command[0] == b"/worker":
            yield int(process), dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)


def test_the_worker_stands_behind_both_walls(client):
    client.publish(FOLDER / "logistic.onnx", name="Walled", model_type="onnx")
    found = list(workers())
    assert found
    for process, state in found:
        assert state["Seccomp"] == "2" and int(state["Seccomp_filters"]) >= 2 and state["NoNewPrivs"] == "1", state
        assert int(state["CapEff"], 16) == 0 and int(state["CapBnd"], 16) == 0
        assert os.listdir(f"/proc/{process}/root/") and not os.path.exists(f"/proc/{process}/root{client.server.data}")


def test_a_killed_worker_is_replaced(own_server):
    client = own_server.start().account("killer")
    model, _, _ = client.publish(FOLDER / "logistic.onnx", name="Killed", model_type="onnx")
    row = EXPECTED["logistic"]["rows"][0]
    assert client.predict(model, row).status_code == 200
    killed = [process for process, _ in workers()]
    assert killed
    for process in killed:
        os.kill(process, signal.SIGKILL)
    answers, deadline = [], time.monotonic() + 10
    while (not answers or answers[-1] != 200) and time.monotonic() < deadline:
        answers.append(client.predict(model, row).status_code)
        time.sleep(0.05)
    # The spare was killed as well: one attempt may meet it, and then waits a second.
    assert answers[-1] == 200 and set(answers) <= {200, 503}


def test_what_cannot_serve_is_said(client):
    _, _, report = client.publish(FOLDER / "logistic.onnx", name="Asked", model_type="onnx", runtime="swift", expect=("failed",))
    assert "'swift'" in report["results"]["functionality_test"]["details"]
    broken = bytearray((FOLDER / "logistic.onnx").read_bytes())
    broken = bytes(broken).replace(b"LinearClassifier", b"LinearClassifiex")
    path = FIXTURES.parent / "Journey" / "__pycache__" / "broken.onnx"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(broken)
    _, _, report = client.publish(path, name="Broken", model_type="onnx", expect=("failed",))
    assert "LinearClassifiex" in report["results"]["functionality_test"]["details"]


def test_a_function_of_the_uploader_gets_the_session(client):
    code = b"""
import numpy

def custom_predict(model, input_data):
    rows = numpy.asarray(input_data if isinstance(input_data[0], list) else [row["values"] for row in input_data], "float32")
    return [{"top": int(label)} for label in model.run(None, {"X": rows})[0]]
"""
    model, _, report = client.publish(
        FOLDER / "logistic.onnx", name="Own", model_type="onnx", files={"custom_api": ("custom_api.py", code), "sample_input": ("sample.json", b'{"values": [5, 3, 1, 0.2]}')})
    assert report["runtime"] == "python"
    assert client.predict(model, {"values": [5, 3, 1, 0.2]}).json()["prediction"] == {"top": 0}
