"""Several models in one archive with a manifest."""

import io
import json
import tarfile
import zipfile

import pytest
from conftest import FIXTURES, Server, error

URL = "/api/v1/models/upload/batch"
ROW = [6.3, 3.3, 6.0, 2.5]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("archives"), max_upload=4 << 20).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def owner(place):
    return place.account("owner")


def manifest(*models):
    return json.dumps({"models": list(models)}).encode()


def zipped(files, compression=zipfile.ZIP_DEFLATED):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return memory.getvalue()


def tarred(files, mode="w"):
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode=mode) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return memory.getvalue()


def send(client, content, name="models.zip"):
    return client.post(URL, files={"archive": (name, content)})


def models(**more):
    iris, ridge = (FIXTURES / "iris.joblib").read_bytes(), (FIXTURES / "ridge.joblib").read_bytes()
    text = manifest(
        {"file": "iris.joblib", "name": "Iris", "tags": ["flowers"], "metrics": {"accuracy": 0.9}, "is_public": True, **more},
        {"file": "deep/ridge.joblib", "name": "Ridge", "version": "2.3.4", "requirements_file": "requirements.txt"},
    )
    return {"manifest.json": text, "iris.joblib": iris, "deep/ridge.joblib": ridge, "requirements.txt": b"numpy>=1.20\n"}


@pytest.mark.parametrize("pack", [zipped, tarred, lambda files: tarred(files, "w:gz")], ids=["zip", "tar", "tar.gz"])
def test_each_model_of_an_archive_is_stored_and_serves(place, pack, request):
    owner = place.account(f"packer-{request.node.callspec.id.replace('.', '-')}")
    answer = send(owner, pack({f"folder/{name}": content for name, content in models().items()}))
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body["success"] is True and body["succeeded"] == 2 and [entry["file"] for entry in body["results"]] == ["iris.joblib", "deep/ridge.joblib"]
    iris, ridge = (entry["data"] for entry in body["results"])
    assert ridge["version"] == "2.3.4"
    for model in (iris, ridge):
        assert owner.await_validation(model["model_id"], model["validation_id"])["overall_status"] in ("passed", "warning")
    assert owner.predict(iris["model_id"], ROW).json()["label"] == 2
    details = owner.get(f"/api/v1/models/{iris['model_id']}").json()
    assert details["tags"] == ["flowers"] and details["metrics"] == {"accuracy": 0.9} and details["is_public"] is True


def test_a_model_that_is_refused_does_not_hold_the_others_up(owner):
    files = models()
    files["manifest.json"] = manifest(
        {"file": "iris.joblib", "name": "Good"}, {"file": "evil.pkl", "name": "Evil"}, {"file": "missing.pkl", "name": "Missing"}, {"file": "iris.joblib"},
        {"file": "iris.joblib", "name": "Odd", "version": "one"}, {"name": "Nothing"},
    )  # fmt: skip
    files["evil.pkl"] = (FIXTURES / "evil-call.pkl").read_bytes()
    answer = send(owner, zipped(files))
    assert answer.status_code == 207
    results = answer.json()["results"]
    assert [entry["status"] for entry in results] == ["created"] + ["failed"] * 5 and answer.json()["failed"] == 5
    assert "Security violation" in results[1]["error"]["message"] and results[1]["error"]["details"]["findings"]
    for place, pointer in ((2, "/models/2/file"), (3, "/name"), (4, "/version"), (5, "/model_file")):
        assert pointer in results[place]["error"]["message"], results[place]
    assert list((owner.server.data / "uploads").iterdir()) == []


def linked():
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w") as archive:
        member = tarfile.TarInfo("iris.joblib")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member)
        text = manifest({"file": "iris.joblib", "name": "Link"})
        member = tarfile.TarInfo("manifest.json")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return memory.getvalue()


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "SCHEMA_VIOLATION"), (b"no archive at all" * 50, 400, "INVALID_INPUT"), (zipped({"a": b"x"}), 400, "SCHEMA_VIOLATION"),
        (zipped({"manifest.json": b"{"}), 400, "SCHEMA_VIOLATION"), (zipped({"manifest.json": manifest()}), 400, "SCHEMA_VIOLATION"),
        (zipped({"manifest.json": manifest(*[{"file": "a", "name": "n"}] * 101)}), 400, "SCHEMA_VIOLATION"),
        (zipped({"manifest.json": manifest("x")}), 400, "SCHEMA_VIOLATION"), (zipped(models())[:-30], 400, "INVALID_INPUT"), (linked(), 400, "INVALID_INPUT"),
        (zipped({**models(), "../out": b"x"}), 400, "INVALID_INPUT"), (tarred({**models(), "/etc/x": b"x"}), 400, "INVALID_INPUT"),
        (zipped({**models(), "Manifest.json": b"x"}), 400, "INVALID_INPUT"), (zipped({"manifest.json": manifest({"file": "0", "name": "n"}), "0": bytes(40 << 20)}), 413, "PAYLOAD_TOO_LARGE"),
        (zipped({f"{i}": b"" for i in range(1200)}), 413, "PAYLOAD_TOO_LARGE"), (bytes(5 << 20), 413, "PAYLOAD_TOO_LARGE"),
    ],
    ids=["empty", "text", "no manifest", "no JSON", "no models", "too many", "no object", "cut", "link", "out", "absolute", "twice", "bomb", "members", "too large"],
)  # fmt: skip
def test_archives_that_are_refused_leave_nothing(owner, content, status, code):
    before = owner.get("/api/v1/ml-models").json()["total"]
    error(send(owner, content), status, code)
    assert owner.get("/api/v1/ml-models").json()["total"] == before
    assert list((owner.server.data / "uploads").iterdir()) == []


def test_each_model_counts_as_an_upload(tmp_path):
    server = Server(tmp_path, upload_rate_limit=3).start()
    client = server.account("free")
    files = models()
    files["manifest.json"] = manifest(*[{"file": "iris.joblib", "name": f"Iris {i}"} for i in range(5)])
    results = send(client, zipped(files)).json()["results"]
    assert [entry["status"] for entry in results] == ["created"] * 3 + ["failed"] * 2
    assert {entry["error"]["code"] for entry in results[3:]} == {"RATE_LIMITED"}
    server.stop()
