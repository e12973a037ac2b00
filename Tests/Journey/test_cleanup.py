"""Changes of many models at once, versions that are deleted, and clean-up by policy."""

import json
import os
import sqlite3
import subprocess
import time

import pytest

from conftest import BINARY, FIXTURES, Server, error
from test_access import PASSWORD, Admin
from test_registry import register, serve

ROW = [6.3, 3.3, 6.0, 2.5]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("cleanup"), admin_email="root@example.com", admin_password=PASSWORD, delete_grace_seconds=0).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def admin(place):
    return Admin(place)


@pytest.fixture(scope="module")
def owner(place):
    return place.account("owner")


@pytest.fixture(scope="module")
def other(place):
    return place.account("other")


def batch(client, operation, ids, **more):
    return client.post("/api/v1/models/batch", json={"operation": operation, "ids": ids, **more})


def test_many_models_change_at_once_and_each_says_what_became_of_it(owner, other):
    mine = [register(owner, name=f"batch {i}")["model_id"] for i in range(4)]
    theirs = register(other, name="theirs")["model_id"]
    body = batch(owner, "tag", [*mine, theirs], add_tags=["x", "y"], remove_tags=["production"]).json()
    assert body["success"] is False and body["succeeded"] == 4 and body["failed"] == 1
    assert body["results"][4]["status"] == "failed" and body["results"][4]["error"]["message"] == f"No model '{theirs}'."
    assert body["results"][4]["error"]["code"] == "MODEL_NOT_FOUND" and body["results"][4]["id"] == theirs
    assert owner.get(f"/api/v1/models/{mine[0]}").json()["tags"] == ["churn-prediction", "x", "y"]
    body = batch(owner, "visibility", [*mine, theirs], is_public=True, atomic=True).json()
    assert body["succeeded"] == 0 and [result["status"] for result in body["results"]] == ["skipped"] * 4 + ["failed"]
    assert owner.get(f"/api/v1/models/{mine[0]}").json()["is_public"] is False
    assert batch(owner, "visibility", mine, is_public=True, atomic=True).json()["succeeded"] == 4
    assert batch(owner, "stage", mine, stage="staging").json()["success"] is True
    assert owner.get(f"/api/v1/models/{mine[0]}").json()["stage"] == "staging"
    assert batch(owner, "archive", mine[:2]).json()["success"] is True and owner.get(f"/api/v1/models/{mine[1]}").json()["status"] == "archived"
    assert batch(owner, "delete", mine).json()["success"] is True
    error(owner.get(f"/api/v1/models/{mine[3]}"), 404, "MODEL_NOT_FOUND")
    for wrong in [
        {"operation": "explode", "ids": mine}, {"operation": "tag", "ids": mine}, {"operation": "tag", "ids": [], "add_tags": ["x"]},
        {"operation": "stage", "ids": mine, "stage": "x"}, {"operation": "visibility", "ids": mine}, {"operation": "delete", "ids": ["x"]},
        {"operation": "delete", "ids": [mine[0], mine[0]]}, {"operation": "delete", "ids": [f"model_{i:016}" for i in range(1001)]},
    ]:  # fmt: skip
        error(owner.post("/api/v1/models/batch", json=wrong), 400, "SCHEMA_VIOLATION")


def test_a_version_is_deleted_but_not_the_one_that_serves(owner, other, admin, place):
    model = register(owner, name="thinned")["model_id"]
    serve(owner, model)
    owner.post(f"/api/v1/models/{model}/versions", json={})
    serve(owner, model)
    url = f"/api/v1/models/{model}/versions"
    error(owner.delete(f"{url}/v1.0"), 409, "CONFLICT")
    error(other.delete(f"{url}/v1.1"), 404, "MODEL_NOT_FOUND")
    [folder] = place.data.glob(f"models/*/{model}/v2")
    before = owner.get(f"/api/v1/models/{model}").json()["size_bytes"]
    assert owner.delete(f"{url}/v1.1").status_code == 200
    assert owner.get(f"/api/v1/models/{model}").json()["size_bytes"] == before // 2
    assert [entry["version"] for entry in owner.get(url).json()["versions"]] == ["v1.0"]
    error(owner.get(f"{url}/v1.1"), 404, "NOT_FOUND")
    assert len(owner.get(f"/api/v1/ml-models/{model}/versions").json()["data"]) == 1
    # Its number is not given out again, its files go, the other one serves on, also after a restart.
    assert owner.post(url, json={}).json()["version"] == "v1.2"
    environment = {**os.environ, "MARTLET_DELETE_GRACE_SECONDS": "0"}
    report = subprocess.run([BINARY, "gc", "--data-dir", place.data], capture_output=True, text=True, env=environment)
    assert report.returncode == 0 and json.loads(report.stdout)["freed_bytes"] > 0, report.stderr
    assert not folder.exists()
    place.stop()
    place.start()
    assert owner.predict(model, ROW).status_code == 200


def age(place, model, days):
    """Lets a model look as if it had not been touched for some days."""
    with sqlite3.connect(f"{place.data}/martlet.sqlite") as database:
        database.execute("UPDATE ml_models SET updated_at = updated_at - ? WHERE id = ?", (days * 86_400_000, model))


def test_clean_up_tells_before_it_acts_and_spares_what_is_needed(owner, admin, place):
    error(owner.post("/api/v1/maintenance/cleanup", json={}), 403, "FORBIDDEN")
    many = register(owner, name="many")["model_id"]
    for index in range(5):
        if index:
            owner.post(f"/api/v1/models/{many}/versions", json={})
        serve(owner, many)
    owner.put(f"/api/v1/models/{many}/aliases/keep-me", json={"version": "v1.1"})
    owner.post(f"/api/v1/models/{many}/versions/v1.2/stage", json={"stage": "staging"})
    old, fresh, called = (register(owner, name=name)["model_id"] for name in ("old", "fresh", "called"))
    resting = register(owner, name="resting")["model_id"]
    owner.patch(f"/api/v1/models/{resting}", json={"status": "archived"})
    serve(owner, called)
    owner.predict(called, ROW)
    time.sleep(1.2)  # calls are written down every half second
    for model in (old, called):
        age(place, model, 40)
    age(place, resting, 100)
    policy = {"archived_days": 90, "keep_versions": 1, "unused_days": 30}
    plan = admin.post("/api/v1/maintenance/cleanup", json=policy).json()
    assert plan["dry_run"] is True and owner.get(f"/api/v1/models/{old}").json()["status"] == "pending"
    found = {(item["action"], item["model_id"], item["version"]) for item in plan["items"]}
    # v1.0 serves, v1.1 has a name, v1.2 is staged, v1.4 is the newest.
    assert found == {("delete_model", resting, None), ("archive_model", old, None), ("delete_version", many, "1.3.0")}
    assert plan["reclaimed_bytes"] == (FIXTURES / "iris.joblib").stat().st_size
    done = admin.post("/api/v1/maintenance/cleanup", json={**policy, "dry_run": False}).json()
    assert {(item["action"], item["model_id"], item["version"]) for item in done["items"]} == found
    assert owner.get(f"/api/v1/models/{old}").json()["status"] == "archived"
    error(owner.get(f"/api/v1/models/{resting}"), 404, "MODEL_NOT_FOUND")
    assert {entry["version"] for entry in owner.get(f"/api/v1/models/{many}/versions").json()["versions"]} == {"v1.0", "v1.1", "v1.2", "v1.4"}
    assert admin.post("/api/v1/maintenance/cleanup", json=policy).json()["total"] == 0
    assert owner.predict(called, ROW).status_code == owner.predict(many, ROW).status_code == 200
    actions = {entry["action"] for entry in admin.get("/api/v1/audit", params={"limit": 200}).json()["data"]}
    assert {"cleanup.archive_model", "cleanup.delete_model", "cleanup.delete_version"} <= actions
    for wrong in ({"keep_versions": 0}, {"archived_days": -1}):
        error(admin.post("/api/v1/maintenance/cleanup", json=wrong), 400, "SCHEMA_VIOLATION")


def test_the_command_cleans_up_beside_a_running_server(owner, place):
    model = register(owner, name="served and forgotten")["model_id"]
    serve(owner, model)
    age(place, model, 400)
    environment = {**os.environ, "MARTLET_CLEANUP_UNUSED_DAYS": "365"}
    plan = subprocess.run([BINARY, "gc", "--dry-run", "--data-dir", place.data], capture_output=True, text=True, env=environment)
    assert [item["model_id"] for item in json.loads(plan.stdout)["items"]] == [model]
    assert owner.predict(model, ROW).status_code == 200
    time.sleep(1.2)  # calls are written down every half second
    # The call was written down: the model is in use now.
    assert json.loads(subprocess.run([BINARY, "gc", "--data-dir", place.data], capture_output=True, text=True, env=environment).stdout)["total"] == 0
    with sqlite3.connect(f"{place.data}/martlet.sqlite") as database:
        database.execute("UPDATE usage_days SET day = day - 400 WHERE model_id = ?", (model,))
    age(place, model, 400)
    assert json.loads(subprocess.run([BINARY, "gc", "--data-dir", place.data], capture_output=True, text=True, env=environment).stdout)["total"] == 1
    deadline = time.monotonic() + 5
    while owner.predict(model, ROW).status_code == 200 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert owner.predict(model, ROW).status_code == 409, "a running server follows"
