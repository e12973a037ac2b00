"""Versions in the hand: signed manifests, bundles from server to server, comparison."""

import base64
import hashlib
import io
import json
import subprocess
import tarfile

import pytest
import requests
from conftest import BINARY, FIXTURES, Server, error

ROW = [6.3, 3.3, 6.0, 2.5]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("bundles")).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def owner(place):
    return place.account("owner")


@pytest.fixture(scope="module")
def model(owner):
    made = owner.publish(
        FIXTURES / "iris.joblib", name="Signed", tags='["a", "b"]', description="About flowers", hyperparameters='{"depth": 3}', metrics='{"accuracy": 0.9}',
        files={"custom_api": ("custom_api.py", "def custom_predict(model, rows):\n    return model.predict(rows)\n")}, sample_input="[[6.3, 3.3, 6.0, 2.5]]",
    )  # fmt: skip
    return made[0]


def bundle(client, model, version="v1.0"):
    answer = client.get(f"/api/v1/models/{model}/versions/{version}/bundle")
    assert answer.status_code == 200, answer.text
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    return answer.content


def members(content):
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}


def packed(files):
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return memory.getvalue()


def statement(files):
    return json.loads(base64.b64decode(json.loads(files["provenance.dsse.json"])["payload"]))


def key_of(server):
    return requests.get(server.url + "/api/v1/signing-key").json()


def take(client, content, **fields):
    return client.post("/api/v1/models/import", data=fields, files={"bundle": ("bundle.tar", content)})


def verify(path, *arguments):
    return subprocess.run([BINARY, "verify", str(path), *arguments], capture_output=True, text=True)


def test_a_bundle_holds_what_was_signed_and_others_can_check_it(place, owner, model):
    content = bundle(owner, model)
    assert content == bundle(owner, model, "latest"), "the same bytes each time"
    files = members(content)
    said = statement(files)
    assert said["_type"] == "https://in-toto.io/Statement/v1" and said["predicate"]["model"]["name"] == "Signed"
    assert {subject["name"]: subject["digest"]["sha256"] for subject in said["subject"]} == {
        name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name not in ("provenance.dsse.json", "signing-key.pub")
    }
    assert {"model.joblib", "custom_api.py", "environment.lock", "scan.json", "validation_report.json", "sample_input.json"} <= set(files)
    assert files["model.joblib"] == (FIXTURES / "iris.joblib").read_bytes() and b"--hash=sha256:" in files["environment.lock"]
    assert said["predicate"]["version"]["created_by"] == owner.user["id"] and said["predicate"]["environment"]["packages"]["scikit-learn"]
    # Checked by another library, after the specification: https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
    envelope = json.loads(files["provenance.dsse.json"])
    payload = base64.b64decode(envelope["payload"])
    message = b"DSSEv1 %d %s %d %s" % (len(envelope["payloadType"]), envelope["payloadType"].encode(), len(payload), payload)
    public = base64.b64decode(key_of(place)["public_key"])
    assert is_ed25519(public, base64.b64decode(envelope["signatures"][0]["sig"]), message)
    assert not is_ed25519(public, base64.b64decode(envelope["signatures"][0]["sig"]), message + b" ")


def is_ed25519(public, signature, message):
    """By openssl, with the key in the DER form of RFC 8410."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("key.der", "signature", "message")]
        for path, content in zip(paths, (bytes.fromhex("302a300506032b6570032100") + public, signature, message)):
            path.write_bytes(content)
        key, sig, text = paths
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", key, "-rawin", "-in", text, "-sigfile", sig]
        return subprocess.run(command, capture_output=True).returncode == 0


def test_verify_without_a_server(tmp_path, place, owner, model):
    path = tmp_path / "bundle.tar"
    content = bundle(owner, model)
    path.write_bytes(content)
    key = key_of(place)["public_key"]
    good = verify(path, "--key", key)
    assert good.returncode == 0 and "model.joblib" in good.stdout and key_of(place)["key_id"] in good.stdout, good.stderr
    assert verify(path, "--any-key").returncode == 0 and "not asked for" in verify(path, "--any-key").stdout
    assert verify(path).returncode != 0
    stranger = base64.b64encode(bytes(31) + b"\x01").decode()
    assert verify(path, "--key", stranger).returncode == 1
    files = members(content)
    for change in (
        {"model.joblib": files["model.joblib"][:-1] + b"x"}, {"custom_api.py": b"import os"}, {"extra.txt": b"x"}, {"environment.lock": b""},
        {"provenance.dsse.json": files["provenance.dsse.json"].replace(b'"sig":"', b'"sig":"A', 1)},
    ):  # fmt: skip
        path.write_bytes(packed({**files, **change}))
        assert verify(path, "--key", key).returncode == 1, change.keys()
    path.write_bytes(packed({name: data for name, data in files.items() if name != "scan.json"}))
    assert verify(path, "--key", key).returncode == 1
    path.write_bytes(content[: len(content) // 2])
    assert verify(path, "--key", key).returncode == 1


def test_a_bundle_is_imported_elsewhere_and_serves_there(tmp_path, place, owner, model):
    there = Server(tmp_path / "there").start()
    client = there.account("importer")
    answer = take(client, bundle(owner, model), name="From elsewhere")
    assert answer.status_code == 201, answer.text
    assert answer.json()["signed_by"] == {**{name: key_of(place)[name] for name in ("key_id", "public_key")}, "is_trusted": False}
    data = answer.json()["data"]
    assert client.await_validation(data["model_id"], data["validation_id"])["overall_status"] in ("passed", "warning")
    assert client.predict(data["model_id"], ROW).json()["prediction"] == owner.predict(model, ROW).json()["prediction"]
    details = client.get(f"/api/v1/models/{data['model_id']}").json()
    assert details["name"] == "From elsewhere" and details["tags"] == ["a", "b"] and details["hyperparameters"] == {"depth": 3}
    assert details["owner_id"] == client.user["id"] and details["training"]["imported_from"]["model_id"] == model
    error(take(client, packed({**members(bundle(owner, model)), "model.joblib": b"evil"})), 400, "INVALID_INPUT")
    assert client.get("/api/v1/ml-models").json()["total"] == 1 and list((there.data / "uploads").iterdir()) == []
    there.stop()


def test_only_bundles_of_trusted_keys_are_imported_where_some_are_named(tmp_path, place, owner, model):
    content = bundle(owner, model)
    for key, status in ((key_of(place)["public_key"], 201), (base64.b64encode(bytes(31) + b"\x01").decode(), 400)):
        there = Server(tmp_path / str(status), trusted_keys=key).start()
        answer = take(there.account("importer"), content)
        assert answer.status_code == status, answer.text
        assert status == 400 or answer.json()["signed_by"]["is_trusted"] is True
        there.stop()


def test_a_bundle_that_would_run_something_is_refused_although_it_is_signed(tmp_path, place, owner, model):
    files = members(bundle(owner, model))
    said = statement(files)
    evil = (FIXTURES / "evil-call.pkl").read_bytes()
    facts = next(file for file in said["predicate"]["files"] if file["name"] == "model.joblib")
    facts["size_bytes"], facts["sha256"] = len(evil), hashlib.sha256(evil).hexdigest()
    next(subject for subject in said["subject"] if subject["name"] == "model.joblib")["digest"]["sha256"] = facts["sha256"]
    forged = {**files, "model.joblib": evil, **signed(tmp_path, said)}
    assert "Security violation" in error(take(owner, packed(forged)), 400, "INVALID_INPUT")["message"]


@pytest.mark.parametrize("member, value", [("predicateType", "urn:martlet:provenance:v2"), ("_type", "https://in-toto.io/Statement/v9")])
def test_a_manifest_of_another_kind_is_not_read_as_one_of_ours(tmp_path, owner, model, member, value):
    files = members(bundle(owner, model))
    said = statement(files)
    assert take(owner, packed({**files, **signed(tmp_path, said)}), name=f"as it was {member}").status_code == 201
    error(take(owner, packed({**files, **signed(tmp_path, {**said, member: value})})), 400, "INVALID_INPUT")


def test_a_member_outside_of_the_bundle_is_refused(owner, model):
    error(take(owner, packed({**members(bundle(owner, model)), "../x": b""})), 400, "INVALID_INPUT")


def signed(folder, said):
    """The statement as somebody with a key of their own signs it: https://github.com/secure-systems-lab/dsse"""
    key, public = ed25519(folder)
    payload = json.dumps(said).encode()
    kind = "application/vnd.in-toto+json"
    (folder / "message").write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload))
    subprocess.run(["openssl", "pkeyutl", "-sign", "-inkey", key, "-rawin", "-in", folder / "message", "-out", folder / "sig"], check=True)
    signature = base64.b64encode((folder / "sig").read_bytes()).decode()
    envelope = {"payloadType": kind, "payload": base64.b64encode(payload).decode(), "signatures": [{"sig": signature}]}
    return {"provenance.dsse.json": json.dumps(envelope).encode(), "signing-key.pub": public}


def ed25519(folder):
    key = folder / "key.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True, capture_output=True)
    der = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
    return key, base64.b64encode(der[-32:])


@pytest.mark.parametrize("runtime", ["swift", "python"])
def test_a_manifest_that_was_changed_stops_the_next_load(tmp_path, runtime):
    server = Server(tmp_path).start()
    client = server.account("owner")
    model, version, _ = client.publish(FIXTURES / "iris.joblib", name="Guarded", runtime=runtime)
    manifest = next(server.data.glob("models/*/*/v1/provenance.dsse.json"))
    good = manifest.read_bytes()
    envelope = json.loads(good)
    for change in ("sig", "gone", "other"):
        server.stop()
        if change == "sig":
            said = json.loads(base64.b64decode(envelope["payload"]))
            said["predicate"]["model"]["name"] = "Another"
            manifest.write_text(json.dumps({**envelope, "payload": base64.b64encode(json.dumps(said).encode()).decode()}))
        elif change == "gone":
            manifest.unlink()
        else:
            manifest.write_bytes(b"{}")
        server.start()
        assert client.predict(model, ROW).status_code >= 500, change
        error(client.get(f"/api/v1/models/{model}/versions/v1.0/bundle"), 500, "STORAGE_FAILURE")
    server.stop()
    manifest.write_bytes(good)
    server.start()
    assert client.predict(model, ROW).json()["label"] == 2
    server.stop()


def test_encrypted_versions_are_signed_and_bundled_too(tmp_path):
    server = Server(tmp_path, encryption="on", master_key="ab" * 32).start()
    client = server.account("owner")
    model, _, _ = client.publish(FIXTURES / "iris.joblib", name="Sealed")
    path = tmp_path / "bundle.tar"
    path.write_bytes(bundle(client, model))
    assert verify(path, "--key", key_of(server)["public_key"]).returncode == 0
    stored = next(server.data.glob("models/*/*/v1/provenance.dsse.json")).read_bytes()
    assert b"payload" not in stored
    server.stop()


def test_who_may_not_download_gets_no_bundle(owner, model, place):
    other = place.account("other")
    error(other.get(f"/api/v1/models/{model}/versions/v1.0/bundle"), 404, "MODEL_NOT_FOUND")
    registered = owner.post("/api/v1/models", json={"name": "no file", "algorithm": "svm"}).json()["model_id"]
    error(owner.get(f"/api/v1/models/{registered}/versions/v1.0/bundle"), 409, "CONFLICT")
    for content in (b"", b"x" * 2000, packed({"a": b"b"})):
        assert take(owner, content).status_code == 400


def test_two_versions_are_compared(owner):
    model, _, _ = owner.publish(FIXTURES / "iris.joblib", name="Compared", metrics='{"accuracy": 0.9, "f1": 0.8}', hyperparameters='{"depth": 3, "seed": 1}')
    answer = owner.upload(FIXTURES / "iris-xgboost.json", model=model, model_type="xgboost", metrics='{"accuracy": 0.95}', hyperparameters='{"depth": 5}')
    if answer.status_code == 202:
        owner.await_validation(model, answer.json()["validation_id"])
    else:
        raise AssertionError(answer.text)
    compared = owner.get(f"/api/v1/models/{model}/compare", params={"from": "v1.0", "to": "latest"}).json()["data"]
    assert compared["from"]["version"] == "v1.0" and compared["to"]["version"] == "v1.1"
    assert compared["metrics"]["accuracy"]["from"] == 0.9 and abs(compared["metrics"]["accuracy"]["difference"] - 0.05) < 1e-9
    assert compared["hyperparameters"] == {"added": {}, "removed": {"seed": 1}, "changed": {"depth": {"from": 3, "to": 5}}}
    assert compared["file"]["changed"]["format"] == {"from": "joblib", "to": "xgboost_json"} and "xgboost" in compared["environment"]["added"]
    predictions = compared["predictions"]
    assert predictions["compared"] is True and predictions["rows"] == 10 and 0 <= predictions["equal_rows"] <= 10 and len(predictions["examples"]) == 10
    same = owner.get(f"/api/v1/models/{model}/compare", params={"from": "v1.0", "to": "v1.0"}).json()["data"]["predictions"]
    assert same["equal_rows"] == same["rows"] and same["largest_difference"] == 0
    assert owner.get(f"/api/v1/models/{model}/compare").json()["data"] == compared, "the one that serves, and the newest"
    error(owner.get(f"/api/v1/models/{model}/compare", params={"from": "v1.0", "to": "v9.0"}), 404, "NOT_FOUND")
