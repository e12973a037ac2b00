"""Frames on the request socket.

Layout, little-endian: u32 length of the rest, u8 kind, u64 request id, u32 length of the header, the header as JSON, then
the bytes of the tensors in the order in which the header lists them.
"""

import json
import struct

CONFIGURE, READY, LOAD, LOADED, PREDICT, PREDICTED, ERROR, CONVERT, CONVERTED = range(1, 10)
HEAD = struct.Struct("<IBQI")
MAXIMUM = 1 << 30


def receive_exactly(sock, count):
    buffer = bytearray(count)
    view = memoryview(buffer)
    place = 0
    while place < count:
        received = sock.recv_into(view[place:])
        if received == 0:
            raise EOFError
        place += received
    return view


def receive(sock):
    """Returns (kind, request id, header, payload); raises EOFError when the server closed the socket."""
    length, kind, request, header_length = HEAD.unpack(receive_exactly(sock, HEAD.size))
    rest = receive_exactly(sock, length - (HEAD.size - 4))
    header = json.loads(bytes(rest[:header_length])) if header_length else {}
    return kind, request, header, rest[header_length:]


def send(sock, kind, request, header, payloads=()):
    text = json.dumps(header, allow_nan=False).encode()
    length = HEAD.size - 4 + len(text) + sum(len(payload) for payload in payloads)
    sock.sendall(b"".join([HEAD.pack(length, kind, request, len(text)), text, *payloads]))
