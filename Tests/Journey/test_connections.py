"""Predictions on raw connections: what is answered on the event loop and what goes through the router must look the same and keep its order."""

import json
import re
import socket
import time
from urllib.parse import urlparse

import pytest

ROW = [6.3, 3.3, 6.0, 2.5]


class Line:
    """One connection, written and read by hand."""

    def __init__(self, server, key):
        place = urlparse(server.url)
        self.socket = socket.create_connection((place.hostname, place.port), timeout=15)
        self.reader = self.socket.makefile("rb")
        self.key = key

    def request(self, path, body=None, method="POST", headers=()):
        data = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: test", f"Authorization: Bearer {self.key}", *headers]
        if body is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(data)}"]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + data

    def answer(self):
        status = self.reader.readline()
        assert status, "the connection was closed"
        headers = {}
        while (line := self.reader.readline()) not in (b"\r\n", b""):
            name, value = line.decode().rstrip().split(": ", 1)
            headers[name.lower()] = value
        return int(status.split()[1]), headers, json.loads(self.reader.read(int(headers["content-length"])))


@pytest.fixture
def line(server, client):
    line = Line(server, client.key)
    yield line
    line.socket.close()


def path(model, rest="predict"):
    return f"/api/v1/ml-models/{model}/{rest}"


def test_pipelined_requests_are_answered_in_their_order(line, iris):
    """Direct answers wait while the router still owes one."""
    model = iris[0]
    wanted = []
    out = b""
    for number in range(40):
        if number % 3 == 0:
            out += line.request(path(model, "versions"), method="GET", headers=[f"X-Request-ID: r{number}"])
            wanted.append("versions")
        elif number % 5 == 0:
            out += line.request(path(model), {"data": [1]}, headers=[f"X-Request-ID: r{number}"])
            wanted.append("error")
        else:
            out += line.request(path(model), {"data": ROW}, headers=[f"X-Request-ID: r{number}"])
            wanted.append("prediction")
    line.socket.sendall(out)
    for number, kind in enumerate(wanted):
        status, headers, body = line.answer()
        assert headers["x-request-id"] == f"r{number}"
        assert status == (400 if kind == "error" else 200), body
        assert kind != "prediction" or body["label"] == 2


def test_direct_and_routed_answers_have_the_same_headers(line, iris):
    line.socket.sendall(line.request(path(iris[0]), {"data": ROW}) + line.request(path(iris[0]) + "?async=false", {"data": ROW}))
    (_, direct, first), (_, routed, second) = line.answer(), line.answer()
    assert direct.keys() == routed.keys()
    for name in set(direct) - {"x-request-id", "content-length", "date"}:
        assert direct[name] == routed[name], name
    assert re.fullmatch(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", direct["date"])
    first.pop("inference_time_ms"), second.pop("inference_time_ms")
    assert first == second


def test_a_request_in_single_bytes(line, iris):
    line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in line.request(path(iris[0]), {"data": ROW}):
        line.socket.sendall(bytes([byte]))
    assert line.answer()[0] == 200


def test_batches_and_chunked_bodies(line, iris):
    line.socket.sendall(line.request(path(iris[0], "predict/batch"), {"data": [ROW] * 50}))
    status, _, body = line.answer()
    assert status == 200 and body["labels"] == [2] * 50
    chunk = json.dumps({"data": ROW}).encode()
    line.socket.sendall(
        line.request(path(iris[0]), headers=["Content-Type: application/json", "Transfer-Encoding: chunked"])
        + b"%x\r\n%s\r\n0\r\n\r\n" % (len(chunk), chunk)
    )
    assert line.answer()[0] == 200


def test_a_connection_that_is_to_be_closed_is_closed(line, iris):
    line.socket.sendall(line.request(path(iris[0]), {"data": ROW}, headers=["Connection: close"]))
    assert line.answer()[0] == 200
    assert line.reader.read() == b""


def test_a_key_that_was_revoked_and_a_model_that_is_not_ones_own(line, client, stranger, iris, server):
    created = client.post("/api/v1/api-keys", json={"name": "short"}).json()
    other = Line(server, created["key"])
    other.socket.sendall(other.request(path(iris[0]), {"data": ROW}))
    assert other.answer()[0] == 200
    assert client.delete(f"/api/v1/api-keys/{created['id']}").status_code in (200, 204)
    other.socket.sendall(other.request(path(iris[0]), {"data": ROW}))
    assert other.answer()[0] == 401
    foreign = Line(server, stranger.key)
    foreign.socket.sendall(foreign.request(path(iris[0]), {"data": ROW}))
    assert foreign.answer()[0] == 404


def test_a_kept_connection_may_rest_longer_than_a_header_may_take(line, iris):
    line.socket.sendall(line.request(path(iris[0]), {"data": ROW}))
    assert line.answer()[0] == 200
    time.sleep(22)
    line.socket.sendall(line.request(path(iris[0]), {"data": ROW}))
    assert line.answer()[0] == 200


def test_a_header_that_does_not_come_to_its_end_after_a_prediction(line, iris):
    line.socket.settimeout(40)
    line.socket.sendall(line.request(path(iris[0]), {"data": ROW}))
    assert line.answer()[0] == 200
    line.socket.sendall(b"POST /api")
    began = time.monotonic()
    status, _, body = line.answer()
    assert status == 408 and 15 < time.monotonic() - began < 30, body
