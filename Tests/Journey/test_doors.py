"""More attacks on a running server, door by door: headers, files that are handed out, races for the last place, the record of it all."""

import concurrent.futures
import os
import time

import pytest
import requests
from conftest import ADMIN, FIXTURES, administered
from test_attacks import raw

@pytest.fixture(scope="module")
def place(tmp_path_factory):
    yield from administered(tmp_path_factory.mktemp("doors"), max_upload=2 << 20)


@pytest.fixture(scope="module")
def admin(place):
    token = requests.post(place.url + "/api/v1/auth/login", json=ADMIN).json()["access_token"]
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    return session


@pytest.fixture(scope="module")
def owner(place):
    return place.account("owner")


@pytest.fixture(scope="module")
def model(owner):
    return owner.publish(FIXTURES / "iris.joblib", name="Handed out")


@pytest.mark.parametrize("text", ["a\r\nSet-Cookie: a=b", "a\nb", "a\x00b", "a\u2028b", "a\u0085b"])
def test_a_name_is_one_line_wherever_it_is_given(owner, model, text):
    for method, path, body in (
        ("PATCH", f"/api/v1/ml-models/{model[0]}", {"name": text}), ("PATCH", f"/api/v1/models/{model[0]}", {"name": text}), ("POST", "/api/v1/models", {"name": text}),
        ("POST", "/api/v1/api-keys", {"name": text}), ("POST", "/api/v1/uploads", {"file_name": text, "size": 10}),
    ):  # fmt: skip
        answer = owner.request(method, path, json=body)
        assert answer.status_code == 400 and "Set-Cookie" not in answer.headers, (path, answer.status_code, answer.text)


def test_what_is_handed_out_is_taken_for_nothing_else(place, owner, admin, model):
    for session, path in (
        (owner, f"/api/v1/models/{model[0]}/download"), (owner, f"/api/v1/models/{model[0]}/versions/v1.0/bundle"), (owner, f"/api/v1/ml-models/{model[0]}/logs"),
        (admin, "/api/v1/audit/export"),
    ):  # fmt: skip
        answer = session.get(path if path.startswith("http") or session is owner else place.url + path)
        assert answer.status_code in (200, 409), (path, answer.text)
        assert answer.headers["X-Content-Type-Options"] == "nosniff" and "text/html" not in answer.headers["Content-Type"], path
        if answer.status_code == 200 and not path.endswith("/logs"):
            assert answer.headers["Content-Disposition"].startswith("attachment"), path


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /health/live HTTP/1.1\nHost: x\n\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff0\r\nabc\r\n0\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcdeGET /api/v1/users HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["lines", "chunk", "two-encodings", "behind"],
)
def test_no_second_request_hides_in_a_first(place, request_bytes):
    answer = raw(place, request_bytes, 4)
    assert b"HTTP/1.1 5" not in answer and answer.count(b'"email"') == 0, answer[:300]
    assert requests.get(place.url + "/health/live").status_code == 200


def test_a_body_in_pieces_is_cut_where_it_is_too_long(place, owner):
    def pieces(size):
        for _ in range(size >> 16):
            yield b"x" * (1 << 16)

    for path, kind, size in (("/api/v1/api-keys", "application/json", 8 << 20), ("/api/v1/ml-models", "multipart/form-data; boundary=b", 16 << 20)):
        try:
            answer = requests.post(place.url + path, data=pieces(size), headers={**owner.headers, "Content-Type": kind})
        except requests.ConnectionError:
            continue  # the line was cut before all was sent
        assert answer.status_code in (400, 413), (path, answer.status_code)
    assert requests.get(place.url + "/health/live").status_code == 200


def test_the_record_cannot_be_changed_over_the_wire_and_names_who_was_refused(place, admin, owner):
    for method in ("DELETE", "PATCH", "PUT", "POST"):
        assert admin.request(method, place.url + "/api/v1/audit").status_code == 405
    owner.get("/api/v1/users")
    deadline = time.time() + 10
    found = []
    while not found and time.time() < deadline:
        records = admin.get(place.url + "/api/v1/audit", params={"user_id": owner.user["id"], "action": "access.denied"}).json()["data"]
        found = [record for record in records if record["resource_id"] == "GET /api/v1/users"]
        time.sleep(0.2)  # refusals are written in batches
    assert len(found) == 1 and found[0]["details"]["reason"] and found[0]["user_id"] == owner.user["id"], found


def test_many_uploads_for_the_last_place(place, admin):
    client = place.account("crowd")
    change = admin.patch(place.url + f"/api/v1/users/{client.user['id']}", json={"limits": {"models_limit": 1, "uploads_per_hour": 1000}})
    assert change.status_code == 200, change.text
    content = (FIXTURES / "iris.joblib").read_bytes()

    def upload(number):
        return requests.post(
            place.url + "/api/v1/ml-models", headers=client.headers, data={"name": f"m{number}", "model_type": "sklearn"}, files={"file": ("iris.joblib", content)}
        ).status_code

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        codes = sorted(pool.map(upload, range(50)))
    assert codes.count(202) == 1 and set(codes) <= {202, 403, 409, 429}, codes
    assert client.get("/api/v1/ml-models").json()["total"] == 1


def test_a_login_ends_a_session_that_was_brought_along(place):
    mine, theirs = requests.Session(), place.account("fixed").credentials
    other = place.account("fixer").credentials
    assert mine.post(place.url + "/api/v1/auth/session", json=other).status_code == 200
    brought = dict(mine.cookies)
    assert mine.post(place.url + "/api/v1/auth/session", json=theirs).status_code == 200
    assert mine.cookies["martlet_access"] != brought["martlet_access"]
    assert mine.get(place.url + "/api/v1/auth/me").json()["email"] == theirs["email"]


def test_numbers_for_prometheus_tell_no_secret_and_stay_few(place, admin, owner):
    for _ in range(300):
        requests.get(place.url + f"/api/v1/nothing/{os.urandom(8).hex()}")
    text = admin.get(place.url + "/metrics").text
    for secret in (owner.key, ADMIN["password"], owner.credentials["email"]):
        assert secret not in text
    assert "/api/v1/nothing/" not in text and len(text.splitlines()) < 3000
