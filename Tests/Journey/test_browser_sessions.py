"""A browser's session: cookies that scripts cannot read, and changes that no other site can make with them."""

import re
import uuid

import pytest
import requests
from conftest import Server, error


def credentials(server):
    return server.account(f"browser{uuid.uuid4().hex[:8]}").credentials


@pytest.fixture
def browser(server):
    """A session logged in by cookies, and the token that its changes need."""
    session = requests.Session()
    session.base = server.url
    answer = session.post(server.url + "/api/v1/auth/session", json=credentials(server))
    assert answer.status_code == 200, answer.text
    session.answer, session.token = answer, answer.json()["csrf_token"]
    return session


def call(browser, method, path, **more):
    return browser.request(method, browser.base + path, **more)


def change(browser, **headers):
    return call(browser, "PATCH", "/api/v1/auth/me", json={"username": f"renamed{browser.token[:8]}"}, headers=headers)


def test_cookies_cannot_be_read_by_scripts_and_are_not_sent_by_other_sites(browser):
    cookies = browser.answer.raw.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/api/v1" in cookie and "Domain" not in cookie
    assert "martlet_refresh" in cookies[1] and "Path=/api/v1/auth/session" in cookies[1], "the long-lived one goes nowhere else"
    assert "access_token" not in browser.answer.text and "refresh_token" not in browser.answer.text


def test_a_session_reads_by_its_cookie_alone(browser):
    assert call(browser, "GET", "/api/v1/auth/me").status_code == 200
    session = call(browser, "GET", "/api/v1/auth/session").json()
    assert session["csrf_token"] == browser.token and session["user"]["username"]
    assert call(browser, "GET", "/api/v1/models").status_code == 200


def test_a_change_needs_the_token_of_its_session(browser, server):
    other = requests.Session()
    others = other.post(server.url + "/api/v1/auth/session", json=credentials(server)).json()["csrf_token"]
    for wrong in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": others}, {"X-CSRF-Token": browser.token[:-1] + "x"}):
        error(change(browser, **wrong), 403, "FORBIDDEN")
    assert call(browser, "GET", "/api/v1/auth/me").json()["username"] != f"renamed{browser.token[:8]}"
    assert change(browser, **{"X-CSRF-Token": browser.token}).json()["username"] == f"renamed{browser.token[:8]}"


@pytest.mark.parametrize("foreign", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
def test_what_another_site_makes_a_browser_do_is_refused(browser, foreign):
    error(change(browser, **{"X-CSRF-Token": browser.token}, **foreign), 403, "FORBIDDEN")
    # Nor can it log somebody in under its own account, or go on with the session.
    login = requests.post(browser.base + "/api/v1/auth/session", json={"email": "x@example.com", "password": "a long password"}, headers=foreign)
    error(login, 403, "FORBIDDEN")
    error(call(browser, "POST", "/api/v1/auth/session/refresh", headers=foreign), 403, "FORBIDDEN")
    behind = {"Origin": "https://models.example", "Sec-Fetch-Site": "same-origin"}
    for own in ({"Origin": browser.base}, {"Origin": browser.base, "Sec-Fetch-Site": "same-origin"}, behind, {"Sec-Fetch-Site": "none"}):
        assert change(browser, **{"X-CSRF-Token": browser.token}, **own).status_code == 200


def test_every_change_of_the_api_needs_the_token(browser):
    """Made from the document, so that a new route is covered by being there."""
    document = requests.get(browser.base + "/api/v1/openapi.json").json()
    changes = [(method, path) for path, item in document["paths"].items() for method in item if method in ("post", "put", "patch", "delete")]
    assert len(changes) > 80
    for method, path in changes:
        if path in ("/api/v1/auth/session", "/api/v1/auth/session/refresh") and method == "post":
            continue
        target = re.sub(r"{(\w+)}", "x", path)
        answer = call(browser, method, target, json={})
        assert answer.status_code == 403 and "X-CSRF-Token" in answer.text, (method, path, answer.text)


def test_a_session_goes_on_with_its_refresh_cookie_and_ends_at_logout(browser):
    before = browser.cookies.copy()
    answer = call(browser, "POST", "/api/v1/auth/session/refresh")
    assert answer.status_code == 200 and answer.json()["csrf_token"] == browser.token
    assert browser.cookies["martlet_refresh"] != before["martlet_refresh"]
    assert call(browser, "DELETE", "/api/v1/auth/session", headers={"X-CSRF-Token": browser.token}).status_code == 200
    assert not browser.cookies, "the cookies are taken back"
    # What was copied is of no use any more.
    copied = {"Cookie": "; ".join(f"{name}={value}" for name, value in before.items())}
    error(requests.get(browser.base + "/api/v1/auth/me", headers=copied), 401, "UNAUTHORIZED")
    error(requests.post(browser.base + "/api/v1/auth/session/refresh", headers=copied), 401, "UNAUTHORIZED")


def test_a_session_ends_also_when_its_short_lived_cookie_is_gone(browser):
    refresh = {"Cookie": f"martlet_refresh={browser.cookies['martlet_refresh']}"}
    foreign = requests.delete(browser.base + "/api/v1/auth/session", headers={**refresh, "Origin": "https://evil.example"})
    error(foreign, 403, "FORBIDDEN")
    answer = requests.delete(browser.base + "/api/v1/auth/session", headers=refresh)
    assert answer.status_code == 200 and all("Max-Age=0" in cookie for cookie in answer.raw.headers.getlist("Set-Cookie"))
    assert call(browser, "GET", "/api/v1/auth/me").status_code == 401
    error(requests.post(browser.base + "/api/v1/auth/session/refresh", headers=refresh), 401, "UNAUTHORIZED")
    error(requests.delete(browser.base + "/api/v1/auth/session"), 401, "UNAUTHORIZED")


def test_a_refresh_cookie_that_was_copied_ends_the_session(browser):
    old = {"Cookie": f"martlet_refresh={browser.cookies['martlet_refresh']}"}
    assert call(browser, "POST", "/api/v1/auth/session/refresh").status_code == 200
    error(requests.post(browser.base + "/api/v1/auth/session/refresh", headers=old), 401, "UNAUTHORIZED")
    assert call(browser, "GET", "/api/v1/auth/me").status_code == 401


def test_a_cookie_that_is_not_good_any_more_is_nobodys(server):
    stale = {"Cookie": "martlet_access=nonsense; martlet_refresh=nonsense"}
    error(requests.get(server.url + "/api/v1/auth/me", headers=stale), 401, "UNAUTHORIZED")
    assert requests.get(server.url + "/health", headers=stale).status_code == 200
    assert requests.post(server.url + "/api/v1/auth/session", json=credentials(server), headers=stale).status_code == 200


def test_behind_a_proxy_with_tls_the_cookies_go_over_tls_only(server, tmp_path_factory):
    behind = Server(tmp_path_factory.mktemp("behind"), trusted_proxies="127.0.0.1").start()
    try:
        for place, headers, is_secure in [
            (behind, {"X-Forwarded-Proto": "https"}, True), (behind, {"X-Forwarded-Proto": "https, http"}, True), (behind, {"X-Forwarded-Proto": "http"}, False),
            (behind, {}, False), (server, {"X-Forwarded-Proto": "https"}, False),
        ]:  # fmt: skip
            answer = requests.post(place.url + "/api/v1/auth/session", json=credentials(place), headers=headers)
            assert [("Secure" in cookie) for cookie in answer.raw.headers.getlist("Set-Cookie")] == [is_secure] * 2, headers
    finally:
        behind.stop()
