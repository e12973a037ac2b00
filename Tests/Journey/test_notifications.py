"""What people are told of: in their inboxes, as it happens, and by webhooks that a real receiver gets."""

import base64
import hashlib
import hmac
import json
import queue
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from conftest import FIXTURES, Server, error
from test_access import PASSWORD, Admin

INBOX = "/api/v1/notifications"
HOOKS = "/api/v1/webhooks"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    server = Server(
        tmp_path_factory.mktemp("notices"), admin_email="root@example.com", admin_password=PASSWORD, webhook_networks="127.0.0.1/32", webhook_pause_ms=50,
        models_limit=5,
    ).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def admin(place):
    return Admin(place)


@pytest.fixture(scope="module")
def owner(place):
    return place.account("owner")


@pytest.fixture(scope="module")
def friend(place):
    return place.account("friend")


class Receiver:
    """A web server that keeps what it is sent, and answers as it is told."""

    def __init__(self):
        self.requests, self.answers = queue.Queue(), []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.put((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                status, headers = receiver.answers.pop(0) if receiver.answers else (204, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, seconds=15):
        return self.requests.get(timeout=seconds)


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()


def logged_in(client):
    """Webhooks are made with a login, not with a key."""
    client.login()
    return client


def hook(client, url, **more):
    answer = logged_in(client).post(HOOKS, json={"url": url, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def is_signed(secret, headers, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return headers["webhook-signature"] == "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def until(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
    return found


def entries(client, kind):
    return [entry for entry in client.get(INBOX).json()["data"] if entry["type"] == kind]


def test_a_validation_that_ended_is_in_the_inbox_and_can_be_read_and_removed(owner, friend):
    model, version, report = owner.publish(FIXTURES / "iris.joblib", name="Told")
    entry = entries(owner, "validation.completed")[0]
    assert entry["model_id"] == model and entry["data"]["version_id"] == version and entry["data"]["status"] == report["overall_status"]
    assert "Told" in entry["message"] and entry["read_at"] is None
    unread = owner.get(f"{INBOX}/unread").json()["unread"]
    assert unread >= 1 and owner.get(INBOX).json()["unread"] == unread
    for client, method, url in ((friend, "post", f"{INBOX}/{entry['id']}/read"), (friend, "delete", f"{INBOX}/{entry['id']}")):
        error(getattr(client, method)(url), 404, "NOT_FOUND")
    assert owner.post(f"{INBOX}/{entry['id']}/read").json()["read"] == 1
    assert owner.post(f"{INBOX}/{entry['id']}/read").json()["read"] == 0
    assert owner.get(f"{INBOX}/unread").json()["unread"] == unread - 1
    assert entry["id"] not in [other["id"] for other in owner.get(INBOX, params={"unread": "true"}).json()["data"]]
    assert owner.delete(f"{INBOX}/{entry['id']}").status_code == 200
    assert entry["id"] not in [other["id"] for other in owner.get(INBOX).json()["data"]]
    assert owner.post(f"{INBOX}/read").json()["read"] == unread - 1 and owner.get(f"{INBOX}/unread").json()["unread"] == 0


def test_grants_and_promotions_are_told_to_those_whom_they_concern(owner, friend, admin):
    model, _, _ = owner.publish(FIXTURES / "iris.joblib", name="Shared")
    group = admin.post("/api/v1/groups", json={"name": "readers"}).json()["id"]
    admin.put(f"/api/v1/groups/{group}/members/{friend.user['id']}")
    owner.post(f"/api/v1/ml-models/{model}/permissions", json={"group_id": group, "permission": "read"})
    owner.post(f"/api/v1/ml-models/{model}/permissions", json={"user_id": friend.user["id"], "permission": "admin"})
    given = entries(friend, "grant.given")
    assert [entry["data"]["permission"] for entry in given] == ["admin", "read"] and given[0]["model_id"] == model and entries(owner, "grant.given") == []
    assert owner.patch(f"/api/v1/ml-models/{model}", json={"needs_approval": True}).status_code == 200
    asked = owner.post(f"/api/v1/models/{model}/versions/v1.0/stage", json={"stage": "production"})
    assert asked.status_code in (202, 403), asked.text
    admin.patch(f"/api/v1/users/{owner.user['id']}", json={"role": "admin"})
    admin.patch(f"/api/v1/users/{friend.user['id']}", json={"role": "admin"})
    asked = owner.post(f"/api/v1/models/{model}/versions/v1.0/stage", json={"stage": "production"})
    assert asked.status_code == 202, asked.text
    promotion = asked.json()["data"]["id"]
    assert entries(friend, "promotion.requested")[0]["data"]["promotion_id"] == promotion and entries(owner, "promotion.requested") == []
    assert friend.post(f"/api/v1/models/{model}/promotions/{promotion}/approve").status_code == 200
    assert entries(owner, "promotion.decided")[0]["data"]["state"] == "done"


def test_a_limit_that_is_near_is_told_once(place):
    client = place.account("collector")
    for number in range(4):
        assert client.upload(FIXTURES / "iris.joblib", name=f"Model {number}").status_code == 202
    near = until(lambda: entries(client, "limit.near"))
    assert len(near) == 1 and near[0]["data"] == {"limit": "models", "used": 4, "of": 5}


def test_a_budget_that_is_near_is_told_to_the_owner_of_the_key(place):
    client = place.account("budgeted")
    model, _, _ = client.publish(FIXTURES / "iris.joblib", name="Budgeted")
    scope = {"budgets": [{"unit": "predictions", "period": "day", "soft": 3, "hard": 10}]}
    key = client.post("/api/v1/api-keys", json={"name": "few", "scope": scope}).json()
    for _ in range(6):
        assert client.predict(model, [6.3, 3.3, 6.0, 2.5], headers={"Authorization": f"Bearer {key['key']}"}).status_code == 200
    near = until(lambda: entries(client, "limit.near"))
    assert len(near) == 1 and near[0]["data"]["key_id"] == key["id"] and near[0]["data"]["of"] == 10 and near[0]["data"]["used"] == 3


def listen(client, **headers):
    return client.get(f"{INBOX}/events", stream=True, headers=headers, timeout=30)


def events(lines, count):
    found = []
    for line in lines:
        if line.startswith(b"data: "):
            found.append(json.loads(line.removeprefix(b"data: ")))
            if len(found) == count:
                return found
    return found


def test_who_listens_is_told_at_once_and_who_comes_back_gets_what_was_missed(place):
    client = place.account("listener")
    other = place.account("giver")
    model, _, _ = other.publish(FIXTURES / "iris.joblib", name="Given")
    url = f"/api/v1/ml-models/{model}/permissions"
    give = lambda level: other.post(url, json={"user_id": client.user["id"], "permission": level})  # noqa: E731
    stream = listen(client)
    lines = stream.iter_lines(chunk_size=1)
    assert stream.headers["Content-Type"] == "text/event-stream" and next(lines) == b": listening"
    give("read")
    first = events(lines, 1)[0]
    assert first["type"] == "grant.given" and first["data"]["permission"] == "read"
    stream.close()
    give("execute")
    give("admin")
    missed = events(listen(client, **{"Last-Event-ID": first["id"]}).iter_lines(chunk_size=1), 2)
    assert [entry["data"]["permission"] for entry in missed] == ["execute", "admin"]
    assert requests.get(f"{client.server.url}{INBOX}/events").status_code == 401


def test_an_account_does_not_listen_without_end(place):
    client = place.account("greedy")
    streams = [listen(client) for _ in range(16)]
    for stream in streams:
        assert next(stream.iter_lines(chunk_size=1)) == b": listening"
    error(client.get(f"{INBOX}/events"), 429, "RATE_LIMITED")
    for stream in streams:
        stream.close()
    until(lambda: client.get(f"{INBOX}/events", stream=True).status_code == 200, 60)


def test_a_webhook_gets_events_signed(place, receiver):
    client = place.account("hooked")
    made = hook(client, f"{receiver.url}/path?x=1", events=["validation.completed"], description="mine")
    assert made["secret"].startswith("whsec_") and "secret" not in client.get(f"{HOOKS}/{made['id']}").json()
    model, version, _ = client.publish(FIXTURES / "iris.joblib", name="Hooked")
    path, headers, body = receiver.take()
    assert path == "/path?x=1" and headers["content-type"] == "application/json" and abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    event = json.loads(body)
    assert event["type"] == "validation.completed" and event["data"]["model_id"] == model and event["data"]["version_id"] == version
    assert is_signed(made["secret"], headers, body) and not is_signed(made["secret"], headers, body.replace(b"passed", b"failed") + b" ")
    assert not is_signed(made["secret"], {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) + 600)}, body)
    log = until(lambda: [entry for entry in client.get(f"{HOOKS}/{made['id']}/deliveries").json()["data"] if entry["state"] == "delivered"])
    assert log[0]["id"] == headers["webhook-id"] and log[0]["response_status"] == 204 and log[0]["attempts"] == 1 and log[0]["payload"].encode() == body
    rotated = client.post(f"{HOOKS}/{made['id']}/rotate-secret").json()["secret"]
    assert rotated != made["secret"] and client.post(f"{HOOKS}/{made['id']}/test").status_code == 202
    _, headers, body = receiver.take()
    assert json.loads(body)["type"] == "webhook.test" and is_signed(rotated, headers, body) and not is_signed(made["secret"], headers, body)


def test_a_receiver_that_fails_is_tried_again_with_the_same_id(place, receiver):
    client = place.account("patient")
    made = hook(client, receiver.url)
    receiver.answers = [(500, {}), (302, {"Location": f"{receiver.url}/elsewhere"}), (200, {})]
    delivery = client.post(f"{HOOKS}/{made['id']}/test").json()
    tries = [receiver.take() for _ in range(3)]
    assert {headers["webhook-id"] for _, headers, _ in tries} == {delivery["id"]} and {path for path, _, _ in tries} == {"/"}
    done = until(lambda: [entry for entry in client.get(f"{HOOKS}/{made['id']}/deliveries").json()["data"] if entry["state"] == "delivered"])
    assert done[0]["attempts"] == 3 and done[0]["error"] is None
    again = client.post(f"{HOOKS}/{made['id']}/deliveries/{delivery['id']}/retry")
    assert again.status_code == 202 and again.json()["id"] != delivery["id"] and receiver.take()[2] == tries[0][2]


def test_a_receiver_that_is_gone_is_not_called_again(place, receiver):
    client = place.account("gone")
    made = hook(client, receiver.url)
    receiver.answers = [(410, {})]
    client.post(f"{HOOKS}/{made['id']}/test")
    until(lambda: client.get(f"{HOOKS}/{made['id']}").json()["is_active"] is False)
    assert client.get(f"{HOOKS}/{made['id']}/deliveries").json()["data"][0]["state"] == "failed"
    error(client.post(f"{HOOKS}/{made['id']}/test"), 409, "CONFLICT")


def test_a_delivery_outlives_a_kill(tmp_path, receiver):
    server = Server(tmp_path, webhook_networks="127.0.0.1/32", webhook_pause_ms=3000).start()
    client = server.account("survivor")
    made = hook(client, receiver.url)
    receiver.answers = [(503, {})]
    delivery = client.post(f"{HOOKS}/{made['id']}/test").json()
    receiver.take()
    until(lambda: client.get(f"{HOOKS}/{made['id']}/deliveries").json()["data"][0]["attempts"] == 1)
    server.kill()
    server.start()
    assert receiver.take(20)[1]["webhook-id"] == delivery["id"]
    server.stop()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.2:{port}/", "http://localhost.:{port}/", "http://[::1]:{port}/", "http://0x7f.0.0.2:{port}/", "http://2130706434:{port}/", "http://0.0.0.0:{port}/",
        "http://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "http://[::ffff:127.0.0.2]:{port}/", "file:///etc/passwd", "gopher://127.0.0.1:{port}/",
        "http://user@127.0.0.1:{port}/", "http://127.0.0.1:{port}/#x", "x", "", "http://no-such-host.invalid/",
    ],
)  # fmt: skip
def test_the_servers_own_network_is_not_called(owner, receiver, url):
    port = receiver.server.server_port
    answer = logged_in(owner).post(HOOKS, json={"url": url.format(port=port)})
    if answer.status_code == 201:  # localhost is 127.0.0.1, which this server's operator allows
        assert "localhost" in url and owner.delete(f"{HOOKS}/{answer.json()['id']}").status_code == 200
    else:
        assert "/url" in error(answer, 400, "SCHEMA_VIOLATION")["message"]
    time.sleep(0.1)
    assert receiver.requests.empty()


def test_nothing_of_the_own_network_is_called_when_nothing_is_allowed(tmp_path, receiver):
    server = Server(tmp_path).start()
    client = logged_in(server.account("outside"))
    for host in ("127.0.0.1", "localhost", "[::1]", "0x7f.1", "127.1"):
        error(client.post(HOOKS, json={"url": receiver.url.replace("127.0.0.1", host)}), 400, "SCHEMA_VIOLATION")
    assert client.get(HOOKS).json()["data"] == [] and receiver.requests.empty()
    server.stop()


def test_a_network_that_is_forbidden_later_is_not_called_any_more(tmp_path, receiver):
    server = Server(tmp_path, webhook_networks="127.0.0.0/8").start()
    client = server.account("former")
    made = hook(client, receiver.url)
    server.stop()
    server.settings = {"upload_rate_limit": 0, "webhook_pause_ms": 10}
    server.start()
    logged_in(client).post(f"{HOOKS}/{made['id']}/test")
    failed = until(lambda: [entry for entry in client.get(f"{HOOKS}/{made['id']}/deliveries").json()["data"] if entry["attempts"] > 0])
    assert "public Internet" in failed[0]["error"] and receiver.requests.empty()
    server.stop()


def test_webhooks_belong_to_accounts_and_not_to_keys(owner, friend, receiver):
    made = hook(owner, receiver.url)
    logged_in(friend)
    for method, url, body in (
        ("get", f"{HOOKS}/{made['id']}", None), ("patch", f"{HOOKS}/{made['id']}", {"is_active": False}), ("delete", f"{HOOKS}/{made['id']}", None),
        ("post", f"{HOOKS}/{made['id']}/test", None), ("post", f"{HOOKS}/{made['id']}/rotate-secret", None), ("get", f"{HOOKS}/{made['id']}/deliveries", None),
    ):  # fmt: skip
        error(getattr(friend, method)(url, json=body), 404, "NOT_FOUND")
    key = owner.post("/api/v1/api-keys", json={"name": "k"}).json()["key"]
    error(requests.post(owner.server.url + HOOKS, json={"url": receiver.url}, headers={"X-API-Key": key}), 403, "FORBIDDEN")
    for wrong in ({"url": receiver.url, "events": ["x"]}, {"url": receiver.url, "description": "x" * 501}, {}):
        error(owner.post(HOOKS, json=wrong), 400, "SCHEMA_VIOLATION")
    changed = owner.patch(f"{HOOKS}/{made['id']}", json={"events": ["grant.given"], "is_active": False}).json()
    assert changed["events"] == ["grant.given"] and changed["is_active"] is False
    assert owner.delete(f"{HOOKS}/{made['id']}").status_code == 200 and owner.get(HOOKS).json()["data"] == []
    many = [owner.post(HOOKS, json={"url": receiver.url}).status_code for _ in range(21)]
    assert many == [201] * 20 + [403]
