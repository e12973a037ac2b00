"""The wire: errors, accounts, keys, forms, lists, downloads."""

import hashlib
import http.client
import re
import socket
import sqlite3
import time
from urllib.parse import urlparse

import pytest
import requests
from conftest import FIXTURES, error


def raw(server, data, seconds=10):
    """Sends bytes and reads until the server closes."""
    place = urlparse(server.url)
    with socket.create_connection((place.hostname, place.port), timeout=seconds) as line:
        line.sendall(data)
        answer = b""
        while True:
            try:
                chunk = line.recv(65536)
            except (TimeoutError, ConnectionResetError):
                return answer
            if not chunk:
                return answer
            answer += chunk


def test_accounts_sessions_and_reuse_of_refresh_tokens(server):
    url = server.url + "/api/v1/auth"
    person = {"email": "Ada@Example.com", "username": "ada", "password": "a long password"}
    made = requests.post(url + "/register", json=person)
    assert made.status_code == 201 and made.json()["id"].startswith("usr_") and made.json()["email"] == "ada@example.com"
    assert "password" not in made.text
    error(requests.post(url + "/register", json=person), 409, "CONFLICT")
    faults = error(requests.post(url + "/register", json={"email": "x", "username": "", "password": "short"}), 400, "SCHEMA_VIOLATION")
    assert [fault["pointer"] for fault in faults["details"]["errors"]] == ["/email", "/username", "/password"]
    error(requests.post(url + "/login", json={**person, "password": "wrong password"}), 401, "UNAUTHORIZED")
    error(requests.post(url + "/login", json={**person, "email": "nobody@example.com"}), 401, "UNAUTHORIZED")
    tokens = requests.post(url + "/login", json=person).json()
    assert tokens["token_type"] == "bearer" and tokens["expires_in"] == 900
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert requests.get(url + "/me", headers=bearer).json()["username"] == "ada"

    next_tokens = requests.post(url + "/refresh", json={"refresh_token": tokens["refresh_token"]}).json()
    assert next_tokens["refresh_token"] != tokens["refresh_token"]
    error(requests.post(url + "/refresh", json={"refresh_token": tokens["refresh_token"]}), 401, "UNAUTHORIZED")
    error(requests.post(url + "/refresh", json={"refresh_token": next_tokens["refresh_token"]}), 401, "UNAUTHORIZED")
    error(requests.get(url + "/me", headers=bearer), 401, "UNAUTHORIZED")

    tokens = requests.post(url + "/login", json=person).json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert requests.post(url + "/logout", headers=bearer).status_code == 200
    error(requests.get(url + "/me", headers=bearer), 401, "UNAUTHORIZED")


def test_an_unknown_account_takes_as_long_as_a_wrong_password(server, client):
    def seconds(email):
        times = []
        for _ in range(5):
            start = time.perf_counter()
            requests.post(server.url + "/api/v1/auth/login", json={"email": email, "password": "some wrong password"})
            times.append(time.perf_counter() - start)
        return sorted(times)[2]

    known, unknown = seconds(client.credentials["email"]), seconds("nobody@example.com")
    assert 0.4 < known / unknown < 2.5


def test_api_keys_are_shown_once_renamed_and_revoked_at_once(server):
    person = server.account("keys")
    made = person.post("/api/v1/api-keys", json={"name": "ci", "expires_in_days": 30})
    key = made.json()["key"]
    assert made.status_code == 201 and key.startswith("mlp_") and len(key) == 4 + 43
    listed = person.get("/api/v1/api-keys").json()
    assert listed["total"] == 2 and key not in str(listed)
    path = f"/api/v1/api-keys/{made.json()['id']}"
    assert person.patch(path, json={"name": "build"}).json()["name"] == "build"
    assert requests.get(server.url + "/api/v1/auth/me", headers={"X-API-Key": key}).status_code == 200
    error(server.account("other-keys").get(path), 404, "NOT_FOUND")
    assert person.delete(path).status_code == 200
    error(requests.get(server.url + "/api/v1/auth/me", headers={"X-API-Key": key}), 401, "UNAUTHORIZED")
    for days in (0, 366, -1):
        error(person.post("/api/v1/api-keys", json={"name": "x", "expires_in_days": days}), 400, "SCHEMA_VIOLATION")


@pytest.mark.parametrize("token", ["", "x", "mlp_wrong", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c3JfMDAwMDAwMDAwMDAwMDAwMCJ9.", "a.b.c", "é"])
def test_bad_credentials_are_refused(server, token):
    error(requests.get(server.url + "/api/v1/auth/me", headers={"Authorization": f"Bearer {token}".encode()}), 401, "UNAUTHORIZED")
    error(requests.get(server.url + "/api/v1/ml-models", headers={"X-API-Key": token.encode()}), 401, "UNAUTHORIZED")


def test_every_route_but_the_open_ones_wants_a_login(server):
    document = requests.get(server.url + "/api/v1/openapi.json").json()
    checked = 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if operation.get("security") == []:
                continue
            target = server.url + path.replace("{model_id}", "model_0000000000000000").replace("{version_id}", "version_0000000000000000")
            target = target.replace("{key_id}", "key_0000000000000000").replace("{task_id}", "task_0000000000000000")
            answer = requests.request(method, re.sub(r"\{\w+\}", "val_0000000000000000", target))
            assert answer.status_code == 401, (method, path, answer.status_code)
            checked += 1
    assert checked > 25


def test_wrong_methods_paths_and_bodies(client):
    answer = client.put("/api/v1/ml-models", json={})
    error(answer, 405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == "GET, POST"
    assert client.request("TRACE", "/health").status_code == 405
    error(client.get("/api/v1/nothing"), 404, "NOT_FOUND")
    for bad in ("x", "model_1", "..%2f..%2fetc%2fpasswd", "model_%00000000000000000", "m" * 4000):
        error(client.get(f"/api/v1/ml-models/{bad}"), 404, "MODEL_NOT_FOUND")
    error(client.post("/api/v1/api-keys", data="{", headers={"Content-Type": "application/json"}), 400, "INVALID_JSON")
    error(client.post("/api/v1/api-keys", data="{}", headers={"Content-Type": "text/plain"}), 415, "UNSUPPORTED_MEDIA_TYPE")
    assert error(client.post("/api/v1/api-keys", json={"name": 3}), 400, "SCHEMA_VIOLATION")["details"]["errors"][0]["pointer"] == "/name"
    error(client.post("/api/v1/api-keys", data=b"[" * (2 << 20), headers={"Content-Type": "application/json"}), 413, "PAYLOAD_TOO_LARGE")
    assert client.get("/health", headers={"X-Request-ID": "abc-123"}).headers["X-Request-ID"] == "abc-123"
    assert client.get("/health", headers={"X-Request-ID": "a b\x01"[:3]}).headers["X-Request-ID"] != "a b"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"data":[1,2,3,4]', b'{"data":[1,2,3,NaN]}', b'{"data":[1,2,3,Infinity]}', b'{"data":[1,2,3,1e999]}', b"\xef\xbb\xbf{}", b'{"data":"\xff"}',
     b'{"data":' + b"[" * 200_000, b'{"data":[1,2,3,' + b"9" * 1_000_000 + b"]}", b'{"data":{"feature1":1,"feature1":2,"feature2":1,"feature3":1,"feature4":1}}',
     b'{"data":[1,2,3]}', b'{"data":5}', b'{"rows":[1,2,3,4]}'],
    ids=lambda body: repr(body[:24]),
)
def test_bad_predictions_are_answered_with_400(client, iris, body):
    answer = client.post(f"/api/v1/ml-models/{iris[0]}/predict", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text[:300]
    assert answer.json()["error"]["code"] in ("INVALID_JSON", "SCHEMA_VIOLATION")


def test_form_faults_are_all_named(client):
    answer = client.upload(FIXTURES / "iris.joblib", model_type="nonsense", version="1.0", is_public="perhaps", python_version="two", tags="[1]", input_schema="{")
    pointers = [fault["pointer"] for fault in error(answer, 400, "SCHEMA_VIOLATION")["details"]["errors"]]
    assert pointers == ["/model_type", "/tags", "/is_public", "/version", "/python_version", "/input_schema"]
    error(client.post("/api/v1/ml-models", data={"name": "x"}, files={}), 415, "UNSUPPORTED_MEDIA_TYPE")
    error(client.post("/api/v1/ml-models", data={"name": "x", "model_type": "sklearn"}, files={"other": b"x"}), 400, "SCHEMA_VIOLATION")
    answer = client.upload(FIXTURES / "truth.json")
    assert ".joblib" in error(answer, 400, "UNSUPPORTED_FORMAT")["details"]["supported_formats"]
    error(client.upload(FIXTURES / "iris-lightgbm.txt", model_type="sklearn"), 400, "UNSUPPORTED_FORMAT")


def multipart(client, body, boundary="B", headers=None):
    return client.post("/api/v1/ml-models", data=body, headers={"Content-Type": f"multipart/form-data; boundary={boundary}", **(headers or {})})


def test_broken_forms_leave_nothing_behind(client):
    uploads = client.server.data / "uploads"
    part = b'--B\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    error(multipart(client, b"no boundary here"), 400, "INVALID_INPUT")
    error(multipart(client, part % (b"name", b"x")), 400, "INVALID_INPUT")
    error(multipart(client, part % (b"name", b"x") * 2 + b"--B--\r\n"), 400, "INVALID_INPUT")
    error(multipart(client, b"".join(part % (b"n%d" % n, b"x") for n in range(10_000)) + b"--B--\r\n"), 413, "PAYLOAD_TOO_LARGE")
    error(multipart(client, b"--B\r\nContent-Disposition: form-data; name=\"" + b"n" * (1 << 20) + b"\"\r\n\r\nx\r\n--B--\r\n"), 413, "PAYLOAD_TOO_LARGE")
    error(multipart(client, b"", boundary=""), 400, "INVALID_INPUT")
    error(multipart(client, b"", boundary="b" * 5000), 400, "INVALID_INPUT")
    file = b'--B\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
    error(multipart(client, file + b"x" * (21 << 20) + b"\r\n--B--\r\n"), 413, "PAYLOAD_TOO_LARGE")
    assert list(uploads.iterdir()) == []


def test_a_body_that_is_too_long_by_its_own_word_is_refused_unread(client):
    head = f"POST /api/v1/ml-models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.key}\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: 1000000000000000\r\n\r\n"
    answer = raw(client.server, head.encode())
    assert b" 413 " in answer.split(b"\r\n")[0] and b"limit_bytes" in answer


def test_what_is_no_http_gets_an_answer_and_is_closed(server):
    assert b" 431 " in raw(server, b"GET /health HTTP/1.1\r\nHost: x\r\nX: " + b"a" * (1 << 20) + b"\r\n\r\n").split(b"\r\n")[0]
    for data in (b"nonsense\r\n\r\n", b"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", b"GET /health HTTP/1.1\r\nHost : x\r\n\r\n"):
        answer = raw(server, data)
        assert b" 400 " in answer.split(b"\r\n")[0] and b"INVALID_INPUT" in answer


def test_a_chunked_upload_without_a_length_works(client):
    body = (FIXTURES / "iris.joblib").read_bytes()
    fields = b"".join(b'--B\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % pair for pair in ((b"model_type", b"sklearn"), (b"name", "Jalapeño".encode())))
    file = b'--B\r\nContent-Disposition: form-data; name="file"; filename="../../x\\r\\nSet-Cookie: a=b"\r\n\r\n' + body + b"\r\n--B--\r\n"

    def chunks():
        data = file[: -len(b"--B--\r\n")] + fields + b"--B--\r\n"  # the file first, the fields after it
        for place in range(0, len(data), 7):
            yield data[place : place + 7]

    answer = multipart(client, chunks())
    assert answer.status_code == 202, answer.text
    assert answer.json()["checksum"] == "sha256:" + hashlib.sha256(body).hexdigest()
    model = client.get(f"/api/v1/ml-models/{answer.json()['model_id']}").json()["data"]
    assert model["name"] == "Jalapeño" and model["versions"][0]["file_size"] == len(body)
    client.delete(f"/api/v1/ml-models/{model['id']}")


def test_a_cut_connection_leaves_nothing(client):
    place = urlparse(client.server.url)
    with socket.create_connection((place.hostname, place.port)) as line:
        line.sendall(
            f"POST /api/v1/ml-models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.key}\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: 100000\r\n\r\n".encode()
            + b'--B\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nsome bytes'
        )
        time.sleep(0.3)
    uploads = client.server.data / "uploads"
    for _ in range(50):
        if not list(uploads.iterdir()):
            return
        time.sleep(0.1)
    raise AssertionError(list(uploads.iterdir()))


def test_lists_are_filtered_and_paged(client, iris):
    names = {model["name"] for model in client.get("/api/v1/ml-models?search=IRI").json()["data"]}
    assert "Iris" in names
    for filters in ("tag=flowers", "category=classification&model_type=sklearn", "status=active", f"owner_id={client.user['id']}", "is_public=false"):
        data = client.get(f"/api/v1/ml-models?{filters}").json()
        assert data["total"] >= 1 and iris[0] in {model["id"] for model in data["data"]}, filters
    assert client.get("/api/v1/ml-models?search=%25").json()["total"] == 0
    assert iris[0] in {model["id"] for model in client.get("/api/v1/ml-models", params={"category": "classification", "search": "iris"}).json()["data"]}
    assert client.get("/api/v1/ml-models?tag=' OR 1=1--").json()["total"] == 0
    seen, cursor = [], None
    while True:
        page = client.get("/api/v1/ml-models", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [model["id"] for model in page["data"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == page["total"]
    for query in ("limit=0", "limit=-1", "limit=x", "cursor=x", "model_type=x", "status=deleted", "is_public=maybe", "owner_id=1"):
        error(client.get(f"/api/v1/ml-models?{query}"), 400, "SCHEMA_VIOLATION")


def test_downloads_in_whole_and_in_part(client, iris):
    path = f"/api/v1/ml-models/{iris[0]}/versions/{iris[1]}/download"
    content = (FIXTURES / "iris.joblib").read_bytes()
    answer = client.get(path)
    assert answer.content == content and answer.headers["Content-Length"] == str(len(content))
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{iris[0]}-1.0.0.joblib"'
    etag = answer.headers["ETag"]
    assert etag == f'"{hashlib.sha256(content).hexdigest()}"'
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert client.head(path).headers["Content-Length"] == str(len(content))
    for header, expected in (("bytes=10-19", content[10:20]), ("bytes=-5", content[-5:]), ("bytes=900-", content[900:])):
        answer = client.get(path, headers={"Range": header})
        assert answer.status_code == 206 and answer.content == expected
    assert client.get(path, headers={"Range": "bytes=0-1", "If-Range": '"other"'}).status_code == 200
    error(client.get(path, headers={"Range": "bytes=100000-"}), 416, "RANGE_NOT_SATISFIABLE")


def test_changes_are_checked(client, iris):
    path = f"/api/v1/ml-models/{iris[0]}"
    assert client.patch(path, json={"tags": ["flowers", "demo", "new"]}).json()["data"]["tags"] == ["flowers", "demo", "new"]
    faults = error(client.patch(path, json={"name": "", "tags": [""], "status": "deleted"}), 400, "SCHEMA_VIOLATION")
    assert [fault["pointer"] for fault in faults["details"]["errors"]] == ["/name", "/tags", "/status"]
    before = client.get(path).json()["data"]["owner"]
    client.patch(path, json={"owner_id": "usr_0000000000000000", "id": "x"})
    assert client.get(path).json()["data"]["owner"] == before


def test_health_tells_the_sandbox_level(server):
    health = requests.get(server.url + "/health").json()
    assert health["status"] == "healthy" and health["checks"]["sandbox"]["level"] in "AB"
    assert requests.get(server.url + "/health/live").json() == {"status": "alive"}
    assert requests.get(server.url + "/health/ready").json() == {"status": "ready"}


def test_expect_continue_is_answered_at_once(client):
    head = (
        f"POST /api/v1/api-keys HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.key}\r\nContent-Type: application/json\r\nContent-Length: 14\r\nExpect: 100-continue\r\n\r\n"
    )
    place = urlparse(client.server.url)
    with socket.create_connection((place.hostname, place.port), timeout=5) as line:
        line.sendall(head.encode())
        assert line.recv(1024).startswith(b"HTTP/1.1 100")
        line.sendall(b'{"name":"exp"}')
        assert line.recv(4096).startswith(b"HTTP/1.1 201")


def test_cancelled_and_foreign_tasks(client, stranger, iris):
    task = client.get("/api/v1/tasks?limit=1").json()["data"][0]["id"]
    error(stranger.get(f"/api/v1/tasks/{task}"), 404, "NOT_FOUND")
    uploads = [client.upload(FIXTURES / "iris.joblib", model=iris[0]).json() for _ in range(4)]
    answer = client.post(f"/api/v1/tasks/{uploads[-1]['task_id']}/cancel")
    assert answer.status_code == 202, answer.text
    for upload in uploads:
        client.get(f"/api/v1/tasks/{upload['task_id']}/events")
    assert client.get(f"/api/v1/tasks/{uploads[-1]['task_id']}").json()["data"]["status"] == "cancelled"
    validation = client.get(f"/api/v1/ml-models/{iris[0]}/validations/{uploads[-1]['validation_id']}").json()["data"]
    assert validation["status"] == "cancelled" and validation["overall_status"] == "pending"
    error(client.post(f"/api/v1/tasks/{uploads[0]['task_id']}/cancel"), 409, "CONFLICT")


def drip(server, begin, piece, seconds):
    """Sends a request that never ends, a little every two seconds; returns the answer and how long it took to come."""
    place = urlparse(server.url)
    with socket.create_connection((place.hostname, place.port), timeout=2) as line:
        line.sendall(begin)
        start, answer = time.time(), b""
        while b"REQUEST_TIMEOUT" not in answer and time.time() - start < seconds:
            try:
                line.sendall(piece)
                answer += line.recv(65536)
            except TimeoutError:
                continue
        return answer, time.time() - start


def test_a_header_that_drips_is_ended(server):
    answer, seconds = drip(server, b"GET /health HTTP/1.1\r\nHost: x\r\n", b"X-A: b\r\n", 40)
    assert b"408" in answer.splitlines()[0] and b"REQUEST_TIMEOUT" in answer and 15 < seconds < 30


def test_a_body_that_drips_is_ended_and_leaves_nothing(server, client):
    head = (
        "POST /api/v1/ml-models HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n"
        f"Authorization: {client.headers['Authorization']}\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"m\"\r\n\r\n"
    )
    answer, _ = drip(server, head.encode(), b"x", 50)
    assert b"408" in answer.splitlines()[0]
    deadline = time.time() + 10
    while list((server.data / "uploads").iterdir()) and time.time() < deadline:
        time.sleep(0.1)
    assert not list((server.data / "uploads").iterdir())


def test_every_change_is_in_the_audit_log_with_its_address_and_request(server, client):
    requests.post(server.url + "/api/v1/auth/login", json={**client.credentials, "password": "not the right one"}, headers={"X-Request-ID": "audit-test-1"})
    key = client.post("/api/v1/api-keys", json={"name": "first"}).json()["id"]
    client.patch(f"/api/v1/api-keys/{key}", json={"name": "second"})
    client.delete(f"/api/v1/api-keys/{key}")
    with sqlite3.connect(f"file:{server.data}/martlet.sqlite?mode=ro", uri=True) as database:
        failed = database.execute("SELECT action, ip_address, user_id FROM audit_log WHERE request_id = 'audit-test-1'").fetchall()
        assert failed == [("login.failed", "127.0.0.1", client.user["id"])]
        of_key = database.execute("SELECT action, request_id FROM audit_log WHERE resource_id = ? ORDER BY created_at, id", [key]).fetchall()
    assert [action for action, _ in of_key] == ["api_key.created", "api_key.renamed", "api_key.revoked"]
    assert all(request for _, request in of_key)
