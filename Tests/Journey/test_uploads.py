"""Files in parts: any order, cut lines, restarts, digests, quotas; the examples that users would run."""

import base64
import hashlib
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from conftest import FIXTURES, ROOT, Server, error
from test_registry import register

def array(path, count):
    """An .npy file of random numbers: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html"""
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({count},), }}".encode().ljust(117) + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + os.urandom(8 * count))
    return path


PART = 65536
URL = "/api/v1/uploads"


@pytest.fixture(scope="module", params=["clear", "encrypted"])
def place(request, tmp_path_factory):
    settings = {} if request.param == "clear" else {"encryption": "on", "master_key": "ab" * 32}
    server = Server(tmp_path_factory.mktemp("uploads"), **settings).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def owner(place):
    return place.account("owner")


@pytest.fixture(scope="module")
def other(place):
    return place.account("other")


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A model of several parts that differs each time: bytes of a .npy array."""
    return array(tmp_path_factory.mktemp("large") / "weights.npy", 40_000)


def begin(client, path, **more):
    content = path.read_bytes()
    wanted = {"file_name": path.name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "part_size": PART, **more}
    answer = client.post(URL, json=wanted)
    assert answer.status_code == 201, answer.text
    return answer.json(), content


def send(client, upload, number, content, digest=True):
    part = content[(number - 1) * PART : number * PART]
    headers = {"Content-Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(part).digest()).decode()}:"} if digest else {}
    return client.put(f"{URL}/{upload['upload_id']}/parts/{number}", data=part, headers=headers)


def complete(client, upload, **fields):
    return client.post(f"{URL}/{upload['upload_id']}/complete", json={"name": "in parts", "model_type": "custom", **fields})


def test_parts_come_in_any_order_and_survive_a_kill(place, owner, large):
    upload, content = begin(owner, large)
    assert upload["parts"] == 5 and upload["missing"] == [1, 2, 3, 4, 5]
    for number in (4, 1, 5):
        assert send(owner, upload, number, content).status_code == 200
    missing = error(complete(owner, upload), 409, "CONFLICT")["details"]["missing"]
    assert missing == [2, 3]
    place.kill()
    place.start()
    state = owner.get(f"{URL}/{upload['upload_id']}").json()
    assert state["missing"] == [2, 3] and not state["is_complete"]
    assert [entry["upload_id"] for entry in owner.get(URL).json()["data"]] == [upload["upload_id"]]
    for number in (3, 2, 2):
        assert send(owner, upload, number, content).status_code == 200
    answer = complete(owner, upload, version="2.3.4")
    assert answer.status_code == 201, answer.text
    data = answer.json()["data"]
    assert data["checksum"] == "sha256:" + hashlib.sha256(content).hexdigest() and data["version"] == "2.3.4"
    owner.await_validation(data["model_id"], data["validation_id"])
    assert owner.get(f"/api/v1/models/{data['model_id']}/download").content == content
    error(owner.get(f"{URL}/{upload['upload_id']}"), 404, "NOT_FOUND")
    assert not list(place.data.glob("resumable/*")) and not list(place.data.glob("uploads/*"))


def test_what_the_server_has_is_not_sent_again(owner, other, large):
    digest = hashlib.sha256(large.read_bytes()).hexdigest()
    assert owner.head(f"{URL}/digests/{digest}").status_code == 200
    assert owner.head(f"{URL}/digests/{'0' * 64}").status_code == 404
    assert other.head(f"{URL}/digests/{digest}").status_code == 404, "somebody else's files are nobody's business"
    upload, content = begin(owner, large)
    assert upload["missing"] == [] and upload["is_complete"]
    data = complete(owner, upload, name="again").json()["data"]
    assert owner.get(f"/api/v1/models/{data['model_id']}/download").content == content
    upload, _ = begin(other, large)
    assert len(upload["missing"]) == 5
    assert other.delete(f"{URL}/{upload['upload_id']}").status_code == 200


def test_parts_that_are_not_what_they_should_be_are_not_kept(owner, other, large):
    upload, content = begin(owner, large, sha256=None)
    url = f"{URL}/{upload['upload_id']}/parts"
    wrong = base64.b64encode(b"0" * 32).decode()
    assert owner.put(f"{url}/1", data=content[:PART], headers={"Content-Digest": f"sha-256=:{wrong}:"}).status_code == 400
    assert owner.put(f"{url}/1", data=content[: PART - 1]).status_code == 400
    assert owner.put(f"{url}/1", data=content[: PART + 1]).status_code == 400
    assert owner.put(f"{url}/1", data=content[:PART], headers={"Content-Digest": "sha-256=x"}).status_code == 400
    for number in ("0", "6", "x", "99999999999999999999"):
        assert owner.put(f"{url}/{number}", data=b"x").status_code == 404, number
    error(other.put(f"{url}/1", data=content[:PART]), 404, "NOT_FOUND")
    error(other.get(f"{URL}/{upload['upload_id']}"), 404, "NOT_FOUND")
    error(other.post(f"{URL}/{upload['upload_id']}/complete", json={"name": "x"}), 404, "NOT_FOUND")
    assert owner.get(f"{URL}/{upload['upload_id']}").json()["missing"] == [1, 2, 3, 4, 5]
    owner.delete(f"{URL}/{upload['upload_id']}")


def test_a_whole_that_is_not_what_was_announced_is_refused(owner, large):
    upload, content = begin(owner, large, sha256="1" * 64)
    for number in range(1, 6):
        assert send(owner, upload, number, content, digest=False).status_code == 200
    assert "/sha256" in error(complete(owner, upload), 400, "SCHEMA_VIOLATION")["message"]
    owner.delete(f"{URL}/{upload['upload_id']}")


def test_parts_at_once_and_completions_at_once_make_one_version(owner, tmp_path):
    path = array(tmp_path / "many.npy", 80_000)
    upload, content = begin(owner, path)
    numbers = [*upload["missing"], *upload["missing"]]
    random.shuffle(numbers)
    with ThreadPoolExecutor(8) as pool:
        assert {answer.status_code for answer in pool.map(lambda number: send(owner, upload, number, content), numbers)} == {200}
        answers = list(pool.map(lambda _: complete(owner, upload, name="raced"), range(6)))
    assert sorted(answer.status_code for answer in answers).count(201) == 1, [answer.text[:100] for answer in answers]
    assert all(answer.status_code in (201, 404, 409) for answer in answers) and owner.get("/api/v1/models", params={"search": "raced"}).json()["pagination"]["total"] == 1


def test_a_file_in_parts_for_a_registered_version(owner, large, tmp_path):
    model = register(owner, name="registered for parts")["model_id"]
    upload, content = begin(owner, FIXTURES / "iris.joblib")
    assert upload["missing"] == [1]
    assert send(owner, upload, 1, content).status_code == 200
    answer = complete(owner, upload, model_id=model, model_type="sklearn")
    assert answer.status_code == 201 and answer.json()["data"]["model_id"] == model and answer.json()["data"]["version"] == "1.0.0", answer.text


def test_faults_and_bounds(owner):
    good = {"file_name": "a.npy", "size": 100_000, "part_size": PART}
    for wrong in ({"file_name": ""}, {"size": 0}, {"size": -1}, {"part_size": 1000}, {"part_size": 1 << 30}, {"sha256": "x"}, {"size": "many"}):
        assert owner.post(URL, json={**good, **wrong}).status_code == 400, wrong
    error(owner.post(URL, json={**good, "size": 1 << 40}), 413, "PAYLOAD_TOO_LARGE")
    made = []
    while (answer := owner.post(URL, json=good)).status_code == 201:
        made.append(answer.json()["upload_id"])
        assert len(made) <= 20
    error(answer, 403, "QUOTA_EXCEEDED")
    for upload in made:
        assert owner.delete(f"{URL}/{upload}").status_code == 200
    viewer = owner.post("/api/v1/api-keys", json={"name": "v", "scope": {"permissions": ["models:read"]}}).json()["key"]
    error(requests.post(owner.server.url + URL, json=good, headers={"Authorization": f"Bearer {viewer}"}), 403, "FORBIDDEN")


def test_hostile_content_in_parts_is_refused_like_any_other(owner):
    upload, content = begin(owner, FIXTURES / "evil-call.pkl")
    send(owner, upload, 1, content)
    error(complete(owner, upload, name="hostile", model_type="sklearn"), 400, "INVALID_INPUT")
    assert owner.get("/api/v1/models", params={"search": "hostile"}).json()["pagination"]["total"] == 0


@pytest.mark.parametrize("example", ["upload_in_parts.py", "upload_in_parts.sh"])
def test_the_examples_work(owner, example, tmp_path):
    path = array(tmp_path / "weights.npy", 200_000)
    environment = {**os.environ, "MARTLET_URL": owner.server.url, "MARTLET_KEY": owner.key}
    arguments = [str(path), "--name", example, "--framework", "other", "--part-size", "262144"] if example.endswith("py") else [str(path), example, "other"]
    program = [sys.executable] if example.endswith("py") else []
    run = subprocess.run([*program, str(ROOT / "examples" / example), *arguments], capture_output=True, text=True, env=environment)
    assert run.returncode == 0 and "part 1 of" in run.stdout, run.stdout + run.stderr
    model = owner.get("/api/v1/models", params={"search": example}).json()["models"][0]["id"]
    assert owner.get(f"/api/v1/models/{model}/download").content == path.read_bytes()
