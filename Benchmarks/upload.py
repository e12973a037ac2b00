"""Uploads a file of the given number of MiB in one multipart body, made on the fly, and prints MB/s.

    python Benchmarks/upload.py URL KEY MEBIBYTES
"""

import http.client
import sys
import time
from urllib.parse import urlparse

url, key, mebibytes = urlparse(sys.argv[1]), sys.argv[2], int(sys.argv[3])
# A pickle that is one long byte string, so that it begins like a model file.
size = mebibytes << 20
content = b"\x80\x04\x8e" + (size - 12).to_bytes(8, "little")
block = bytes(range(256)) * 4096
head = b"".join(b'--B\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % pair for pair in ((b"name", b"large"), (b"model_type", b"custom")))
head += b'--B\r\nContent-Disposition: form-data; name="file"; filename="large.pkl"\r\n\r\n'
tail = b".\r\n--B--\r\n"
connection = http.client.HTTPConnection(url.hostname, url.port, timeout=600)
connection.putrequest("POST", "/api/v1/ml-models")
connection.putheader("Authorization", f"Bearer {key}")
connection.putheader("Content-Type", "multipart/form-data; boundary=B")
connection.putheader("Content-Length", str(len(head) + size + len(tail) - 1))
connection.endheaders()
start = time.perf_counter()
connection.send(head + content)
left = size - len(content) - 1
while left > 0:
    connection.send(block[: min(left, len(block))])
    left -= min(left, len(block))
connection.send(tail)
answer = connection.getresponse()
body = answer.read()
seconds = time.perf_counter() - start
if answer.status != 202:
    sys.exit(f"{answer.status} {body.decode()}")
print(round(size / 1e6 / seconds))
