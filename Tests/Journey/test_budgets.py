"""Budgets of keys, predictions at once, and limits that several servers count together in Redis."""

import shutil
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from conftest import FIXTURES, Server

ROW = [6.3, 3.3, 6.0, 2.5]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("budgets")).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def owner(place):
    return place.account("owner")


@pytest.fixture(scope="module")
def model(owner):
    return owner.publish(FIXTURES / "iris.joblib", name="iris")[0]


class Key(requests.Session):
    def __init__(self, owner, **scope):
        super().__init__()
        answer = owner.post("/api/v1/api-keys", json={"name": "metered", "scope": scope})
        assert answer.status_code == 201, answer.text
        self.server, self.made, self.secret = owner.server, answer.json(), answer.json()["key"]
        self.headers["Authorization"] = f"Bearer {self.secret}"

    def call(self, model, rows=None):
        path, data = ("predict", ROW) if rows is None else ("predict/batch", [ROW] * rows)
        return self.post(f"{self.server.url}/api/v1/ml-models/{model}/{path}", json={"data": data})

    def budgets(self):
        return self.get(self.server.url + "/api/v1/limits").json()["budgets"]


def budget(unit="predictions", period="day", soft=None, hard=None):
    return {"unit": unit, "period": period, "soft": soft, "hard": hard}


def test_a_soft_limit_warns_and_a_hard_one_refuses(owner, model):
    key = Key(owner, budgets=[budget(soft=3, hard=5)])
    answers = [key.call(model) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert ["X-Budget-Warning" in answer.headers for answer in answers] == [False, False, True, True, True]
    assert answers[2].headers["X-Budget-Warning"].startswith("3 of 5 predictions of the day are used")
    refused = key.call(model)
    error = refused.json()["error"]
    assert refused.status_code == 429 and error["code"] == "BUDGET_EXCEEDED" and error["details"]["used"] == 5 and error["details"]["unit"] == "predictions"
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400
    assert key.call(model, rows=3).status_code == 429
    [state] = key.budgets()
    assert state["used"] == 5 and state["hard"] == 5 and state["resets_at"].endswith("T00:00:00.000Z")
    assert owner.predict(model, ROW).status_code == 200


def test_rows_of_a_batch_count_each_and_a_batch_that_does_not_fit_takes_nothing(owner, model):
    key = Key(owner, budgets=[budget(period="month", hard=10)])
    assert key.call(model, rows=7).status_code == 200
    assert key.call(model, rows=4).status_code == 429
    assert key.budgets()[0]["used"] == 7
    assert key.call(model, rows=3).status_code == 200
    assert key.call(model).status_code == 429


def test_what_was_not_answered_is_not_counted(owner, model):
    key = Key(owner, budgets=[budget(hard=2)])
    for _ in range(5):
        assert key.post(f"{key.server.url}/api/v1/ml-models/{model}/predict", json={"data": ["x"]}).status_code == 400
    assert [key.call(model).status_code for _ in range(3)] == [200, 200, 429]


def test_parallel_calls_get_exactly_what_there_is(owner, model):
    key = Key(owner, budgets=[budget(hard=40)])
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: key.call(model).status_code, range(100)))
    assert statuses.count(200) == 40 and statuses.count(429) == 60


def test_time_is_a_budget_too_also_of_queued_predictions(owner):
    code = b"import time\ndef custom_predict(model, input_data):\n    time.sleep(0.2)\n    return [1 for _ in input_data]\n"
    slow, _, _ = owner.publish(FIXTURES / "iris.joblib", name="slow", model_type="custom", files={"custom_api": ("c.py", code)})
    key = Key(owner, budgets=[budget(unit="compute_ms", soft=100, hard=350)])
    first = key.call(slow)
    assert first.status_code == 200 and "compute_ms" in first.headers["X-Budget-Warning"]
    queued = key.post(f"{key.server.url}/api/v1/ml-models/{slow}/predict?async=true", json={"data": ROW})
    assert queued.status_code == 202
    deadline = time.monotonic() + 20
    while key.budgets()[0]["used"] < 350 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert key.call(slow).status_code == 429 and key.budgets()[0]["used"] >= 400


def test_no_more_predictions_at_once_than_the_key_may(owner):
    code = b"import time\ndef custom_predict(model, input_data):\n    time.sleep(0.5)\n    return [1 for _ in input_data]\n"
    slow, _, _ = owner.publish(FIXTURES / "iris.joblib", name="slower", model_type="custom", files={"custom_api": ("c.py", code)})
    key = Key(owner, concurrent_predictions=2)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: key.call(slow), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 429, 429, 429, 429]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["error"]["details"]["concurrent_predictions"] == 2 and refused.headers["Retry-After"] == "1"
    assert key.call(slow).status_code == 200


def test_a_budget_survives_a_killed_server(place, owner, model):
    key = Key(owner, budgets=[budget(hard=10), budget(period="month", hard=12)])
    assert key.call(model, rows=8).status_code == 200
    time.sleep(1.2)  # calls are written down every half second
    place.kill()
    place.start()
    assert [state["used"] for state in key.budgets()] == [8, 8]
    assert key.call(model, rows=3).status_code == 429 and key.call(model, rows=2).status_code == 200


def test_faults_are_named_and_metered_keys_make_no_keys(owner):
    for wrong in [
        {"budgets": [budget(hard=0)]}, {"budgets": [budget()]}, {"budgets": [budget(unit="cows", hard=1)]}, {"budgets": [budget(period="year", hard=1)]},
        {"budgets": [budget(soft=5, hard=4)]}, {"budgets": [budget(hard=1)] * 17}, {"concurrent_predictions": 0},
    ]:  # fmt: skip
        answer = owner.post("/api/v1/api-keys", json={"name": "k", "scope": wrong})
        assert answer.status_code == 400 and answer.json()["error"]["code"] == "SCHEMA_VIOLATION", (wrong, answer.text)
    key = Key(owner, budgets=[budget(hard=10)])
    assert key.made["scope"]["budgets"] == [budget(hard=10)]
    assert key.post(key.server.url + "/api/v1/api-keys", json={"name": "child"}).status_code == 403


class Redis:
    def __init__(self, folder, password="open sesame"):
        self.folder, self.password, self.process = folder, password, None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"redis://:{password.replace(' ', '%20')}@127.0.0.1:{self.port}/2"

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", self.folder, "--requirepass",
             self.password], stdout=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        raise AssertionError("Redis did not start")

    def stop(self):
        self.process.terminate()
        self.process.wait()


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Two servers with the same accounts, and the Redis they count in."""
    folder = tmp_path_factory.mktemp("redis")
    redis = Redis(folder).start()
    first = Server(folder, redis=redis.url).start()
    owner = first.account("owner")
    model = owner.publish(FIXTURES / "iris.joblib", name="iris")[0]
    key = Key(owner, requests_per_minute=6)
    other = Key(owner, requests_per_minute=6)
    first.stop()
    (folder / "second").mkdir()
    shutil.copytree(first.data, folder / "second" / "data")
    second = Server(folder / "second", redis=redis.url).start()
    first.start()
    yield first, second, key, other, model, redis
    first.stop()
    second.stop()
    redis.process.poll() is None and redis.stop()


def at(server, key, model):
    return requests.post(
        f"{server.url}/api/v1/ml-models/{model}/predict", json={"data": ROW}, headers={"Authorization": f"Bearer {key.secret}"}
    )


def log(server):
    return (server.folder / "server.log").read_text()


def test_two_servers_share_one_limit(pair):
    first, second, key, _, model, _ = pair
    answers = [at(server, key, model) for server in (first, second) * 4]
    assert [answer.status_code for answer in answers] == [200] * 6 + [429] * 2
    assert [answer.headers["RateLimit-Remaining"] for answer in answers[:6]] == ["5", "4", "3", "2", "1", "0"]
    assert 1 <= int(answers[6].headers["Retry-After"]) <= 10
    left = requests.get(second.url + "/api/v1/limits", headers={"Authorization": f"Bearer {key.secret}"})
    assert left.status_code == 429


def test_without_redis_each_counts_for_itself_and_says_so(pair):
    first, second, _, key, model, redis = pair
    assert at(first, key, model).headers["RateLimit-Remaining"] == "5"
    redis.stop()
    statuses = [at(first, key, model).status_code for _ in range(8)]
    assert statuses == [200] * 6 + [429] * 2, "never an open door"
    assert log(first).count("Limits are counted by this server alone") == 1 and "open sesame" not in log(first)
    redis.start()
    deadline = time.monotonic() + 20
    while "Limits are counted together again" not in log(first) and time.monotonic() < deadline:
        at(first, key, model)
        time.sleep(0.3)
    assert "Limits are counted together again" in log(first)


def test_a_redis_that_hangs_holds_nobody_up(pair):
    first, _, _, key, model, redis = pair
    time.sleep(1.1)  # the second after an outage, in which nobody asks Redis
    redis.process.send_signal(19)  # SIGSTOP
    try:
        start = time.monotonic()
        statuses = {at(first, key, model).status_code for _ in range(10)}
        assert time.monotonic() - start < 3 and statuses <= {200, 429}
    finally:
        redis.process.send_signal(18)  # SIGCONT


def test_a_wrong_password_counts_locally_and_a_wrong_address_stops_the_start(pair, tmp_path):
    first, _, _, _, _, redis = pair
    server = Server(tmp_path, redis=redis.url.replace("sesame", "barley")).start()
    try:
        owner = server.account("a")
        answer = Key(owner, requests_per_minute=2).get(server.url + "/api/v1/limits")
        assert answer.headers["RateLimit-Remaining"] == "1"
        assert "WRONGPASS" in log(server) and "barley" not in log(server)
    finally:
        server.stop()
    (tmp_path / "x").mkdir()
    with pytest.raises(AssertionError, match="MARTLET_REDIS"):
        Server(tmp_path / "x", redis="http://:secret@h").start()
