"""Attacks on a running server, each with what must become of it."""

import base64
import concurrent.futures
import gzip
import hashlib
import hmac
import json
import socket
import statistics
import time
from urllib.parse import urlparse

import pytest
import requests

from conftest import ADMIN, FIXTURES, Client, administered, error

ROW = [6.3, 3.3, 6.0, 2.5]
PASSWORD = ADMIN["password"]


@pytest.fixture(scope="module")
def fort(tmp_path_factory):
    yield from administered(tmp_path_factory.mktemp("fort"), max_upload=8 << 20)


@pytest.fixture(scope="module")
def alice(fort):
    return fort.account("alice")


@pytest.fixture(scope="module")
def mallory(fort):
    return fort.account("mallory")


@pytest.fixture(scope="module")
def target(alice):
    """Alice's private model and everything that hangs on it, by the names that paths use."""
    model, version, report = alice.publish(FIXTURES / "iris.joblib", name="Secret")
    task = alice.get("/api/v1/tasks?limit=1").json()["data"][0]["id"]
    grant = alice.post(f"/api/v1/ml-models/{model}/permissions", json={"user_id": alice.server.account("friend").user["id"], "permission": "read"}).json()
    key = alice.get("/api/v1/api-keys").json()["data"][0]["id"]
    promotion = alice.post(f"/api/v1/models/{model}/versions/v1.0/stage", json={"stage": "staging"}).json()["data"]["id"]
    alice.put(f"/api/v1/models/{model}/aliases/canary", json={"version": "v1.0"})
    upload = alice.post("/api/v1/uploads", json={"file_name": "Secret.npy", "size": 100}).json()["upload_id"]
    alice.login()
    session = alice.get("/api/v1/auth/sessions").json()["data"][0]["id"]
    note = alice.get("/api/v1/notifications").json()["data"][0]["id"]
    alice.headers["Authorization"] = f"Bearer {alice.key}"
    return {
        "model_id": model, "version_id": version, "validation_id": report["id"], "task_id": task, "permission_id": grant["id"], "key_id": key,
        "user_id": alice.user["id"], "session_id": session, "group_id": "grp_0000000000000000", "invitation_id": "inv_0000000000000000", "name": "developer",
        "endpoint": "predict", "version": "v1.0", "alias": "canary", "promotion_id": promotion, "upload_id": upload, "part": "1",
        "sha256": "0" * 64, "report_id": "rep_0000000000000000", "notification_id": note, "webhook_id": "hook_0000000000000000",
        "delivery_id": "msg_0000000000000000",
    }  # fmt: skip


def operations(server):
    document = requests.get(server.url + "/api/v1/openapi.json").json()
    return [(method, path, operation) for path, item in document["paths"].items() for method, operation in item.items()]


def raw(server, data, seconds=10):
    place = urlparse(server.url)
    with socket.create_connection((place.hostname, place.port), timeout=seconds) as line:
        line.sendall(data)
        answer = b""
        try:
            while piece := line.recv(65536):
                answer += piece
        except TimeoutError:
            pass
        return answer


def resident(server):
    status = open(f"/proc/{server.process.pid}/status").read()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) // 1024


# Who one is


@pytest.mark.parametrize("headers", [{}, {"Authorization": ""}, {"Authorization": "Bearer "}, {"Authorization": "Bearer mlp_"}, {"X-API-Key": "x"}])
def test_no_route_answers_a_stranger(fort, target, headers):
    for method, path, operation in operations(fort):
        if operation.get("security") == []:
            continue
        answer = requests.request(method, fort.url + path.format(**target), headers=headers)
        assert answer.status_code == 401, (method, path, answer.text)


def test_no_route_gives_a_key_of_somebody_else_anything(fort, mallory, target):
    """Generated from the document: a new route is covered by being there."""
    # What belongs to nobody in particular, or to the caller.
    own = {"/api/v1/roles/{name}"}
    checked = 0
    for method, path, operation in operations(fort):
        if operation.get("security") == [] or "{" not in path or path in own:
            continue
        body = {"json": {}} if "requestBody" in operation and "json" in str(operation["requestBody"]) else {}
        if "predict" in path or "{endpoint}" in path:
            body = {"json": {"data": [ROW] if path.endswith("batch") else ROW}}
        answer = mallory.request(method, path.format(**target), **body)
        assert answer.status_code in (403, 404) or (answer.status_code == 400 and b"SCHEMA_VIOLATION" in answer.content), (method, path, answer.text)
        assert b"Secret" not in answer.content and b"alice" not in answer.content
        if answer.status_code == 404 and method != "head":
            # Nothing tells that it is there: the answer is that for an id of nothing.
            nothing = {name: value[: value.index("_") + 1] + "0" * 16 if "_" in value else value for name, value in target.items()}
            unknown = mallory.request(method, path.format(**nothing), **body).json()["error"]
            known = answer.json()["error"]
            assert (known["code"], known["message"].split("'")[0]) == (unknown["code"], unknown["message"].split("'")[0]), (method, path)
        checked += 1
    assert checked > 40
    assert target["model_id"] not in mallory.get("/api/v1/ml-models?limit=200").text
    assert mallory.get("/api/v1/ml-models?search=Secret").json()["total"] == 0


def token(header, payload, secret=b""):
    def text(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    signed = text(header) + b"." + text(payload)
    return (signed + b"." + base64.urlsafe_b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).rstrip(b"=")).decode()


def test_forged_tokens(fort, alice):
    pair = requests.post(fort.url + "/api/v1/auth/login", json=alice.credentials).json()
    good = pair["access_token"]
    parts = good.split(".")

    def decode(part):
        return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))

    header, payload = decode(parts[0]), decode(parts[1])
    assert header["alg"] == "HS256" and "role" not in payload, "a token says who, not what they may do"
    now = int(time.time())
    secret = (fort.data / "secrets" / "jwt.key").read_bytes()
    forged = {
        "none": token({**header, "alg": "none"}, payload).rsplit(".", 1)[0] + ".",
        "nOnE": token({**header, "alg": "nOnE"}, payload).rsplit(".", 1)[0] + ".",
        "no signature": ".".join(parts[:2]) + ".",
        "other key": token(header, payload, b"x" * 32),
        "empty key": token(header, payload, b""),
        "path as key": token({**header, "kid": "../../dev/null"}, payload, b""),
        "other algorithm": token({**header, "alg": "HS512"}, payload, secret),
        "key of one's own": token({**header, "jku": "http://127.0.0.1/k", "jwk": {"kty": "oct", "k": "eA"}}, payload, b"x"),
        "expired": token(header, {**payload, "exp": now - 1}, secret),
        "from the future": token(header, {**payload, "iat": now + 3600, "exp": now + 7200}, secret),
        "other issuer": token(header, {**payload, "iss": "other"}, secret),
        "not yet": token(header, {**payload, "nbf": now + 3600}, secret),
        "for another": token(header, {**payload, "aud": "other"}, secret),
        "no expiry": token(header, {name: value for name, value in payload.items() if name != "exp"}, secret),
        "nobody": token(header, {**payload, "sub": "usr_0000000000000000"}, secret),
        "changed": parts[0] + "." + parts[1][:-2] + "AA." + parts[2],
        "cut": good[:-3], "long": "a" * 7000, "dots": "...", "refresh": pair["refresh_token"],
    }  # fmt: skip
    assert requests.get(fort.url + "/api/v1/auth/me", headers={"Authorization": f"Bearer {token(header, payload, secret)}"}).status_code == 200
    for name, text in forged.items():
        answer = requests.get(fort.url + "/api/v1/auth/me", headers={"Authorization": f"Bearer {text}"})
        assert answer.status_code == 401, (name, answer.text)


def test_a_token_and_a_key_end_at_once(fort):
    client = fort.account("leaver")
    secret = client.post("/api/v1/api-keys", json={"name": "k"}).json()
    assert requests.get(fort.url + "/api/v1/auth/me", headers={"X-API-Key": secret["key"]}).status_code == 200
    client.delete(f"/api/v1/api-keys/{secret['id']}")
    assert requests.get(fort.url + "/api/v1/auth/me", headers={"X-API-Key": secret["key"]}).status_code == 401
    tokens = client.login()
    assert client.post("/api/v1/auth/logout").status_code == 200
    assert client.get("/api/v1/auth/me").status_code == 401
    assert requests.post(fort.url + "/api/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]}).status_code == 401


def test_passwords_are_guessed_slowly_and_tell_nothing(fort):
    fort.account("victim")
    times = {}
    for email in ("victim@example.com", "nobody@example.com"):
        taken = []
        for _ in range(4):
            begin = time.perf_counter()
            answer = requests.post(fort.url + "/api/v1/auth/login", json={"email": email, "password": "wrong password"})
            taken.append(time.perf_counter() - begin)
            body = answer.json()["error"]
            assert (answer.status_code, body["code"], body["message"]) == (401, "UNAUTHORIZED", "The email address or the password is wrong.")
        times[email] = statistics.median(taken)
    slow, fast = max(times.values()), min(times.values())
    assert slow < fast * 2.5, times


def test_one_password_for_many_accounts_is_tried_slowly(own_server):
    server = own_server.start()
    answers = [requests.post(server.url + "/api/v1/auth/login", json={"email": f"user{number}@example.com", "password": "Spring 2026!"}) for number in range(40)]
    codes = [answer.status_code for answer in answers]
    assert codes[:30] == [401] * 30 and codes[-5:] == [429] * 5, codes
    assert len({answer.json()["error"]["message"] for answer in answers[:30]}) == 1 and int(answers[-1].headers["Retry-After"]) > 0


# Paths and headers


@pytest.mark.parametrize(
    "path",
    ["//api/v1/users", "/api/v1/users/", "/API/V1/USERS", "/api/v1/users%2f", "/api/v1/users/..;/users", "/api/v1/./users", "/api/v1/x/../users", "/api/v1/users.",
     "/health/../api/v1/users", "/health%2f..%2fapi/v1/users"],
)  # fmt: skip
def test_other_forms_of_a_path_open_nothing(fort, mallory, path):
    answer = raw(
        fort, f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {mallory.key}\r\nX-Original-URL: /api/v1/users\r\nConnection: close\r\n\r\n".encode(), 3
    )
    assert int(answer.split()[1]) in (403, 404, 400, 405), answer[:300]


def test_methods_are_what_they_are(alice, target):
    path = f"/api/v1/ml-models/{target['model_id']}"
    for headers in ({"X-HTTP-Method-Override": "DELETE"}, {"X-Method-Override": "DELETE"}):
        assert alice.get(path + "?_method=DELETE", headers=headers).status_code == 200
    answer = alice.request("TRACE", path)
    assert answer.status_code == 405 and "GET" in answer.headers["Allow"]
    assert alice.get(path).status_code == 200


@pytest.mark.parametrize(
    "identifier",
    ["..%2f..%2fetc%2fpasswd", "%252e%252e%252f", "..", "%00", "model_%00", "m" * 4096, "model_" + "а" * 16, "%c0%ae%c0%ae", "model_01ARZ3NDEKTSV4RR", "'OR 1=1--", "{}", "0"],
)
def test_ids_that_are_none(fort, alice, identifier):
    for rest in ("", "/versions", "/predict", "/permissions", f"/versions/{identifier}/download"):
        answer = alice.request("POST" if rest == "/predict" else "GET", f"/api/v1/ml-models/{identifier}{rest}", json={"data": ROW})
        assert answer.status_code in (400, 404, 405), (rest, answer.status_code, answer.text)
        assert "passwd" not in answer.text.replace(identifier, "") or "root:" not in answer.text


def test_names_make_no_headers_and_no_paths(fort, alice):
    for name in ("../../evil", "C:\\x", "a\r\nSet-Cookie: a=b", "x" * 300, "\u202egpj.lkp", 'q"uote', "CON", ".", "ünïcode.joblib"):
        with open(FIXTURES / "iris.joblib", "rb") as file:
            answer = alice.post("/api/v1/ml-models", data={"name": "n", "model_type": "sklearn"}, files={"file": (name, file)})
        if answer.status_code == 400:
            continue
        assert answer.status_code == 202, answer.text
        body = answer.json()
        alice.await_validation(body["model_id"], body["validation_id"])
        download = alice.get(f"/api/v1/ml-models/{body['model_id']}/versions/{body['version_id']}/download")
        assert download.status_code == 200 and "Set-Cookie" not in download.headers
        assert download.headers["Content-Disposition"].startswith("attachment") and download.headers["X-Content-Type-Options"] == "nosniff"
        alice.delete(f"/api/v1/ml-models/{body['model_id']}")
    stray = [path for path in fort.folder.rglob("*") if path.is_file() and "evil" in path.name]
    assert not stray
    error(alice.post("/api/v1/ml-models", data={"name": "a\r\nb", "model_type": "sklearn"}, files={"file": ("m", b"x")}), 400, "SCHEMA_VIOLATION")


def test_the_host_and_forwarded_headers_are_believed_by_nobody(fort, mallory):
    codes = set()
    for number in range(40):
        forged = {"X-Forwarded-For": f"1.2.3.{number}", "Forwarded": f"for=1.2.3.{number}", "X-Real-IP": f"1.2.3.{number}", "Host": "evil.test"}
        answer = requests.post(fort.url + "/api/v1/auth/login", json={"email": "brute@example.com", "password": "wrong password"}, headers=forged)
        codes.add(answer.status_code)
        assert "evil.test" not in answer.text
    assert 429 in codes


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nabcde\r\n0\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost : x\r\nContent-Length : 0\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: x\r\nX: " + b"a" * (1 << 20) + b"\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: a\r\n" % number for number in range(10_000)) + b"\r\n",
        b"GET /" + b"a" * (1 << 20) + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000000000\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
    ],
    ids=["cl-te", "two-cl", "xchunked", "hex-chunk", "negative-chunk", "huge-chunk", "space-colon", "long-header", "many-headers", "long-uri", "huge-body", "negative-length", "tls", "version"],
)
def test_requests_that_smuggle_or_swell(fort, request_bytes):
    before = resident(fort)
    try:
        answer = raw(fort, request_bytes, 4)
    except (ConnectionError, BrokenPipeError):
        answer = b""
    assert answer.count(b"HTTP/1.1 200") == 0 and b"HTTP/1.1 5" not in answer, answer[:300]
    assert resident(fort) - before < 64
    assert requests.get(fort.url + "/health/live").status_code == 200


# Bodies


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000, b'{"data":' + b"[" * 10_000 + b"]" * 10_000 + b"}", b'{"data":[' + b"1" * 1_000_000 + b"]}", b'{"data":[1,2,3,4],"data":[1,2,3,4]}',
        b'{"data":["\\ud800",1,1,1]}', b"\xef\xbb\xbf{}", b'{"data":["\xff\xfe",1,1,1]}', b'{"data":[NaN,1,1,1]}', b'{"data":[1e999,1,1,1]}', b'{"data":[Infinity,1,1,1]}',
        b'{"data":[1,2,3,4]} x', b"{" + b",".join(b'"k%d":1' % number for number in range(100_000)) + b"}", b"", b"null", b"[]", b'"' + b"\\" * 3 + b'"',
    ],
    ids=["open", "deep", "digits", "twice", "surrogate", "bom", "utf8", "nan", "1e999", "infinity", "behind", "keys", "empty", "null", "array", "escape"],
)
def test_bodies_that_are_no_rows(alice, target, body):
    before = resident(alice.server)
    for path in (f"/api/v1/ml-models/{target['model_id']}/predict", f"/api/v1/ml-models/{target['model_id']}/predict/batch", "/api/v1/api-keys"):
        answer = alice.post(path, data=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 413), (path, answer.status_code, answer.text[:300])
        json.loads(answer.text, parse_constant=lambda name: pytest.fail(name))
    assert resident(alice.server) - before < 64


@pytest.mark.parametrize(
    "body",
    [
        b'{"name":"a","name":"b"}', b'{"name":"a","n\\u0061me":"b"}', b'{"name":"a","scope":{"models":null,"models":null}}', b'\xef\xbb\xbf{"name":"a"}', b'{"name":"\\ud800"}',
        b'{"\\udc00":1,"name":"a"}', b'{"name":"a"}{}', b'{"name":"a",}', b'{"name":"a"/**/}', b'{"name":"a","more":NaN}', b'{"name":"a","more":01}', b"{'name':'a'}",
    ],
)  # fmt: skip
def test_bodies_that_two_readers_may_take_for_different_ones(alice, body):
    before = len(alice.get("/api/v1/api-keys").json()["data"])
    answer = alice.post("/api/v1/api-keys", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert len(alice.get("/api/v1/api-keys").json()["data"]) == before


def test_a_packed_body_is_not_unpacked(alice, target):
    bomb = gzip.compress(b'{"data":' + b" " * (200 << 20) + b"1}")
    before = resident(alice.server)
    for encoding in ("gzip", "gzip, gzip", "br"):
        answer = alice.post(f"/api/v1/ml-models/{target['model_id']}/predict", data=bomb, headers={"Content-Type": "application/json", "Content-Encoding": encoding})
        assert answer.status_code in (400, 413, 415), answer.text
    assert resident(alice.server) - before < 64


@pytest.mark.parametrize("kind", ["parts", "name", "boundary", "endless", "no-boundary"])
def test_forms_that_swell(alice, kind):
    boundary = "b" * 5000 if kind == "boundary" else "b"
    part = b"--b\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\nx\r\n"
    body = {
        "parts": b"".join(part % (b"f%d" % number) for number in range(100_000)) + b"--b--\r\n", "name": part % (b"n" * (1 << 20)) + b"--b--\r\n",
        "boundary": b"--" + b"b" * 5000 + b"--\r\n", "endless": part % b"name" + b"x" * (1 << 20), "no-boundary": b"x",
    }[kind]  # fmt: skip
    before = resident(alice.server)
    answer = alice.post(
        "/api/v1/ml-models", data=body, headers={"Content-Type": "multipart/form-data" + ("" if kind == "no-boundary" else f"; boundary={boundary}")}
    )
    assert answer.status_code in (400, 413, 415), answer.text[:300]
    assert resident(alice.server) - before < 64
    assert not list((alice.server.data / "uploads").iterdir())


def test_a_body_of_rows_without_end_is_cut(alice, target):
    rows = b'{"data":[' + b",".join([b"[6.3,3.3,6.0,2.5]"] * 200_000) + b"]}"
    answer = alice.post(f"/api/v1/ml-models/{target['model_id']}/predict/batch", data=rows, headers={"Content-Type": "application/json"})
    assert error(answer, 413, "PAYLOAD_TOO_LARGE")


def test_searches_cost_the_same(alice):
    for text in ("(a+)+$" * 30, "%" * 200, "_" * 200, "' UNION SELECT password_hash FROM users--", "\\", "!%"):
        begin = time.perf_counter()
        answer = alice.get("/api/v1/ml-models", params={"search": text})
        assert answer.status_code == 200 and answer.json()["total"] == 0 and time.perf_counter() - begin < 2
    for query in ("limit=-1", "limit=1e9", "limit=0", "cursor=1;DROP", "owner_id=usr_' OR 1=1", "status=deleted", "sort=name;DROP"):
        assert alice.get(f"/api/v1/ml-models?{query}").status_code == (200 if query.startswith("sort") else 400), query


# Words that browsers, logs and spreadsheets read


def test_scripts_in_words_stay_words(fort, alice):
    script = '<script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}'
    model, *_ = alice.publish(FIXTURES / "iris.joblib", name=script, description=script, tags=json.dumps(["<b>", "ok"]), category="<i>")
    page = requests.get(f"{fort.url}/api/v1/ml-models/{model}/docs/ui")
    assert "<script>alert" not in page.text and "unsafe-inline" not in page.headers["Content-Security-Policy"] and "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    answer = alice.get(f"/api/v1/ml-models/{model}")
    assert answer.headers["Content-Type"] == "application/json" and answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["data"]["name"] == script


def test_nothing_begins_a_line_of_the_log(fort, alice):
    marks = ['\n{"level":"forged"}', "\u2028forged", "\x1b[31mforged"]
    for mark in marks:
        requests.get(fort.url + "/api/v1/" + requests.utils.quote(mark), headers={"X-Request-ID": "forged id"})
        alice.post("/api/v1/api-keys", json={"name": mark})
    lines = (fort.folder / "server.log").read_text().splitlines()
    for line in lines:
        assert json.loads(line).get("level") != "forged" and "\x1b" not in line


def test_secrets_are_nowhere(fort, alice):
    secret = alice.post("/api/v1/api-keys", json={"name": "shown once"}).json()["key"]
    tokens = requests.post(fort.url + "/api/v1/auth/login", json=alice.credentials).json()
    requests.get(fort.url + "/api/v1/auth/me", headers={"X-API-Key": secret})
    requests.get(fort.url + f"/api/v1/nothing?key={'k' * 20}", headers={"X-API-Key": secret})
    log = (fort.folder / "server.log").read_text()
    arguments = open(f"/proc/{fort.process.pid}/cmdline").read()
    database = b"".join(path.read_bytes() for path in fort.data.glob("martlet.sqlite*"))
    for word in (secret, tokens["access_token"], tokens["refresh_token"], PASSWORD):
        assert word not in log and word not in arguments and word.encode() not in database
        for path in ("/health", "/api/v1/openapi.json"):
            assert word not in requests.get(fort.url + path).text
    assert secret not in alice.get("/api/v1/api-keys").text


def test_what_one_may_not_set_is_not_set(fort, mallory):
    mallory.login()
    mallory.patch("/api/v1/auth/me", json={"username": "mallory", "role": "admin", "subscription": "premium", "id": "usr_x", "is_active": False})
    answer = requests.post(
        fort.url + "/api/v1/auth/register", json={"email": "mass@example.com", "username": "mass", "password": PASSWORD, "role": "admin", "subscription": "premium"}
    )
    assert answer.json()["role"] == "developer" and answer.json()["subscription"] == "free"
    me = mallory.get("/api/v1/auth/me").json()
    assert me["role"] == "developer" and me["subscription"] == "free"
    mallory.headers["Authorization"] = f"Bearer {mallory.key}"


# Races


def test_many_registrations_of_one_address(fort):
    body = {"email": "race@example.com", "password": PASSWORD}
    with concurrent.futures.ThreadPoolExecutor(25) as pool:
        answers = list(pool.map(lambda number: requests.post(fort.url + "/api/v1/auth/register", json={**body, "username": f"race{number}"}), range(50)))
    codes = [answer.status_code for answer in answers]
    assert codes.count(201) == 1 and codes.count(409) == 49, codes


def test_many_versions_at_once(fort, alice):
    model = alice.publish(FIXTURES / "iris.joblib", name="Raced")[0]
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        clients = [fort.account("alice") for _ in range(10)]
        numbered = list(pool.map(lambda number: clients[number % 10].upload(FIXTURES / "iris.joblib", model=model), range(50)))
        same = list(pool.map(lambda number: clients[number % 10].upload(FIXTURES / "iris.joblib", model=model, version="9.0.0"), range(50)))
    assert all(answer.status_code == 202 for answer in numbered)
    versions = sorted(int(answer.json()["version"].split(".")[1]) for answer in numbered)
    assert len(set(versions)) == 50 and versions == list(range(versions[0], versions[0] + 50))
    codes = [answer.status_code for answer in same]
    assert codes.count(202) == 1 and codes.count(409) == 49, codes
    assert alice.delete(f"/api/v1/ml-models/{model}").status_code == 200


def test_a_model_that_is_deleted_while_it_is_called(fort, alice):
    model = alice.publish(FIXTURES / "iris.joblib", name="Gone")[0]
    clients = [fort.account("alice") for _ in range(8)]

    def call(client):
        return [client.predict(model, ROW).status_code for _ in range(60)]

    with concurrent.futures.ThreadPoolExecutor(9) as pool:
        calls = [pool.submit(call, client) for client in clients]
        time.sleep(0.1)
        assert alice.delete(f"/api/v1/ml-models/{model}").status_code == 200
        codes = {code for call in calls for code in call.result()}
    assert codes <= {200, 404} and 404 in codes


# Connections


def test_hundreds_of_slow_headers_leave_room(fort, alice, target):
    place = urlparse(fort.url)
    idle = []
    try:
        for _ in range(500):
            line = socket.create_connection((place.hostname, place.port), timeout=5)
            idle.append(line)
            line.sendall(b"GET /health HTTP/1.1\r\nX-A: ")
        begin = time.perf_counter()
        assert alice.predict(target["model_id"], ROW).status_code == 200
        assert time.perf_counter() - begin < 1
    finally:
        for line in idle:
            line.close()
    assert resident(fort) < 600


def test_keys_are_compared_without_telling_how_much_fits(fort, alice):
    """Medians of tries that share more and more of a real key; a hash is looked up, so no part of it is ever compared alone."""
    key = alice.key
    session = requests.Session()
    medians = []
    for shared in (4, 20, 36, len(key) - 1):
        guess = key[:shared] + "".join("A" if character != "A" else "B" for character in key[shared:])
        taken = []
        for _ in range(60):
            begin = time.perf_counter()
            assert session.get(fort.url + "/api/v1/auth/me", headers={"X-API-Key": guess}).status_code == 401
            taken.append(time.perf_counter() - begin)
        medians.append(statistics.median(taken))
    assert max(medians) < 2 * min(medians), medians
