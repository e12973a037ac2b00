"""What was called, one by one and added up; health and metrics."""

import json
import re
import subprocess
import time

import pytest
import requests

from conftest import FIXTURES, Server
from test_access import PASSWORD, Admin

ROW = [6.3, 3.3, 6.0, 2.5]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("usage"), admin_email="root@example.com", admin_password=PASSWORD).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def owner(place):
    return place.account("owner")


@pytest.fixture(scope="module")
def caller(place):
    return place.account("caller")


@pytest.fixture(scope="module")
def model(owner):
    return owner.publish(FIXTURES / "iris.joblib", name="iris", is_public="true")[0]


def written(client, model, count):
    """Calls are written down in batches."""
    deadline = time.monotonic() + 10
    while (body := client.get(f"/api/v1/models/{model}/analytics").json())["total_predictions"] < count and time.monotonic() < deadline:
        time.sleep(0.1)
    return body


def test_analytics_add_up_every_call(owner, caller):
    model = owner.publish(FIXTURES / "iris.joblib", name="analysed", is_public="true")[0]
    short = caller.post(f"/api/v1/predict/{model}", json={"data": ROW})
    assert short.status_code == 200 and short.json()["label"] == 2
    assert caller.post(f"/api/v1/predict/{model}/batch", json={"data": [ROW] * 5}).status_code == 200
    for _ in range(7):
        assert caller.predict(model, ROW).status_code == 200
    for _ in range(3):
        assert caller.predict(model, ["x", 1, 2, 3]).status_code == 400
    body = written(owner, model, 12)
    assert body["total_predictions"] == 12 and body["successful_predictions"] == 9 and body["failed_predictions"] == 3 and body["success_rate"] == 0.75
    assert body["total_rows"] == 13 and 0 <= body["cache_hits"] <= 12
    low, middle, high = (body[f"{name}_inference_time_ms"] for name in ("min", "p50", "max"))
    assert 0 < low <= middle <= body["p95_inference_time_ms"] <= body["p99_inference_time_ms"] <= high
    assert low <= body["avg_inference_time_ms"] <= high
    [today] = body["daily_usage"]
    assert today["predictions"] == 12 and today["date"] == time.strftime("%Y-%m-%d", time.gmtime())
    assert len(body["recent_errors"]) == 3 and body["recent_errors"][0]["status"] == 400 and body["recent_errors"][0]["error"]
    refused = caller.get(f"/api/v1/models/{model}/analytics")
    assert refused.status_code == 403, "what others asked is not for everybody who may call"
    assert owner.get(f"/api/v1/models/{model}/analytics?days=0").status_code == 400


def test_history_is_ones_own_and_pages_by_key(owner, caller, model):
    for index in range(7):
        caller.predict(model, ROW)
    caller.predict(model, ["x", 1, 2, 3])
    owner.predict(model, ROW)
    deadline = time.monotonic() + 10
    def history(client, **query):
        return client.get("/api/v1/predict/history", params={"model_id": model, **query}).json()
    while len(history(caller)["data"]) < 8 and time.monotonic() < deadline:
        time.sleep(0.1)
    calls = history(caller)["data"]
    assert len(calls) == 8 and len(history(owner)["data"]) == 1
    assert calls == sorted(calls, key=lambda call: (call["created_at"], call["id"]), reverse=True)
    assert all(call["input_data"] is None and call["output_data"] is None for call in calls), "nothing is kept unless the owner wants it"
    assert len(history(caller, status="failed")["data"]) == 1 and len(history(caller, status="success")["data"]) == 7
    pages, cursor = [], None
    while True:
        page = history(caller, limit=3, **({"cursor": cursor} if cursor else {}))
        pages += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [call["id"] for call in pages] == [call["id"] for call in calls]
    assert history(caller, since="2999-01-01T00:00:00Z")["data"] == [] and history(caller, until="2000-01-01T00:00:00Z")["data"] == []
    for wrong in ({"status": "x"}, {"since": "yesterday"}, {"model_id": "x"}, {"cursor": "x"}, {"limit": 0}):
        assert caller.get("/api/v1/predict/history", params=wrong).status_code == 400, wrong


def test_inputs_and_outputs_are_kept_as_the_owner_wants(owner, caller):
    model = owner.publish(FIXTURES / "iris.joblib", name="kept", is_public="true")[0]
    def calls(count):
        deadline = time.monotonic() + 10
        while True:
            found = caller.get("/api/v1/predict/history", params={"model_id": model, "limit": 200}).json()["data"]
            if len(found) >= count or time.monotonic() > deadline:
                return found
            time.sleep(0.1)
    caller.predict(model, ROW)
    calls(1)
    assert owner.patch(f"/api/v1/models/{model}", json={"history": {"keep": "all", "retention_days": 7}}).status_code == 200
    assert owner.get(f"/api/v1/models/{model}").json()["history"] == {"keep": "all", "sample_rate": 1.0, "retention_days": 7}
    answer = caller.predict(model, ROW).json()
    kept = calls(2)[0]
    assert kept["input_data"] == {"data": ROW} and kept["output_data"]["prediction"] == answer["prediction"]
    owner.patch(f"/api/v1/models/{model}", json={"history": {"keep": "sampled", "sample_rate": 0.5}})
    for _ in range(100):
        caller.predict(model, ROW)
    sampled = sum(call["input_data"] is not None for call in calls(102)[:100])
    assert 20 <= sampled <= 80, sampled
    owner.patch(f"/api/v1/models/{model}", json={"history": {"keep": "none"}})
    caller.predict(model, ROW)
    assert calls(103)[0]["input_data"] is None
    for wrong in ({"keep": "x"}, {"keep": "sampled"}, {"keep": "sampled", "sample_rate": 2}, {"keep": "all", "retention_days": 0}):
        assert owner.patch(f"/api/v1/models/{model}", json={"history": wrong}).status_code == 400, wrong


def test_calls_survive_a_kill_but_for_half_a_second(place, owner, model):
    before = owner.get(f"/api/v1/models/{model}/analytics").json()["total_predictions"]
    for _ in range(50):
        owner.predict(model, ROW)
    time.sleep(1.2)  # calls are written down every half second
    place.kill()
    place.start()
    assert owner.get(f"/api/v1/models/{model}/analytics").json()["total_predictions"] >= before + 50


def test_health_tells_what_is_wrong_to_who_may_know(place, owner):
    body = owner.get("/health/detailed").json()
    assert body["status"] == "healthy" and body["service"] == "martlet"
    assert {"database", "storage", "disk_space", "model_registry", "sandbox", "workers", "queue", "usage"} <= set(body["checks"])
    assert all(state == "healthy" for state in body["checks"].values()), body
    assert body["metrics"]["martlet_deployed_models"] >= 1
    assert requests.get(place.url + "/health/detailed").status_code == 401
    report = requests.get(place.url + "/health").json()
    assert report["status"] == "healthy" and report["total_models"] >= 1 and report["timestamp"]
    assert requests.get(place.url + "/health/live").status_code == requests.get(place.url + "/health/ready").status_code == 200


def samples(text, name):
    return {labels: float(value) for labels, value in re.findall(rf"^{name}(?:{{(.*)}})? (\S+)$", text, re.M)}


def test_metrics_are_read_by_promtool_and_count_what_happened(place, owner, model):
    def metrics():
        answer = requests.get(place.url + "/metrics")
        assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return answer.text
    place_of = 'endpoint="/api/v1/ml-models/{model_id}/predict",method="POST",status="200"'
    before = metrics()
    for _ in range(5):
        owner.predict(model, ROW)
    owner.get(f"/api/v1/models/{model}/download")
    # A download is counted when its last byte has left, which the client may see first.
    for _ in range(50):
        text = metrics()
        if f'model_downloads_total{{model_id="{model}"' in text:
            break
        time.sleep(0.1)
    check = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
    assert check.returncode == 0, check.stdout + check.stderr
    count = "model_service_api_requests_total"
    assert samples(text, count)[place_of] - samples(before, count).get(place_of, 0) == 5
    labels = f'model_id="{model}",algorithm="logistic_regression"'
    assert samples(text, "model_downloads_total")[labels] == 1 and samples(text, "model_registrations_total")['algorithm="logistic_regression"'] >= 1
    assert samples(text, "active_models_total")[""] >= 1 and samples(text, "storage_usage_bytes")[""] > 0
    buckets = [value for key, value in samples(text, "api_request_duration_seconds_bucket").items() if "{model_id}/predict\"" in key]
    assert buckets == sorted(buckets) and buckets[-1] >= 5
    for path in ("/nowhere/1", "/nowhere/2", "/api/v1/ml-models/model_0000000000000000"):
        owner.get(path)
    endpoints = set(re.findall(r'endpoint="([^"]*)"', metrics()))
    assert not any("0000" in name or "nowhere" in name for name in endpoints), "labels are bounded"


def test_metrics_from_elsewhere_need_an_admin(tmp_path):
    server = Server(tmp_path, admin_email="root@example.com", admin_password=PASSWORD, metrics_addresses="10.0.0.0/8").start()
    try:
        assert requests.get(server.url + "/metrics").status_code == 401
        assert server.account("somebody").get("/metrics").status_code == 403
        assert Admin(server).get("/metrics").status_code == 200
    finally:
        server.stop()


def test_statistics_are_those_of_the_rows(place):
    """The counters that triggers keep, against the rows, after everything that the tests before did."""
    import sqlite3

    with sqlite3.connect(f"file:{place.data}/martlet.sqlite?mode=ro", uri=True) as database:
        rows = database.execute("SELECT COALESCE(algorithm, ''), status, COUNT(*), SUM(file_bytes), SUM(downloads) FROM ml_models GROUP BY 1, 2").fetchall()
        counters = database.execute("SELECT algorithm, status, models, bytes, downloads FROM catalogue_counts WHERE viewer = 'all' AND models <> 0").fetchall()
    assert sorted(rows) == sorted(counters) and json.dumps(rows)
