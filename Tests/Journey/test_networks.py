"""Networks of PyTorch, Keras and TensorFlow, each in its own library's environment."""

import json

import pytest
from conftest import FIXTURES
from test_onnx import same

FOLDER = FIXTURES / "networks"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
TORCH = ["pt", "pth", "pt2"]


def publish(client, name, **arguments):
    """PyTorch is pinned to a version that may lie among the installer's local wheels."""
    expected = EXPECTED[name]
    if name.split(".")[-1] in TORCH:
        arguments["requirements"] = "torch==2.13.0"
    if "sample" in expected:
        arguments["files"] = {"sample_input": ("sample.json", json.dumps(expected["sample"]).encode())}
    return client.publish(FOLDER / name, name=name, model_type=expected["model_type"], **arguments)


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    """A server whose workers have room for TensorFlow."""
    import os

    from conftest import Server

    if "PIP_FIND_LINKS" in os.environ:
        os.environ["UV_FIND_LINKS"] = os.environ["PIP_FIND_LINKS"]
    server = Server(tmp_path_factory.mktemp("networks"), prediction_timeout_ms=20000, worker_memory=3 << 30).start()
    yield server.account("networks")
    server.stop()


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_network_answers_as_its_library_does(networks, name):
    expected = EXPECTED[name]
    model, version, report = publish(networks, name)
    conversion = networks.get(f"/api/v1/ml-models/{model}").json()["data"]["current_version"]["conversion"]
    if expected.get("runtime") == "python":
        assert report["runtime"] == "python" and "not converted" in report["runtime_reason"] and conversion is None
    else:
        assert report["runtime"] == "onnx" and "agrees" in report["runtime_reason"], report["runtime_reason"]
        assert conversion["format"] == "onnx" and len(conversion["sha256"]) == 64 and "onnx" in conversion["tools"]
    for row, prediction in zip(expected["rows"], expected["predictions"]):
        answer = networks.predict(model, row)
        assert answer.status_code == 200, answer.text
        assert answer.json()["runtime"] == report["runtime"]
        assert same(answer.json()["prediction"], prediction), (answer.json(), prediction)
    body = networks.predict_batch(model, expected["rows"]).json()
    assert same(body["predictions"], expected["predictions"]), body


@pytest.mark.parametrize("name", ["dense.pt", "two.keras"])
def test_the_library_itself_serves_when_asked(networks, name):
    expected = EXPECTED[name]
    model, _, report = publish(networks, name, runtime="python")
    assert report["runtime"] == "python"
    assert same(networks.predict_batch(model, expected["rows"]).json()["predictions"], expected["predictions"])
    _, _, report = publish(networks, name, runtime="swift", expect=("failed",))
    assert "'swift'" in report["results"]["functionality_test"]["details"]


def test_what_does_not_convert_is_refused_when_onnx_was_asked_for(networks):
    _, _, report = publish(networks, "pair.pt", runtime="onnx", expect=("failed",))
    assert "shapes" in report["results"]["functionality_test"]["details"]


def test_a_converted_network_survives_a_restart(networks):
    expected = EXPECTED["dense.pt"]
    model, _, _ = publish(networks, "dense.pt")
    networks.server.kill()
    networks.server.start()
    answer = networks.predict(model, expected["rows"][0])
    assert answer.json()["runtime"] == "onnx" and same(answer.json()["prediction"], expected["predictions"][0])
    validation = networks.post(f"/api/v1/ml-models/{model}/validate").json()
    report = networks.await_validation(model, validation["validation_id"])
    assert report["runtime"] == "onnx", "a second validation reads the uploaded file again"


def test_weights_without_a_network_are_refused_with_a_way_out(networks):
    path = FIXTURES / "formats" / "state.pt"
    _, _, report = networks.publish(path, name="Weights", model_type="pytorch", requirements="torch==2.13.0", expect=("failed",))
    assert "torch.export" in report["results"]["functionality_test"]["details"]


def test_a_graph_without_its_variables_is_refused_with_a_way_out(networks):
    _, _, report = networks.publish(FIXTURES / "formats" / "saved_model.pb", name="Graph", model_type="tensorflow", expect=("failed",))
    assert "whole folder" in report["results"]["functionality_test"]["details"]
