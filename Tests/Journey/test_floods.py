"""Floods: ten thousand resting connections, and streams of HTTP/2 frames that cost a client little and a careless server much."""

import socket
import ssl
import struct
import time

import pytest
import requests

from conftest import FIXTURES, Server
from test_transport import certificate

ROW = [6.3, 3.3, 6.0, 2.5]
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, CONTINUATION = 0, 1, 3, 4, 6, 7, 9
# :method GET, :path /, :scheme https and an :authority, as HPACK writes them without a table: RFC 7541 appendix A.
REQUEST = b"\x82\x84\x87\x41\x09localhost"


def memory(server):
    return next(int(line.split()[1]) for line in open(f"/proc/{server.process.pid}/status") if line.startswith("VmRSS")) * 1024


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("flood")).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    folder = tmp_path_factory.mktemp("flood-tls")
    certificate(folder)
    server = Server(folder, tls_cert=folder / "server.pem", tls_key=folder / "server.key").start()
    yield server
    server.stop()


def test_ten_thousand_resting_connections_hold_nobody_up(plain):
    client = plain.account("a")
    model = client.publish(FIXTURES / "iris.joblib")[0]
    port = int(plain.url.rsplit(":", 1)[1])
    before = memory(plain)
    lines = []
    try:
        while len(lines) < 10_000:
            line = socket.create_connection(("127.0.0.1", port), timeout=30)
            line.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
            assert line.recv(1024).startswith(b"HTTP/1.1 200")
            lines.append(line)
        start = time.monotonic()
        for _ in range(20):
            assert client.predict(model, ROW).status_code == 200
        assert (time.monotonic() - start) / 20 < 1
        each = (memory(plain) - before) / len(lines)
        assert each < 64 << 10, f"{each:.0f} bytes a connection"
    finally:
        for line in lines:
            line.close()
    assert client.predict(model, ROW).status_code == 200


class Connection:
    """HTTP/2 by hand."""

    def __init__(self, server):
        context = ssl.create_default_context(cafile=str(server.folder / "server.pem"))
        context.set_alpn_protocols(["h2"])
        port = int(server.url.rsplit(":", 1)[1])
        self.line = context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=20), server_hostname="localhost")
        assert self.line.selected_alpn_protocol() == "h2"
        self.line.sendall(PREFACE + frame(SETTINGS, 0, 0))

    def send(self, data):
        """False when the server has ended the connection."""
        try:
            self.line.sendall(data)
            return True
        except (ConnectionError, ssl.SSLError, OSError):
            return False

    def ended(self, seconds=15):
        """Whether the server ends the connection, or says that it will."""
        deadline, seen = time.monotonic() + seconds, b""
        self.line.settimeout(1)
        while time.monotonic() < deadline:
            try:
                piece = self.line.recv(65536)
            except TimeoutError:
                continue
            except (ConnectionError, ssl.SSLError, OSError):
                return True
            if not piece:
                return True
            seen = (seen + piece)[-200_000:]
            if any(kind == GOAWAY for kind in self.kinds(seen)):
                return True
        return False

    @staticmethod
    def kinds(data):
        place = 0
        while place + 9 <= len(data):
            yield data[place + 3]
            place += 9 + int.from_bytes(data[place : place + 3], "big")


def stands(server, before):
    """The server still answers, quickly, and did not grow."""
    start = time.monotonic()
    assert requests.get(server.url + "/health/live", verify=str(server.folder / "server.pem")).status_code == 200
    assert time.monotonic() - start < 2
    assert memory(server) - before < 64 << 20, memory(server) - before


def test_rapid_resets_end_the_connection(secure):
    before = memory(secure)
    connection = Connection(secure)
    stream, alive = 1, True
    while alive and stream < 200_000:
        burst = b"".join(frame(HEADERS, 5, number, REQUEST) + frame(RST_STREAM, 0, number, struct.pack(">I", 8)) for number in range(stream, stream + 400, 2))
        alive = connection.send(burst)
        stream += 400
    assert not alive or connection.ended(), "a hundred thousand requests that were taken back at once"
    stands(secure, before)


def test_a_header_that_never_ends_ends_the_connection(secure):
    before = memory(secure)
    connection = Connection(secure)
    alive = connection.send(frame(HEADERS, 1, 1, REQUEST))
    # 16 KiB of header fields in each frame: 1 GiB if nobody stops it.
    field = b"\x00\x03xxx\x7f\x81\x07" + b"y" * 1024
    for _ in range(65_536):
        if not alive:
            break
        alive = connection.send(frame(CONTINUATION, 0, 1, field * 15))
    assert not alive or connection.ended()
    stands(secure, before)


def test_empty_continuations_end_the_connection(secure):
    before = memory(secure)
    connection = Connection(secure)
    alive = connection.send(frame(HEADERS, 1, 1, REQUEST))
    for _ in range(2_000):
        if not alive:
            break
        alive = connection.send(frame(CONTINUATION, 0, 1) * 500)
    assert not alive or connection.ended(), "a million frames of nothing"
    stands(secure, before)


def test_a_header_table_that_is_named_a_thousandfold_does_not_fill_the_memory(secure):
    before = memory(secure)
    connection = Connection(secure)
    # One field of 4,000 bytes is put into the table (index 62), then named 10,000 times: 40 MB of header in 14 kB.
    big = b"\x40\x01x\x7f\xa1\x1e" + b"z" * 4000
    assert connection.send(frame(HEADERS, 5, 1, REQUEST + big + b"\xbe" * 10_000))
    for stream in range(3, 41, 2):
        if not connection.send(frame(HEADERS, 5, stream, REQUEST + b"\xbe" * 16_000)):
            break
    stands(secure, before)


def test_a_client_that_never_reads_is_held_back(plain):
    """Answers that nobody takes pile up in the sockets, and not in the server."""
    client = plain.account("never")
    model = client.publish(FIXTURES / "iris.joblib")[0]
    body = b'{"data":[[6.3,3.3,6.0,2.5]' + b",[6.3,3.3,6.0,2.5]" * 1000 + b"]}"
    head = f"POST /api/v1/ml-models/{model}/predict/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.key}\r\nContent-Type: application/json\r\n"
    call = head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body
    before = memory(plain)
    with socket.create_connection(("127.0.0.1", int(plain.url.rsplit(":", 1)[1]))) as line:
        line.settimeout(3)
        sent = 0
        try:
            for _ in range(5_000):
                line.sendall(call)
                sent += 1
        except TimeoutError:
            pass
        assert sent < 5_000, "100 MB of requests were taken although no answer was"
        assert memory(plain) - before < 64 << 20
        assert client.predict(model, ROW).status_code == 200


@pytest.mark.parametrize("kind, payload", [(PING, b"12345678"), (SETTINGS, b"")])
def test_floods_of_control_frames_do_not_fill_the_memory(secure, kind, payload):
    before = memory(secure)
    connection = Connection(secure)
    for _ in range(400):
        # Answers are not read: a server that queues them without end grows.
        connection.line.settimeout(2)
        if not connection.send(frame(kind, 0, 0, payload) * 1_000):
            break
    stands(secure, before)


def test_a_frame_that_says_it_is_longer_than_allowed_ends_the_connection(secure):
    before = memory(secure)
    connection = Connection(secure)
    connection.send(b"\xff\xff\xff" + bytes([DATA, 0]) + struct.pack(">I", 1) + b"x" * 1000)
    assert connection.ended()
    stands(secure, before)
