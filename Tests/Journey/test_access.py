"""People, roles, groups, keys, permissions and limits, as their callers meet them."""

import base64
import concurrent.futures
import json
import os
import sqlite3
import subprocess
import time

import pytest
import requests

from conftest import BINARY, FIXTURES, Client, Server, error

ROW = [6.3, 3.3, 6.0, 2.5]
PASSWORD = "a long password"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A server with an admin, behind a proxy on loopback."""
    server = Server(
        tmp_path_factory.mktemp("access"), admin_email="root@example.com", admin_password=PASSWORD, trusted_proxies="127.0.0.1", models_limit=30
    ).start()
    yield server
    server.stop()


class Admin(Client):
    def __init__(self, server):
        requests.Session.__init__(self)
        self.server = server
        self.credentials = {"email": "root@example.com", "password": PASSWORD}
        self.login()


@pytest.fixture(scope="module")
def admin(place):
    return Admin(place)


@pytest.fixture(scope="module")
def owner(place):
    return place.account("owner")


@pytest.fixture(scope="module")
def model(owner):
    return owner.publish(FIXTURES / "iris.joblib", name="Private iris")[0]


def key_of(client, **body):
    answer = client.post("/api/v1/api-keys", json={"name": "k", **body})
    assert answer.status_code == 201, answer.text
    return answer.json()


def with_key(server, secret, address=None):
    session = Client.__new__(Client)
    requests.Session.__init__(session)
    session.server = server
    session.headers["X-API-Key"] = secret
    if address:
        session.headers["X-Forwarded-For"] = address
    return session


def test_an_account_made_by_an_admin_lives_and_ends(place, admin):
    made = admin.post("/api/v1/users", json={"email": "Temp@Example.com", "username": "temp", "password": PASSWORD, "role": "developer"})
    assert made.status_code == 201
    user = made.json()
    assert user["email"] == "temp@example.com" and user["subscription"] == "free" and user["rate_limits"]["models_limit"] == 30
    assert admin.get("/api/v1/users", params={"search": "TEMP@"}).json()["total"] == 1
    temp = place.account("temp")
    model = temp.publish(FIXTURES / "iris.joblib", name="Heirloom")[0]
    assert temp.predict(model, ROW).status_code == 200
    error(temp.get("/api/v1/users"), 403, "FORBIDDEN")
    changed = admin.patch(f"/api/v1/users/{user['id']}", json={"subscription": "premium", "limits": {"models_limit": 3}, "is_active": False})
    assert changed.json()["rate_limits"]["models_limit"] == 3 and changed.json()["is_active"] is False
    error(temp.predict(model, ROW), 401, "UNAUTHORIZED")
    error(requests.post(place.url + "/api/v1/auth/login", json=temp.credentials), 401, "UNAUTHORIZED")
    admin.patch(f"/api/v1/users/{user['id']}", json={"is_active": True})
    assert temp.predict(model, ROW).status_code == 200
    error(admin.delete(f"/api/v1/users/{user['id']}"), 409, "CONFLICT")
    error(admin.delete(f"/api/v1/users/{user['id']}?transfer_to={user['id']}"), 400, "SCHEMA_VIOLATION")
    heir = place.account("heir")
    closed = admin.delete(f"/api/v1/users/{user['id']}?transfer_to={heir.user['id']}")
    assert closed.json()["models_transferred"] == 1
    error(temp.predict(model, ROW), 401, "UNAUTHORIZED")
    error(admin.get(f"/api/v1/users/{user['id']}"), 404, "NOT_FOUND")
    assert heir.predict(model, ROW).status_code == 200
    assert heir.get(f"/api/v1/ml-models/{model}").json()["data"]["owner"]["username"] == "heir"
    assert heir.publish(FIXTURES / "iris.joblib", model=model)[0] == model
    assert heir.delete(f"/api/v1/ml-models/{model}").status_code == 200


def test_a_list_of_people_has_pages_and_filters(admin):
    for number in range(5):
        body = {"email": f"page{number}@example.com", "username": f"page{number}", "password": PASSWORD, "role": "viewer"}
        assert admin.post("/api/v1/users", json=body).status_code == 201
    seen, cursor = [], None
    while True:
        page = admin.get("/api/v1/users", params={"role": "viewer", "limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [user["username"] for user in page["data"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == [f"page{number}" for number in reversed(range(5))] and page["total"] == 5
    error(admin.get("/api/v1/users?role=Nope!"), 400, "SCHEMA_VIOLATION")
    error(admin.get("/api/v1/users?cursor=x"), 400, "SCHEMA_VIOLATION")


def test_ones_own_profile_password_and_sessions(place):
    me = place.account("profile")
    key = me.headers["Authorization"]
    me.login()
    assert me.patch("/api/v1/auth/me", json={"username": "Renamed"}).json()["username"] == "Renamed"
    error(me.patch("/api/v1/auth/me", json={"email": "new@example.com"}), 403, "FORBIDDEN")
    assert me.patch("/api/v1/auth/me", json={"email": "new@example.com", "password": PASSWORD}).json()["email"] == "new@example.com"
    error(me.patch("/api/v1/auth/me", json={"username": "owner" * 20}), 400, "SCHEMA_VIOLATION")
    # What decides what one may do cannot be set by oneself.
    assert me.patch("/api/v1/auth/me", json={"username": "R", "role": "admin", "id": "usr_x", "subscription": "premium"}).json()["role"] == "developer"
    me.credentials["email"] = "new@example.com"
    other = requests.post(place.url + "/api/v1/auth/login", json=me.credentials).json()
    assert me.get("/api/v1/auth/sessions").json()["total"] == 3
    wrong = {"old_password": "not the password", "new_password": "another password"}
    error(me.post("/api/v1/auth/me/password", json=wrong), 403, "FORBIDDEN")
    error(me.post("/api/v1/auth/me/password", json={"old_password": PASSWORD, "new_password": "short"}), 400, "SCHEMA_VIOLATION")
    error(
        requests.post(place.url + "/api/v1/auth/me/password", json={**wrong, "old_password": PASSWORD}, headers={"Authorization": key}), 403, "FORBIDDEN"
    )
    assert me.post("/api/v1/auth/me/password", json={"old_password": PASSWORD, "new_password": "another password"}).status_code == 200
    error(requests.get(place.url + "/api/v1/auth/me", headers={"Authorization": f"Bearer {other['access_token']}"}), 401, "UNAUTHORIZED")
    error(requests.post(place.url + "/api/v1/auth/refresh", json={"refresh_token": other["refresh_token"]}), 401, "UNAUTHORIZED")
    assert me.get("/api/v1/auth/me").status_code == 200
    sessions = me.get("/api/v1/auth/sessions").json()["data"]
    assert len(sessions) == 1 and sessions[0]["is_current"]
    other = place.account("other")
    other.login()
    error(other.delete(f"/api/v1/auth/sessions/{sessions[0]['id']}"), 404, "NOT_FOUND")
    assert me.post("/api/v1/auth/logout-all").json()["sessions_ended"] == 1
    error(me.get("/api/v1/auth/me"), 401, "UNAUTHORIZED")


def test_roles_of_ones_own(place, admin, owner, model):
    role = {"name": "caller", "description": "Calls models", "permissions": ["models:read", "models:execute", "keys:manage"]}
    assert admin.post("/api/v1/roles", json=role).status_code == 201
    error(admin.post("/api/v1/roles", json=role), 409, "CONFLICT")
    error(admin.post("/api/v1/roles", json={"name": "Bad Name", "permissions": []}), 400, "SCHEMA_VIOLATION")
    error(admin.post("/api/v1/roles", json={"name": "bad", "permissions": ["fly"]}), 400, "SCHEMA_VIOLATION")
    error(owner.post("/api/v1/roles", json={"name": "mine", "permissions": []}), 403, "FORBIDDEN")
    error(admin.patch("/api/v1/roles/viewer", json={"permissions": []}), 409, "CONFLICT")
    caller = place.account("caller")
    admin.patch(f"/api/v1/users/{caller.user['id']}", json={"role": "caller"})
    error(caller.upload(FIXTURES / "iris.joblib"), 403, "FORBIDDEN")
    owner.patch(f"/api/v1/ml-models/{model}", json={"is_public": True})
    assert caller.predict(model, ROW).status_code == 200
    admin.patch("/api/v1/roles/caller", json={"permissions": ["models:read"]})
    assert "models:execute" in str(error(caller.predict(model, ROW), 403, "FORBIDDEN")["details"])
    error(admin.delete("/api/v1/roles/caller"), 409, "CONFLICT")
    admin.patch(f"/api/v1/users/{caller.user['id']}", json={"role": "viewer"})
    assert admin.delete("/api/v1/roles/caller").status_code == 200
    owner.patch(f"/api/v1/ml-models/{model}", json={"is_public": False})
    error(caller.predict(model, ROW), 404, "MODEL_NOT_FOUND")


def test_permissions_on_a_model(place, admin, owner, model):
    path = f"/api/v1/ml-models/{model}/permissions"
    friend, member = place.account("friend"), place.account("member")

    def listed(client):
        return model in [item["id"] for item in client.get("/api/v1/ml-models?limit=200").json()["data"]]

    assert not listed(friend)
    error(friend.get(f"/api/v1/ml-models/{model}"), 404, "MODEL_NOT_FOUND")
    error(friend.get(path), 404, "MODEL_NOT_FOUND")
    read = owner.post(path, json={"user_id": friend.user["id"], "permission": "read"})
    assert read.status_code == 201 and listed(friend)
    assert friend.get(f"/api/v1/ml-models/{model}").status_code == 200
    error(friend.predict(model, ROW), 403, "FORBIDDEN")
    error(friend.get(path), 403, "FORBIDDEN")
    owner.post(path, json={"user_id": friend.user["id"], "permission": "execute"})
    assert friend.predict(model, ROW).status_code == 200
    assert [grant["permission"] for grant in owner.get(path).json()["data"]] == ["execute"]
    version = owner.get(f"/api/v1/ml-models/{model}/versions").json()["data"][0]["id"]
    for method, rest, body in [
        ("PATCH", "", {"name": "x"}), ("DELETE", "", None), ("POST", f"/versions/{version}/activate", None), ("GET", f"/versions/{version}/download", None),
        ("POST", "/generate-api", {}), ("POST", "/permissions", {"user_id": friend.user["id"], "permission": "admin"}), ("GET", "/logs", None),
    ]:
        error(friend.request(method, f"/api/v1/ml-models/{model}{rest}", json=body), 403, "FORBIDDEN")
    # An end in time.
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
    owner.post(path, json={"user_id": friend.user["id"], "permission": "admin", "expires_at": soon})
    assert friend.patch(f"/api/v1/ml-models/{model}", json={"category": "plants"}).status_code == 200
    time.sleep(2.2)
    error(friend.predict(model, ROW), 404, "MODEL_NOT_FOUND")
    assert not listed(friend)
    # A group, and leaving it.
    group = admin.post("/api/v1/groups", json={"name": "Botany", "description": "Flowers"}).json()
    error(admin.post("/api/v1/groups", json={"name": "Botany"}), 409, "CONFLICT")
    error(member.get(f"/api/v1/groups/{group['id']}"), 404, "NOT_FOUND")
    assert admin.put(f"/api/v1/groups/{group['id']}/members/{member.user['id']}").json()["members"][0]["username"] == "member"
    assert member.get("/api/v1/groups").json()["data"][0]["members"] == 1
    error(member.patch(f"/api/v1/groups/{group['id']}", json={"name": "Mine"}), 403, "FORBIDDEN")
    grant = owner.post(path, json={"group_id": group["id"], "permission": "execute"}).json()
    assert listed(member) and member.predict(model, ROW).status_code == 200
    admin.delete(f"/api/v1/groups/{group['id']}/members/{member.user['id']}")
    error(member.predict(model, ROW), 404, "MODEL_NOT_FOUND")
    admin.put(f"/api/v1/groups/{group['id']}/members/{member.user['id']}")
    assert member.predict(model, ROW).status_code == 200
    assert owner.delete(f"{path}/{grant['id']}").status_code == 200
    error(owner.delete(f"{path}/{grant['id']}"), 404, "NOT_FOUND")
    error(member.predict(model, ROW), 404, "MODEL_NOT_FOUND")
    for body in [
        {"permission": "execute"}, {"user_id": friend.user["id"], "group_id": group["id"], "permission": "read"}, {"user_id": "usr_0", "permission": "read"},
        {"user_id": friend.user["id"], "permission": "all"}, {"user_id": friend.user["id"], "permission": "read", "expires_at": "yesterday"},
        {"user_id": friend.user["id"], "permission": "read", "expires_at": "2020-01-01T00:00:00Z"}, {"user_id": owner.user["id"], "permission": "read"},
    ]:
        error(owner.post(path, json=body), 400, "SCHEMA_VIOLATION")


def test_scopes_of_keys(place, owner, model):
    other = owner.publish(FIXTURES / "iris.joblib", name="Other iris")[0]
    calls = with_key(place, key_of(owner, scope={"permissions": ["models:execute"], "models": [model]})["key"])
    assert calls.predict(model, ROW).status_code == 200
    error(calls.predict(other, ROW), 403, "FORBIDDEN")
    error(calls.upload(FIXTURES / "iris.joblib"), 403, "FORBIDDEN")
    error(calls.delete(f"/api/v1/ml-models/{model}"), 403, "FORBIDDEN")
    error(calls.post("/api/v1/api-keys", json={"name": "more"}), 403, "FORBIDDEN")
    error(calls.get("/api/v1/ml-models"), 403, "FORBIDDEN")
    for path in ("/api/v1/api-keys", "/api/v1/auth/sessions"):
        error(calls.get(path), 403, "FORBIDDEN")
    error(calls.post("/api/v1/auth/logout-all"), 403, "FORBIDDEN")
    assert calls.get("/api/v1/tasks").json()["data"] == []
    job = calls.post(f"/api/v1/ml-models/{model}/predict?async=true", json={"data": ROW}).json()["job_id"]
    assert calls.get(f"/api/v1/tasks/{job}").status_code == 200
    validation = owner.get("/api/v1/tasks?limit=200").json()["data"][-1]["id"]
    error(calls.get(f"/api/v1/tasks/{validation}"), 404, "NOT_FOUND")
    version = owner.get(f"/api/v1/ml-models/{model}/versions").json()["data"][0]["id"]
    pinned = with_key(place, key_of(owner, scope={"versions": [version]})["key"])
    assert pinned.predict(model, ROW).status_code == 200
    error(pinned.predict(other, ROW), 403, "FORBIDDEN")
    one = with_key(place, key_of(owner, scope={"models": [model]})["key"])
    assert [item["id"] for item in one.get("/api/v1/ml-models").json()["data"]] == [model]
    # A key made with a key may not do more than it.
    narrower = with_key(place, key_of(one, scope={"permissions": ["models:read", "users:manage"]})["key"])
    error(narrower.predict(model, ROW), 403, "FORBIDDEN")
    error(narrower.get(f"/api/v1/ml-models/{other}"), 403, "FORBIDDEN")
    for scope in [{"permissions": ["fly"]}, {"models": ["x"]}, {"allowed_addresses": ["10.0.0.0/99"]}, {"requests_per_minute": 0}, {"permissions": []}]:
        error(owner.post("/api/v1/api-keys", json={"name": "k", "scope": scope}), 400, "SCHEMA_VIOLATION")


def test_addresses_of_keys_and_models(place, owner, model):
    secret = key_of(owner, scope={"allowed_addresses": ["10.1.0.0/16", "2001:db8::/32"]})["key"]
    assert with_key(place, secret, "10.1.2.3").predict(model, ROW).status_code == 200
    assert with_key(place, secret, "9.9.9.9, 2001:db8::7").predict(model, ROW).status_code == 200
    error(with_key(place, secret, "10.2.2.3").predict(model, ROW), 403, "FORBIDDEN")
    error(with_key(place, secret, "10.1.2.3, 10.2.2.3").predict(model, ROW), 403, "FORBIDDEN")
    error(with_key(place, secret).predict(model, ROW), 403, "FORBIDDEN")
    assert owner.patch(f"/api/v1/ml-models/{model}", json={"allowed_addresses": ["192.168.0.0/24"]}).status_code == 200
    error(owner.predict(model, ROW), 403, "FORBIDDEN")
    assert owner.predict(model, ROW, headers={"X-Forwarded-For": "192.168.0.9"}).status_code == 200
    assert owner.patch(f"/api/v1/ml-models/{model}", json={"allowed_addresses": []}).json()["data"]["allowed_addresses"] is None
    assert owner.predict(model, ROW).status_code == 200


def test_anonymous_calls_are_the_owners_choice(place, owner, model):
    def call():
        return requests.post(f"{place.url}/api/v1/ml-models/{model}/predict", json={"data": ROW})

    error(call(), 401, "UNAUTHORIZED")
    error(owner.patch(f"/api/v1/ml-models/{model}", json={"allow_anonymous": True}), 409, "CONFLICT")
    owner.patch(f"/api/v1/ml-models/{model}", json={"is_public": True})
    error(call(), 401, "UNAUTHORIZED")
    owner.patch(f"/api/v1/ml-models/{model}", json={"allow_anonymous": True})
    assert call().json()["label"] == 2
    error(requests.get(f"{place.url}/api/v1/ml-models/{model}"), 401, "UNAUTHORIZED")
    owner.patch(f"/api/v1/ml-models/{model}", json={"is_public": False, "allow_anonymous": False})
    error(call(), 401, "UNAUTHORIZED")
    unknown = requests.post(f"{place.url}/api/v1/ml-models/model_0000000000000000/predict", json={"data": ROW})
    assert unknown.json()["error"]["message"] == call().json()["error"]["message"]


def test_limits_of_accounts_and_keys(place, admin, model, owner):
    busy = place.account("busy")
    owner.post(f"/api/v1/ml-models/{model}/permissions", json={"user_id": busy.user["id"], "permission": "execute"})
    admin.patch(f"/api/v1/users/{busy.user['id']}", json={"limits": {"requests_per_minute": 6}})
    first = busy.predict(model, ROW)
    assert (first.headers["RateLimit-Limit"], first.headers["RateLimit-Remaining"]) == ("6", "5") and int(first.headers["RateLimit-Reset"]) in (9, 10)
    second = with_key(place, key_of(busy)["key"])
    answers = [client.predict(model, ROW, headers={"X-Forwarded-For": f"1.2.3.{number}"}) for number in range(6) for client in (busy, second)]
    assert [answer.status_code for answer in answers].count(200) == 4, "all keys of an account share its limit"
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert error(refused, 429, "RATE_LIMITED") and 1 <= int(refused.headers["Retry-After"]) <= 10 and refused.headers["RateLimit-Remaining"] == "0"
    slow = with_key(place, key_of(owner, scope={"requests_per_minute": 2})["key"])
    assert [slow.predict(model, ROW).status_code for _ in range(3)] == [200, 200, 429]
    assert owner.predict(model, ROW).status_code == 200
    told = owner.get("/api/v1/limits").json()
    assert told["models"]["limit"] == 30 and told["models"]["used"] >= 1 and told["storage"]["used_bytes"] > 0 and told["uploads"] is None


def test_quotas_hold_when_many_upload_at_once(place, admin):
    full = place.account("full")
    admin.patch(f"/api/v1/users/{full.user['id']}", json={"limits": {"models_limit": 1}})
    clients = [place.account("full") for _ in range(12)]
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda number: clients[number].upload(FIXTURES / "iris.joblib", name=f"m{number}"), range(12)))
    codes = [answer.status_code for answer in answers]
    assert codes.count(202) == 1 and codes.count(403) == 11, codes
    error(next(answer for answer in answers if answer.status_code == 403), 403, "QUOTA_EXCEEDED")
    assert full.get("/api/v1/ml-models").json()["total"] == 1
    size = (FIXTURES / "iris.joblib").stat().st_size
    admin.patch(f"/api/v1/users/{full.user['id']}", json={"limits": {"storage_quota": size + 10}})
    error(full.upload(FIXTURES / "iris.joblib"), 403, "QUOTA_EXCEEDED")


def test_uploads_an_hour(tmp_path):
    server = Server(tmp_path, upload_rate_limit=2).start()
    try:
        client = server.account("a")
        codes = [client.upload(FIXTURES / "iris.joblib", name=f"m{number}").status_code for number in range(3)]
        assert codes == [202, 202, 429]
        assert client.get("/api/v1/limits").json()["uploads"]["remaining"] == 0
    finally:
        server.stop()


def test_invitations_and_the_command_line(tmp_path):
    server = Server(tmp_path, admin_email="root@example.com", admin_password=PASSWORD, registration="invitation").start()
    try:
        admin = Admin(server)
        body = {"email": "guest@example.com", "username": "guest", "password": PASSWORD}
        error(requests.post(server.url + "/api/v1/auth/register", json=body), 403, "FORBIDDEN")
        invitation = admin.post("/api/v1/invitations", json={"role": "viewer", "expires_in_days": 2}).json()
        assert admin.get("/api/v1/invitations").json()["data"][0]["used_by"] is None and "token" not in admin.get("/api/v1/invitations").json()["data"][0]
        made = requests.post(server.url + "/api/v1/auth/register", json={**body, "invitation": invitation["token"]})
        assert made.status_code == 201 and made.json()["role"] == "viewer"
        error(requests.post(server.url + "/api/v1/auth/register", json={**body, "email": "b@example.com", "invitation": invitation["token"]}), 403, "FORBIDDEN")
        error(admin.delete(f"/api/v1/invitations/{invitation['id']}"), 404, "NOT_FOUND")
        withdrawn = admin.post("/api/v1/invitations", json={}).json()
        assert admin.delete(f"/api/v1/invitations/{withdrawn['id']}").status_code == 200
        # What the command line changes counts while the server runs.
        guest = requests.Session()
        tokens = requests.post(server.url + "/api/v1/auth/login", json={"email": body["email"], "password": PASSWORD}).json()
        guest.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        assert guest.get(server.url + "/api/v1/auth/me").json()["is_active"]

        def users(*arguments):
            return subprocess.run([BINARY, "users", *arguments, "--data-dir", str(server.data)], capture_output=True, text=True)

        assert "guest@example.com" in users("list").stdout
        assert users("update", "--email", "guest@example.com", "--role", "developer").returncode == 0
        assert guest.get(server.url + "/api/v1/auth/me").json()["role"] == "developer"
        assert users("update", "--email", "guest@example.com", "--deactivate").returncode == 0
        deadline = time.time() + 1.5
        while guest.get(server.url + "/api/v1/auth/me").status_code == 200:
            assert time.time() < deadline
            time.sleep(0.1)
        assert users("update", "--email", "nobody@example.com", "--deactivate").returncode != 0
    finally:
        server.stop()


def test_a_guessed_password_must_wait(tmp_path):
    server = Server(tmp_path).start()
    try:
        server.account("a")
        for email in ("a@example.com", "nobody@example.com"):
            answers = [requests.post(server.url + "/api/v1/auth/login", json={"email": email, "password": "wrong password"}) for _ in range(6)]
            assert [answer.status_code for answer in answers] == [401] * 5 + [429]
            assert error(answers[5], 429, "RATE_LIMITED") and int(answers[5].headers["Retry-After"]) == 1
        right = {"email": "a@example.com", "password": PASSWORD}
        assert requests.post(server.url + "/api/v1/auth/login", json=right).status_code == 429
        time.sleep(1.1)
        assert requests.post(server.url + "/api/v1/auth/login", json=right).status_code == 200
    finally:
        server.stop()


def test_what_is_done_and_refused_is_on_record(place, admin, owner, model):
    stranger = place.account("curious")
    error(stranger.get(f"/api/v1/ml-models/{model}", headers={"X-Request-ID": "look-1", "X-Forwarded-For": "7.7.7.7"}), 404, "MODEL_NOT_FOUND")
    error(stranger.get("/api/v1/users"), 403, "FORBIDDEN")
    error(stranger.get("/api/v1/audit"), 403, "FORBIDDEN")
    error(requests.get(place.url + "/api/v1/ml-models", headers={"X-API-Key": "mlp_guess"}), 401, "UNAUTHORIZED")
    # Something that is not there at all is no secret, and no entry.
    error(stranger.get("/api/v1/ml-models/model_0000000000000000"), 404, "MODEL_NOT_FOUND")
    time.sleep(1)  # refusals are written a little later, so that their time tells nothing
    denied = admin.get("/api/v1/audit", params={"action": "access.denied", "user_id": stranger.user["id"]}).json()["data"]
    assert [entry["resource_id"] for entry in denied] == ["GET /api/v1/audit", "GET /api/v1/users", f"GET /api/v1/ml-models/{model}"]
    assert denied[2]["ip_address"] == "7.7.7.7" and denied[2]["request_id"] == "look-1" and denied[0]["details"]["api_key"].startswith("key_")
    guesses = admin.get("/api/v1/audit", params={"action": "access.denied", "resource_id": "GET /api/v1/ml-models"}).json()["data"]
    assert guesses and guesses[0]["user_id"] is None
    owner.patch(f"/api/v1/ml-models/{model}", json={"category": "garden"})
    changed = admin.get("/api/v1/audit", params={"action": "model.updated", "resource_id": model, "limit": 1}).json()["data"][0]
    assert changed["details"]["after"] == {"category": "garden"} and changed["user_id"] == owner.user["id"]
    pages, cursor = [], None
    while True:
        page = admin.get("/api/v1/audit", params={"limit": 40, **({"cursor": cursor} if cursor else {})}).json()
        pages += [entry["place"] for entry in page["data"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert pages == list(range(pages[0], 0, -1))
    lines = admin.get("/api/v1/audit/export", params={"action": "user.registered"}).text.splitlines()
    assert len(lines) > 3 and all('"action":"user.registered"' in line for line in lines)
    error(admin.get("/api/v1/audit?since=yesterday"), 400, "SCHEMA_VIOLATION")
    everything = admin.get("/api/v1/audit/export").text
    for secret in (PASSWORD, owner.key, "argon2"):
        assert secret not in everything
    verify = [BINARY, "audit", "verify", "--data-dir", str(place.data)]
    checked = subprocess.run(verify, capture_output=True, text=True)
    assert checked.returncode == 0 and "are whole" in checked.stdout, checked
    last = checked.stdout.split()[-1]
    admin.get("/api/v1/users")
    error(stranger.get("/api/v1/users"), 403, "FORBIDDEN")
    assert subprocess.run([*verify, "--expect", last], capture_output=True).returncode == 0
    assert subprocess.run([*verify, "--expect", last[:-1] + "x"], capture_output=True).returncode == 1
    sqlite3.connect(place.data / "martlet.sqlite").execute("UPDATE audit_log SET user_id = NULL WHERE seq = 5").connection.commit()
    broken = subprocess.run(verify, capture_output=True, text=True)
    assert broken.returncode == 1 and "place 5" in broken.stderr


def test_a_new_key_for_tokens_logs_nobody_out(tmp_path):
    server = Server(tmp_path).start()
    try:
        client = server.account("a")
        tokens = client.login()
        rotated = subprocess.run([BINARY, "tokens", "rotate", "--data-dir", str(server.data)], capture_output=True, text=True)
        assert rotated.returncode == 0 and "Key 2" in rotated.stdout, rotated
        server.stop()
        server.start()
        client.server = server
        assert client.get("/api/v1/auth/me").status_code == 200
        fresh = requests.post(server.url + "/api/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]}).json()["access_token"]
        assert requests.get(server.url + "/api/v1/auth/me", headers={"Authorization": f"Bearer {fresh}"}).status_code == 200
        assert jwt_header(fresh)["kid"] == "2" and jwt_header(tokens["access_token"])["kid"] == "1"
    finally:
        server.stop()


def jwt_header(token):
    part = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_rules_that_change_while_a_version_loads_hold(place, owner):
    """The version is brought into memory for seconds; what is decided meanwhile counts when it serves."""
    code = b"import time\ntime.sleep(3)\ndef custom_predict(model, input_data):\n    return [1 for _ in input_data]\n"
    model, first, _ = owner.publish(FIXTURES / "iris.joblib", name="loads slowly", is_public="true")
    _, second, _ = owner.publish(FIXTURES / "iris.joblib", model=model, model_type="custom", files={"custom_api": ("c.py", code)})
    stranger = place.account("rulewatcher")
    assert stranger.predict(model, [6.3, 3.3, 6.0, 2.5]).status_code == 200
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        activation = pool.submit(owner.post, f"/api/v1/ml-models/{model}/versions/{second}/activate")
        time.sleep(1)
        assert not activation.done()
        assert owner.patch(f"/api/v1/ml-models/{model}", json={"is_public": False}).status_code == 200
        assert activation.result().status_code == 200
    assert owner.predict(model, [6.3, 3.3, 6.0, 2.5]).json()["prediction"] == 1
    assert stranger.predict(model, [6.3, 3.3, 6.0, 2.5]).status_code == 404


def test_files_follow_a_model_to_its_new_owner_and_go_with_it(tmp_path):
    server = Server(tmp_path, admin_email="root@example.com", admin_password=PASSWORD, delete_grace_seconds=0).start()
    try:
        admin, leaver, heir = Admin(server), server.account("leaver"), server.account("heir")
        model, first, _ = leaver.publish(FIXTURES / "iris.joblib", name="inherited")
        assert admin.delete(f"/api/v1/users/{leaver.user['id']}?transfer_to={heir.user['id']}").status_code == 200
        heir.publish(FIXTURES / "iris.joblib", model=model)
        folders = list(server.data.glob(f"models/*/{model}/v*"))
        assert {folder.parts[-3] for folder in folders} == {leaver.user["id"], heir.user["id"]}
        assert heir.predict(model, [6.3, 3.3, 6.0, 2.5]).status_code == 200
        assert heir.get(f"/api/v1/ml-models/{model}/versions/{first}/download").content == (FIXTURES / "iris.joblib").read_bytes()
        server.stop()
        server.start()
        assert heir.predict(model, [6.3, 3.3, 6.0, 2.5]).status_code == 200
        assert heir.delete(f"/api/v1/ml-models/{model}").status_code == 200
        gone = subprocess.run([BINARY, "gc", "--data-dir", server.data], capture_output=True, text=True, env={**os.environ, "MARTLET_DELETE_GRACE_SECONDS": "0"})
        assert gone.returncode == 0, gone.stderr
        assert not list(server.data.glob(f"models/*/{model}/v*"))
    finally:
        server.stop()
