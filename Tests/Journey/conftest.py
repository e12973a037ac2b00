"""The real binary on a real port, with real models; each test is a real client."""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "Tests" / "Fixtures"
BINARY = os.environ.get("MARTLET_BINARY", str(ROOT / ".build" / "debug" / "martlet"))


# Tests open thousands of connections; a server raises its own limit, the client must too.
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)


class Server:
    """A server process and its data folder; can be killed and started again over the same data."""

    def __init__(self, folder, **settings):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data = self.folder / "data"
        self.settings = {"upload_rate_limit": 0, **settings}
        self.process = None
        self.url = None

    def start(self):
        self.log = open(self.folder / "server.log", "ab")
        environment = {**os.environ, **{f"MARTLET_{name.upper()}": str(value) for name, value in self.settings.items()}}
        self.process = subprocess.Popen(
            [BINARY, "serve", "--port", "0", "--data-dir", str(self.data)], stdout=subprocess.PIPE, stderr=self.log, env=environment
        )
        line = self.process.stdout.readline().decode()
        match = re.search(r"https?://\S+", line)
        assert match, (self.folder / "server.log").read_text()[-3000:]
        self.url = match.group(0)
        return self

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(timeout=40) == 0

    def account(self, name):
        return Client(self, name)


class Client(requests.Session):
    """A session that is logged in with an API key."""

    def __init__(self, server, name):
        super().__init__()
        self.server = server
        self.credentials = {"email": f"{name}@example.com", "password": "a long password"}
        answer = requests.post(server.url + "/api/v1/auth/register", json={**self.credentials, "username": name})
        assert answer.status_code in (201, 409), answer.text
        self.login()
        self.key = self.post("/api/v1/api-keys", json={"name": "test"}).json()["key"]
        self.headers["Authorization"] = f"Bearer {self.key}"

    def login(self):
        tokens = requests.post(self.server.url + "/api/v1/auth/login", json=self.credentials).json()
        self.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        self.user = self.get("/api/v1/auth/me").json()
        return tokens

    def request(self, method, path, **arguments):
        arguments.setdefault("timeout", 120)
        return super().request(method, path if path.startswith("http") else self.server.url + path, **arguments)

    def upload(self, path, model=None, files=None, **fields):
        fields = {"name": Path(path).stem, "model_type": "sklearn", **fields}
        target = "/api/v1/ml-models" + (f"/{model}/versions" if model else "")
        with open(path, "rb") as file:
            return self.post(target, data=fields, files={"file": (Path(path).name, file), **(files or {})})

    def publish(self, path, expect=("passed", "warning"), **arguments):
        """Uploads and follows the validation to its end; returns (model id, version id, report)."""
        answer = self.upload(path, **arguments)
        assert answer.status_code == 202, answer.text
        body = answer.json()
        report = self.await_validation(body["model_id"], body["validation_id"])
        assert report["overall_status"] in expect, json.dumps(report, indent=1)
        return body["model_id"], body["version_id"], report

    def await_validation(self, model, validation, seconds=240):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            data = self.get(f"/api/v1/ml-models/{model}/validations/{validation}").json()["data"]
            if data["status"] == "completed":
                return data
            time.sleep(0.1)
        raise AssertionError(f"the validation did not end: {data}")

    def predict(self, model, row, **arguments):
        return self.post(f"/api/v1/ml-models/{model}/predict", json={"data": row}, **arguments)

    def predict_batch(self, model, rows, **arguments):
        return self.post(f"/api/v1/ml-models/{model}/predict/batch", json={"data": rows}, **arguments)


ADMIN = {"email": "root@example.com", "password": "a long password"}


def administered(folder, **settings):
    """A server with an admin, for as long as a fixture lasts."""
    server = Server(folder, admin_email=ADMIN["email"], admin_password=ADMIN["password"], **settings).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server"), prediction_timeout_ms=5000, worker_memory=1 << 30, max_upload=20 << 20).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def client(server):
    return server.account("owner")


@pytest.fixture(scope="session")
def stranger(server):
    return server.account("stranger")


@pytest.fixture(scope="session")
def iris(client):
    """A served iris model: (model id, version id, report)."""
    return client.publish(FIXTURES / "iris.joblib", name="Iris", category="classification", tags='["flowers", "demo"]')


@pytest.fixture(scope="session")
def worker_iris(client):
    """The same model, served by a sandboxed Python worker."""
    return client.publish(FIXTURES / "iris.joblib", name="Iris in a worker", runtime="python")


@pytest.fixture(scope="session")
def truth():
    return json.loads((FIXTURES / "truth.json").read_text())["iris"]


@pytest.fixture
def own_server(tmp_path):
    """A server of one test's own, to be killed."""
    server = Server(tmp_path, prediction_timeout_ms=5000)
    yield server
    if server.process and server.process.poll() is None:
        server.kill()
    shutil.rmtree(server.data, ignore_errors=True)


def error(answer, status, code):
    """Asserts the one error format, and returns the error."""
    assert answer.status_code == status, answer.text
    body = answer.json()["error"]
    assert set(body) == {"code", "message", "details", "timestamp", "request_id"}
    assert body["code"] == code, body
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", body["timestamp"])
    assert answer.headers["X-Request-ID"] == body["request_id"]
    for leak in (str(ROOT), "/tmp", "/root", "SELECT", "sqlite", ".swift"):
        assert leak not in json.dumps(body), body
    return body
