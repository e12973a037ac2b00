"""TLS, HTTP/2, what browsers may do, and what a crash leaves behind."""

import json
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest
import requests

from conftest import FIXTURES, Server

ROW = [6.3, 3.3, 6.0, 2.5]


def certificate(folder, name="localhost"):
    folder = Path(folder)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder / "new.key", "-out", folder / "new.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    (folder / "new.key").rename(folder / "server.key")
    (folder / "new.pem").rename(folder / "server.pem")


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    certificate(folder)
    server = Server(folder, tls_cert=folder / "server.pem", tls_key=folder / "server.key", cors_origins="https://app.example.com, https://b.example").start()
    assert server.url.startswith("https://")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def trusted(secure, monkeypatch_module):
    monkeypatch_module.setenv("REQUESTS_CA_BUNDLE", str(secure.folder / "server.pem"))
    monkeypatch_module.delenv("CURL_CA_BUNDLE", raising=False)
    return secure


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def caller(trusted):
    client = trusted.account("a")
    return client, client.publish(FIXTURES / "iris.joblib")[0]


def curl(server, *arguments):
    answer = subprocess.run(
        ["curl", "-sS", "--cacert", server.folder / "server.pem", "-w", "\n%{http_code} %{http_version}", *arguments], capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    body, _, status = answer.stdout.rpartition("\n")
    return body, *status.split()


def test_a_model_is_published_and_called_over_tls(caller):
    client, model = caller
    answer = client.predict(model, ROW)
    assert answer.json()["label"] == 2 and answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_both_versions_of_http_answer_the_same(trusted, caller):
    client, model = caller
    call = [f"{trusted.url}/api/v1/ml-models/{model}/predict", "-H", f"Authorization: Bearer {client.key}", "-H", "Content-Type: application/json", "-d"]
    answers = [curl(trusted, version, *call, json.dumps({"data": ROW})) for version in ("--http2", "--http1.1")]
    assert [(status, version) for _, status, version in answers] == [("200", "2"), ("200", "1.1")]
    first, second = (json.loads(body) for body, _, _ in answers)
    assert first["prediction"] == second["prediction"]
    body, status, _ = curl(trusted, "--http2", *call, '{"data":[1]}')
    assert status == "400" and json.loads(body)["error"]["code"] == "SCHEMA_VIOLATION"
    upload = ["--http2", f"{trusted.url}/api/v1/ml-models", "-H", f"Authorization: Bearer {client.key}", "-F", "name=two", "-F", "model_type=sklearn"]
    assert curl(trusted, *upload, "-F", f"file=@{FIXTURES / 'iris.joblib'}")[1:] == ("202", "2")


def test_old_protocols_and_plain_text_are_refused(secure):
    place = secure.url.removeprefix("https://").split(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection((place[0], int(place[1])), timeout=10) as line, pytest.raises((ssl.SSLError, ConnectionError)):
        context.wrap_socket(line)
    with socket.create_connection((place[0], int(place[1])), timeout=10) as line:
        line.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200" not in line.recv(1000)


def test_a_handshake_that_does_not_come_is_ended(secure):
    place = secure.url.removeprefix("https://").split(":")
    with socket.create_connection((place[0], int(place[1])), timeout=15) as line:
        line.sendall(b"\x16\x03\x01")
        begin = time.monotonic()
        assert line.recv(100) == b"" and 8 < time.monotonic() - begin < 13


def serial(server):
    place = server.url.removeprefix("https://").split(":")
    return ssl.get_server_certificate((place[0], int(place[1])))


def test_a_renewed_certificate_is_used_and_a_broken_one_is_not(tmp_path):
    certificate(tmp_path)
    server = Server(tmp_path, tls_cert=tmp_path / "server.pem", tls_key=tmp_path / "server.key").start()
    try:
        first = serial(server)
        (tmp_path / "server.pem").write_text("no certificate")
        time.sleep(3)
        assert serial(server) == first
        certificate(tmp_path, "renewed")
        deadline = time.time() + 8
        while serial(server) == first:
            assert time.time() < deadline
            time.sleep(0.2)
    finally:
        server.stop()


def test_a_server_with_half_a_certificate_does_not_start(tmp_path):
    certificate(tmp_path)
    for settings in ({"tls_cert": tmp_path / "server.pem"}, {"tls_cert": tmp_path / "server.pem", "tls_key": tmp_path / "server.pem"}):
        with pytest.raises(AssertionError):
            Server(tmp_path, **settings).start()


def test_only_named_web_sites_may_call(trusted, caller):
    client, model = caller
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key"}
    url = f"{trusted.url}/api/v1/ml-models/{model}/predict"
    good = requests.options(url, headers={"Origin": "https://app.example.com", **preflight})
    assert good.status_code == 204 and good.headers["Access-Control-Allow-Origin"] == "https://app.example.com"
    assert "X-API-Key" in good.headers["Access-Control-Allow-Headers"] and "Access-Control-Allow-Credentials" not in good.headers
    for origin in ("https://app.example.com", "https://b.example"):
        answer = client.predict(model, ROW, headers={"Origin": origin})
        assert answer.status_code == 200 and answer.headers["Access-Control-Allow-Origin"] == origin and answer.headers["Vary"] == "Origin"
        # A page can read why it was refused, too.
        assert requests.get(trusted.url + "/api/v1/ml-models", headers={"Origin": origin}).headers["Access-Control-Allow-Origin"] == origin
    for origin in ("https://evil.test", "null", "https://app.example.com.evil.test", "http://app.example.com"):
        assert "Access-Control-Allow-Origin" not in requests.options(url, headers={"Origin": origin, **preflight}).headers
        assert "Access-Control-Allow-Origin" not in client.predict(model, ROW, headers={"Origin": origin}).headers


def test_no_memory_is_left_on_disk_by_a_crash(server):
    limits = Path(f"/proc/{server.process.pid}/limits").read_text()
    assert [line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core file size")] == [["0", "0"]]
