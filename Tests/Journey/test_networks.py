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
    model, _, report = publish(networks, name)
    for row, prediction in zip(expected["rows"], expected["predictions"]):
        answer = networks.predict(model, row)
        assert answer.status_code == 200, answer.text
        assert same(answer.json()["prediction"], prediction), (answer.json(), prediction)
    body = networks.predict_batch(model, expected["rows"]).json()
    assert same(body["predictions"], expected["predictions"]), body


def test_weights_without_a_network_are_refused_with_a_way_out(networks):
    path = FIXTURES / "formats" / "state.pt"
    _, _, report = networks.publish(path, name="Weights", model_type="pytorch", requirements="torch==2.13.0", expect=("failed",))
    assert "torch.export" in report["results"]["functionality_test"]["details"]
