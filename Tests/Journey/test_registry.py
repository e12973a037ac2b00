"""The registry of trained models: registration, versions, lineage, search, statistics, downloads, stages, aliases, uploads."""

import hashlib
import time

import pytest
import requests

from conftest import FIXTURES, Server, error
from test_access import PASSWORD, Admin

ROW = [6.3, 3.3, 6.0, 2.5]
NEW = {
    "name": "customer_churn_rf_v1", "algorithm": "random_forest", "hyperparameters": {"n_estimators": 150, "max_depth": 8, "random_state": 42},
    "metrics": {"accuracy": 0.9234, "precision": 0.8956, "recall": 0.9123, "f1_score": 0.9038},
    "dataset_info": {"name": "customer_data_2024", "features": ["age", "tenure", "monthly_charges", "total_charges"]}, "tags": ["churn-prediction", "production"],
}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("registry"), admin_email="root@example.com", admin_password=PASSWORD).start()
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


def register(client, **changes):
    answer = client.post("/api/v1/models", json={**NEW, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()


def bring(client, model, path=FIXTURES / "iris.joblib", version=None, **fields):
    with open(path, "rb") as file:
        return client.post(
            f"/api/v1/models/{model}/upload" + (f"?version={version}" if version else ""), data=fields, files={"model_file": (path.name, file)}
        )


def serve(client, model, **arguments):
    answer = bring(client, model, **arguments)
    assert answer.status_code == 201, answer.text
    data = answer.json()["data"]
    report = client.await_validation(model, data["validation_id"])
    assert report["overall_status"] in ("passed", "warning"), report
    return data


def test_a_model_is_registered_and_gets_its_file_later(owner, other):
    made = register(owner)
    model = made["model_id"]
    assert made["success"] and made["version"] == "v1.0" and made["download_url"] == f"/api/v1/models/{model}/download"
    details = owner.get(f"/api/v1/models/{model}").json()
    for name in ("name", "algorithm", "hyperparameters", "metrics", "dataset_info", "tags"):
        assert details[name] == NEW[name], name
    assert details["version"] == "v1.0" and details["model_size"] is None and details["status"] == "pending" and details["download_count"] == 0
    error(owner.get(f"/api/v1/models/{model}/download"), 409, "CONFLICT")
    error(other.get(f"/api/v1/models/{model}"), 404, "MODEL_NOT_FOUND")
    # The same model in the other family.
    assert owner.get(f"/api/v1/ml-models/{model}").json()["data"]["name"] == NEW["name"]
    data = serve(owner, model)
    assert data["version"] == "1.0.0" and data["version_id"] == made["version_id"] and data["checksum"].startswith("sha256:") and data["validation_warnings"] == []
    details = owner.get(f"/api/v1/models/{model}").json()
    assert details["status"] == "active" and details["file_metadata"]["size_bytes"] == (FIXTURES / "iris.joblib").stat().st_size
    assert details["model_size"].endswith(" B") and details["algorithm"] == "random_forest"
    assert owner.predict(model, ROW).json()["label"] == 2


def test_faults_of_a_registration_are_named(owner):
    for wrong, pointer in [
        ({"name": ""}, "/name"), ({"metrics": {"accuracy": "high"}}, "/metrics/accuracy"), ({"version": "one"}, "/version"), ({"tags": [""]}, "/tags"),
        ({"model_type": "cow"}, "/model_type"), ({"parent_model_id": "x"}, "/parent_model_id"), ({"hyperparameters": 3}, "/hyperparameters"),
    ]:  # fmt: skip
        assert pointer in error(owner.post("/api/v1/models", json={**NEW, **wrong}), 400, "SCHEMA_VIOLATION")["message"]
    error(owner.post("/api/v1/models", data="{", headers={"Content-Type": "application/json"}), 400, "INVALID_JSON")


def test_an_upload_that_fails_its_scan_is_refused_at_once_and_can_be_repeated(owner):
    model = register(owner, name="hostile")["model_id"]
    found = error(bring(owner, model, path=FIXTURES / "evil-call.pkl"), 400, "INVALID_INPUT")
    assert found["details"]["findings"] and "Security violation" in found["message"]
    assert serve(owner, model)["version"] == "1.0.0"


def test_versions_count_by_what_changed_and_inherit_what_is_not_said(owner):
    model = register(owner, name="versions")["model_id"]
    minor = owner.post(f"/api/v1/models/{model}/versions", json={"metrics": {"test_accuracy": 0.95}}).json()
    major = owner.post(f"/api/v1/models/{model}/versions", json={"breaking_changes": True, "hyperparameters": {"depth": 3}}).json()
    again = owner.post(f"/api/v1/models/{model}/versions", json={}).json()
    assert [made["version"] for made in (minor, major, again)] == ["v1.1", "v2.0", "v2.1"]
    assert minor["data"]["hyperparameters"] == NEW["hyperparameters"] and minor["data"]["metrics"] == {"test_accuracy": 0.95}
    assert major["data"]["hyperparameters"] == {"depth": 3} and major["data"]["metrics"] == {"test_accuracy": 0.95}
    error(owner.post(f"/api/v1/models/{model}/versions", json={"version": "v2.0"}), 409, "CONFLICT")
    assert owner.get(f"/api/v1/models/{model}/versions/v1.1").json()["data"]["id"] == minor["version_id"]
    assert owner.get(f"/api/v1/models/{model}/versions/latest").json()["data"]["version"] == "v2.1"
    # A file for a version in the middle; then for the newest without one.
    assert serve(owner, model, version="v1.1")["version"] == "1.1.0"
    error(bring(owner, model, version="v1.1"), 409, "CONFLICT")
    error(bring(owner, model, version="v7.0"), 404, "NOT_FOUND")
    assert serve(owner, model)["version"] == "2.1.0"
    listed = owner.get(f"/api/v1/models/{model}/versions").json()["versions"]
    assert {entry["version"]: entry["file_metadata"] is not None for entry in listed} == {"v1.0": False, "v1.1": True, "v2.0": False, "v2.1": True}
    lineage = owner.get(f"/api/v1/models/{model}/lineage").json()["lineage"]
    assert [entry["version"] for entry in lineage][0] in ("v1.1", "v2.1")
    newest = owner.get(f"/api/v1/models/{model}/lineage", params={"version": "v2.1"}).json()["lineage"]
    assert [entry["version"] for entry in newest] == ["v2.1", "v2.0", "v1.1", "v1.0"] and newest[0]["created_by"] and newest[0]["dataset_info"] == NEW["dataset_info"]


def test_lineage_crosses_models_and_hides_what_may_not_be_seen(owner, other):
    parent = register(owner, name="public parent", is_public=True)
    child = register(other, name="child", parent_model_id=parent["model_id"])
    lineage = other.get(f"/api/v1/models/{child['model_id']}/lineage").json()["lineage"]
    assert [entry["model_name"] for entry in lineage] == ["child", "public parent"]
    assert other.get(f"/api/v1/models/{child['model_id']}").json()["parent_model_id"] == parent["model_id"]
    owner.patch(f"/api/v1/models/{parent['model_id']}", json={"is_public": False})
    lineage = other.get(f"/api/v1/models/{child['model_id']}/lineage").json()["lineage"]
    assert lineage[1] == {"version_id": parent["version_id"], "is_visible": False}
    error(other.post("/api/v1/models", json={**NEW, "parent_model_id": parent["model_id"]}), 404, "MODEL_NOT_FOUND")


def test_downloads_carry_the_documented_headers_and_are_counted_once(owner):
    model = register(owner, name="down load/ed")["model_id"]
    serve(owner, model)
    content = (FIXTURES / "iris.joblib").read_bytes()
    url = f"/api/v1/models/{model}/download"
    answer = owner.get(url)
    assert answer.content == content
    assert answer.headers["Content-Type"] == "application/octet-stream" and answer.headers["Content-Length"] == str(len(content))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="down_load_ed.joblib"'
    assert answer.headers["X-Model-Algorithm"] == "random_forest" and answer.headers["X-Model-Version"] == "v1.0"
    assert answer.headers["X-File-Checksum"] == "sha256:" + hashlib.sha256(content).hexdigest()
    head = owner.head(url)
    assert head.headers["Content-Length"] == str(len(content)) and head.content == b""
    half = len(content) // 2
    first, second = (owner.get(url, headers={"Range": part}) for part in (f"bytes=0-{half - 1}", f"bytes={half}-"))
    assert first.status_code == second.status_code == 206 and first.content + second.content == content
    assert owner.get(url, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    error(owner.get(url, headers={"Range": f"bytes={len(content)}-"}), 416, "RANGE_NOT_SATISFIABLE")
    assert owner.get(f"/api/v1/models/{model}").json()["download_count"] == 2, "one whole, one in two parts; not the others"
    info = owner.get(f"/api/v1/models/{model}/info").json()
    assert info["file_metadata"]["checksum"] == answer.headers["X-File-Checksum"] and info["version"] == "v1.0"


def test_changes_and_deletion(owner, other):
    model = register(owner, name="changing")["model_id"]
    for method in (owner.put, owner.patch):
        answer = method(f"/api/v1/models/{model}", json={"description": "new", "tags": ["x"], "metrics": {"test_accuracy": 0.5}, "algorithm": "svm"})
        assert answer.status_code == 200 and answer.json()["model"]["algorithm"] == "svm", answer.text
    details = owner.get(f"/api/v1/models/{model}").json()
    assert details["description"] == "new" and details["metrics"] == {"test_accuracy": 0.5} and details["hyperparameters"] == NEW["hyperparameters"]
    error(other.delete(f"/api/v1/models/{model}"), 404, "MODEL_NOT_FOUND")
    assert owner.delete(f"/api/v1/models/{model}").json() == {"success": True, "message": "Model deleted successfully", "deleted_id": model}
    error(owner.get(f"/api/v1/models/{model}"), 404, "MODEL_NOT_FOUND")


def test_lists_filter_sort_and_page(place):
    client = place.account("lister")
    for index in range(25):
        register(
            client, name=f"list {index:02}", algorithm=["svm", "xgboost"][index % 2], tags=[f"t{index % 3}"], metrics={"test_accuracy": index / 25},
            description=f"about number{index}",
        )
    def names(**query):
        answer = client.get("/api/v1/models", params=query)
        assert answer.status_code == 200, answer.text
        return [entry["name"] for entry in answer.json()["models"]], answer.json()["pagination"]
    found, pages = names(limit=10, sort="name", search="list")
    assert found == [f"list {i:02}" for i in range(10)] and pages == {"page": 1, "limit": 10, "total": 25, "pages": 3}
    assert names(limit=10, page=3, sort="name", search="list")[0] == [f"list {i:02}" for i in range(20, 25)]
    assert names(page=9, size=10, search="list")[0] == []
    assert len(names(algorithm="svm", search="list", limit=50)[0]) == 13
    assert names(min_accuracy=0.9, sort="accuracy", search="list")[0] == ["list 24", "list 23"]
    assert len(names(tags="t0,t1", search="list", limit=50)[0]) == 17
    assert names(status="active", search="list")[0] == [] and len(names(stage="development", search="list", limit=50)[0]) == 25
    for wrong in ({"min_accuracy": "x"}, {"page": 0}, {"size": 101}, {"status": "deleted"}, {"sort": "cow"}, {"stage": "x"}):
        error(client.get("/api/v1/models", params=wrong), 400, "SCHEMA_VIOLATION")
    assert client.get("/api/v1/models/recent", params={"limit": 1}).json()["models"][0]["name"] == "list 24"


def test_search_finds_words_in_name_description_tags_algorithm_and_dataset(place):
    client = place.account("searcher")
    register(client, name="fraud_detection_xgboost_v2", algorithm="xgboost", tags=["Zahlungen"], description="Kreditkarten über alles", dataset_info={"name": "credit_card_transactions"})
    register(client, name="iris", algorithm="random_forest", tags=[], description="flowers", metrics={"test_accuracy": 0.3}, dataset_info={"name": "iris"})
    def found(**query):
        return [entry["name"] for entry in client.get("/api/v1/models/search", params=query).json()["models"]]
    for text in ("fraud", "FRAUD detection", "kreditkarten", "uber", "zahlungen", "xgb", "transactions"):
        assert found(q=text) == ["fraud_detection_xgboost_v2"], text
    assert found(q="random forest") == ["iris"] and found(q="flowers", min_accuracy=0.5) == [] and found(q="nothing") == []
    for hostile in ('"', "NEAR(", "a OR b", "*", "name:iris", "' OR 1=1 --", "\x00"):
        assert client.get("/api/v1/models/search", params={"q": hostile}).status_code in (200, 400), hostile
    model = client.get("/api/v1/models/search", params={"q": "flowers"}).json()["models"][0]["id"]
    client.patch(f"/api/v1/models/{model}", json={"description": "trees"})
    assert found(q="flowers") == [] and found(q="trees") == ["iris"]


def test_statistics_are_exact_and_those_of_the_caller(place, admin):
    client, stranger = place.account("counter"), place.account("uncounted")
    before, everything = stranger.get("/api/v1/models/statistics").json(), admin.get("/api/v1/models/statistics").json()
    made = [register(client, name=f"count {i}", algorithm=["svm", "knn", "tree"][i % 3], is_public=i < 4)["model_id"] for i in range(10)]
    serve(client, made[0])
    for _ in range(3):
        client.get(f"/api/v1/models/{made[0]}/download")
    client.delete(f"/api/v1/models/{made[9]}")
    mine = client.get("/api/v1/models/statistics").json()
    theirs = stranger.get("/api/v1/models/statistics").json()
    size = (FIXTURES / "iris.joblib").stat().st_size
    assert mine["total_models"] - theirs["total_models"] == 5, "what is not public is seen by its owner only"
    assert theirs["total_models"] - before["total_models"] == 4 and theirs["total_downloads"] - before["total_downloads"] == 3
    assert theirs["algorithms"]["svm"] - before["algorithms"].get("svm", 0) == 2
    assert theirs["storage_usage"]["total_bytes"] - before["storage_usage"]["total_bytes"] == size
    assert mine["status_distribution"]["active"] >= 1
    assert theirs["recent_activity"]["models_added_last_7_days"] - before["recent_activity"]["models_added_last_7_days"] == 4
    assert theirs["recent_activity"]["downloads_last_24_hours"] - before["recent_activity"]["downloads_last_24_hours"] == 3
    assert admin.get("/api/v1/models/statistics").json()["total_models"] - everything["total_models"] == 9
    platform = client.get("/api/v1/statistics").json()
    assert platform["total_models"] == mine["total_models"] and platform["models_by_algorithm"] == mine["algorithms"]
    assert platform["recent_activity"] == {"models_created_today": mine["recent_activity"]["models_added_last_7_days"], "models_downloaded_today": 3}
    assert platform["storage_stats"]["total_size"].endswith("B") and client.get("/api/v1/models/popular").json()["models"][0]["id"] == made[0]
    # What was given counts for who got it.
    client.post(f"/api/v1/ml-models/{made[5]}/permissions", json={"user_id": stranger.user["id"], "permission": "read"})
    assert stranger.get("/api/v1/models/statistics").json()["total_models"] == theirs["total_models"] + 1


def test_stages_lead_to_production_and_back(owner, other, admin):
    model = register(owner, name="staged")["model_id"]
    owner.post(f"/api/v1/models/{model}/versions", json={})
    url = f"/api/v1/models/{model}"
    def move(version, stage, client=owner, **more):
        return client.post(f"{url}/versions/{version}/stage", json={"stage": stage, **more})
    def stages():
        return {entry["version"]: entry["stage"] for entry in owner.get(f"{url}/versions").json()["versions"]}
    error(move("v1.0", "production"), 409, "CONFLICT")  # no file
    serve(owner, model, version="v1.0")
    serve(owner, model, version="v1.1")
    assert move("v1.0", "staging").json()["data"]["state"] == "done"
    error(move("v1.0", "staging"), 409, "CONFLICT")
    error(move("v1.0", "heaven"), 400, "SCHEMA_VIOLATION")
    error(move("v9.0", "staging"), 404, "NOT_FOUND")
    error(move("v1.0", "staging", client=other), 404, "MODEL_NOT_FOUND")
    assert move("v1.0", "production", comment="good").status_code == 200
    error(owner.delete(url), 409, "CONFLICT")
    error(owner.delete(f"/api/v1/ml-models/{model}"), 409, "CONFLICT")
    second = move("v1.1", "production").json()["data"]
    assert stages() == {"v1.0": "archived", "v1.1": "production"} and len(second["archived_versions"]) == 1
    assert owner.get(url).json()["stage"] == "production"
    assert [entry["name"] for entry in owner.get("/api/v1/models", params={"stage": "production"}).json()["models"]] == ["staged"]
    assert owner.post(f"{url}/promotions/{second['id']}/revert").json()["data"]["state"] == "reverted"
    assert stages() == {"v1.0": "production", "v1.1": "development"}
    error(owner.post(f"{url}/promotions/{second['id']}/revert"), 409, "CONFLICT")
    # A second person's word.
    owner.patch(url, json={"needs_approval": True})
    waiting = move("v1.1", "production")
    assert waiting.status_code == 202 and waiting.json()["data"]["state"] == "pending" and stages()["v1.1"] == "development"
    pending = waiting.json()["data"]["id"]
    error(owner.post(f"{url}/promotions/{pending}/approve"), 403, "FORBIDDEN")
    assert admin.post(f"{url}/promotions/{pending}/approve").json()["data"]["state"] == "done" and stages() == {"v1.0": "archived", "v1.1": "production"}
    error(admin.post(f"{url}/promotions/{pending}/reject"), 409, "CONFLICT")
    assert [entry["state"] for entry in owner.get(f"{url}/promotions").json()["data"]] == ["done", "reverted", "done", "done"]
    actions = [entry["action"] for entry in admin.get("/api/v1/audit", params={"resource_id": model, "limit": 100}).json()["data"]]
    assert {"version.stage_changed", "promotion.requested", "promotion.approved", "promotion.reverted"} <= set(actions)
    # Who may not promote cannot move anything into or out of production.
    limited = owner.post("/api/v1/api-keys", json={"name": "k", "scope": {"permissions": ["models:read", "models:update"]}}).json()["key"]
    for version, stage in (("v1.0", "production"), ("v1.1", "development")):
        answer = requests.post(f"{owner.server.url}{url}/versions/{version}/stage", json={"stage": stage}, headers={"Authorization": f"Bearer {limited}"})
        error(answer, 403, "FORBIDDEN")
    move("v1.1", "archived")
    assert owner.delete(url).status_code == 200


def test_aliases_stand_for_versions_and_cut_keys_down(owner, other):
    model = register(owner, name="named")["model_id"]
    serve(owner, model)
    owner.post(f"/api/v1/models/{model}/versions", json={})
    url = f"/api/v1/models/{model}"
    def set_alias(name, version, client=owner):
        return client.put(f"{url}/aliases/{name}", json={"version": version})
    assert set_alias("champion", "v1.0").status_code == 200 and set_alias("canary", "latest").status_code == 200
    assert owner.get(f"{url}/versions/champion").json()["data"]["version"] == "v1.0"
    assert owner.get(f"{url}/versions/canary").json()["data"]["version"] == "v1.1"
    assert owner.get(f"{url}/download", params={"version": "champion"}).headers["X-Model-Version"] == "v1.0"
    error(owner.get(f"{url}/download", params={"version": "canary"}), 409, "CONFLICT")
    for name in ("latest", "v1.0", "Champion", "1x", "a b"):
        assert set_alias(name, "v1.0").status_code in (400, 404), name
    error(set_alias("free", "v7.0"), 404, "NOT_FOUND")
    error(set_alias("free", "v1.0", client=other), 404, "MODEL_NOT_FOUND")
    key = owner.post("/api/v1/api-keys", json={"name": "k", "scope": {"aliases": ["champion"]}}).json()["key"]
    call = lambda: requests.post(  # noqa: E731
        f"{owner.server.url}/api/v1/ml-models/{model}/predict", json={"data": ROW}, headers={"Authorization": f"Bearer {key}"}
    )
    assert call().status_code == 200
    set_alias("champion", "v1.1")
    error(call(), 403, "FORBIDDEN")
    set_alias("champion", "v1.0")
    assert call().status_code == 200
    assert owner.delete(f"{url}/aliases/champion").status_code == 200
    error(call(), 403, "FORBIDDEN")
    error(owner.delete(f"{url}/aliases/champion"), 404, "NOT_FOUND")
    assert [entry["alias"] for entry in owner.get(f"{url}/aliases").json()["data"]] == ["canary"]


def test_an_archived_model_does_not_answer_until_it_comes_back(owner):
    model, _, _ = owner.publish(FIXTURES / "iris.joblib", name="resting")
    assert owner.patch(f"/api/v1/models/{model}", json={"status": "archived"}).status_code == 200
    assert owner.predict(model, ROW).status_code == 409
    assert owner.get("/api/v1/models", params={"status": "archived"}).json()["models"][0]["id"] == model
    assert owner.patch(f"/api/v1/models/{model}", json={"status": "active"}).status_code == 200
    assert owner.predict(model, ROW).status_code == 200


def form(client, path, **fields):
    with open(path, "rb") as file:
        return client.post("/api/v1/models/upload", data=fields, files={"model_file": (path.name, file), "config_file": ("config.yaml", b"threshold: 0.4\n")})


def test_the_upload_form_of_the_registry(owner, other):
    fields = {
        "name": "YOLO11 Nano Traffic", "version": "1.0.0", "model_type": "detection", "framework": "onnx", "description": "Lightweight",
        "classes": '["car", "truck"]', "input_shape": "[1, 3, 640, 640]", "config": '{"confidence_threshold": 0.5}', "tags": '["traffic", "edge"]',
        "training_config": '{"epochs": 3}', "benchmark_dataset": "coco",
    }  # fmt: skip
    answer = form(owner, FIXTURES / "onnx" / "logistic.onnx", **fields)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    data = body["data"]
    assert body["success"] is True and body["message"] == "Model uploaded successfully"
    assert data["name"] == fields["name"] and data["version"] == "1.0.0" and data["framework"] == "onnx" and data["validation_warnings"] == []
    assert data["file_size"] == (FIXTURES / "onnx" / "logistic.onnx").stat().st_size and data["storage_path"] == f"/models/{data['model_id']}/1.0.0"
    details = owner.get(f"/api/v1/models/{data['model_id']}").json()
    assert details["category"] == "detection" and details["model_type"] == "onnx" and details["tags"] == ["traffic", "edge"]
    assert details["training"] == {"classes": ["car", "truck"], "input_shape": [1, 3, 640, 640], "config": {"confidence_threshold": 0.5}, "training_config": {"epochs": 3}, "benchmark_dataset": "coco"}
    assert owner.get("/api/v1/models", params={"model_type": "detection"}).json()["pagination"]["total"] == 1
    error(form(owner, FIXTURES / "onnx" / "logistic.onnx", **fields), 409, "CONFLICT")
    second = form(owner, FIXTURES / "onnx" / "logistic.onnx", **{**fields, "version": "1.1.0"}).json()["data"]
    assert second["model_id"] == data["model_id"] and second["version"] == "1.1.0"
    assert form(other, FIXTURES / "onnx" / "logistic.onnx", **fields).json()["data"]["model_id"] != data["model_id"]
    for wrong, status in [
        ({"version": "one"}, 400), ({"classes": "{"}, 400), ({"input_shape": "{}"}, 400), ({"config": "[]"}, 400), ({"name": ""}, 400), ({"tags": "[1]"}, 400),
    ]:  # fmt: skip
        assert form(owner, FIXTURES / "onnx" / "logistic.onnx", **{**fields, **wrong}).status_code == status, wrong
    error(form(owner, FIXTURES / "truth.json", **{**fields, "version": "2.0.0"}), 400, "UNSUPPORTED_FORMAT")
    error(form(owner, FIXTURES / "evil-call.pkl", **{**fields, "version": "2.0.0", "framework": "sklearn"}), 400, "INVALID_INPUT")
    assert requests.post(owner.server.url + "/api/v1/models/upload", data=fields, files={"model_file": ("a.onnx", b"x")}).status_code == 401
    viewer = owner.post("/api/v1/api-keys", json={"name": "v", "scope": {"permissions": ["models:read"]}}).json()["key"]
    answer = requests.post(
        owner.server.url + "/api/v1/models/upload", data=fields, files={"model_file": ("a.onnx", b"x")}, headers={"Authorization": f"Bearer {viewer}"}
    )
    error(answer, 403, "FORBIDDEN")


def with_key(client, **scope):
    made = client.post("/api/v1/api-keys", json={"name": "k", "scope": scope})
    assert made.status_code == 201, made.text
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {made.json()['key']}"
    return lambda method, path, **arguments: session.request(method, client.server.url + path, **arguments)


def test_a_key_for_single_models_reaches_no_others(owner, admin):
    mine, _, _ = owner.publish(FIXTURES / "iris.joblib", name="for the key")
    other, version, _ = owner.publish(FIXTURES / "ridge.joblib", name="not for the key")
    call = with_key(owner, models=[mine])
    content = (FIXTURES / "ridge.joblib").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    assert call("HEAD", f"/api/v1/uploads/digests/{digest}").status_code == 404
    upload = call("POST", "/api/v1/uploads", json={"file_name": "m.joblib", "size": len(content), "sha256": digest}).json()
    assert upload["missing"] == [1], "a file of another model is not taken from there"
    assert call("PUT", f"/api/v1/uploads/{upload['upload_id']}/parts/1", data=content).status_code == 200
    error(call("POST", f"/api/v1/uploads/{upload['upload_id']}/complete", json={"name": "new one", "framework": "sklearn"}), 403, "FORBIDDEN")
    owner.delete(f"/api/v1/uploads/{upload['upload_id']}")
    for path in ("/api/v1/models/statistics", "/api/v1/statistics"):
        error(call("GET", path), 403, "FORBIDDEN")
    owner.predict(other, [1.0] * 10)
    owner.predict(mine, ROW)
    assert {entry["model_id"] for entry in call("GET", "/api/v1/predict/history").json()["data"]} <= {mine}
    error(with_key(owner, permissions=["keys:manage"])("GET", "/api/v1/predict/history"), 403, "FORBIDDEN")
    error(with_key(admin, models=[mine])("POST", "/api/v1/maintenance/cleanup", json={}), 403, "FORBIDDEN")


def test_no_call_keeps_others_from_being_written_down(owner):
    model, _, _ = owner.publish(FIXTURES / "iris.joblib", name="nul")
    assert owner.post(f"/api/v1/ml-models/{model}/predict", json={"data": {"\u0000": 1}}).status_code == 400
    assert owner.predict(model, ROW).status_code == 200
    deadline = time.monotonic() + 10
    while (body := owner.get(f"/api/v1/models/{model}/analytics").json())["total_predictions"] < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert body["total_predictions"] == 2 and body["failed_predictions"] == 1


def test_an_archived_model_without_a_version_comes_back(owner):
    model = register(owner, name="archived early")["model_id"]
    assert owner.patch(f"/api/v1/models/{model}", json={"status": "archived"}).status_code == 200
    assert owner.patch(f"/api/v1/models/{model}", json={"status": "active"}).json()["model"]["status"] == "pending"
    serve(owner, model)
    assert owner.predict(model, ROW).status_code == 200


def test_the_only_version_is_not_deleted_and_one_that_is_gone_is_not_promoted(owner, admin):
    model = register(owner, name="last version")["model_id"]
    url = f"/api/v1/models/{model}"
    error(owner.delete(f"{url}/versions/v1.0"), 409, "CONFLICT")
    serve(owner, model)
    owner.post(f"{url}/versions", json={})
    serve(owner, model)
    owner.patch(url, json={"needs_approval": True})
    pending = owner.post(f"{url}/versions/v1.1/stage", json={"stage": "production"}).json()["data"]["id"]
    assert owner.delete(f"{url}/versions/v1.1").status_code == 200
    assert admin.post(f"{url}/promotions/{pending}/approve").status_code in (404, 409)
    assert owner.get(url).json()["stage"] == "development"
    assert admin.post(f"{url}/promotions/{pending}/reject").json()["data"]["state"] == "rejected"


def test_what_comes_with_a_file_is_added_to_what_was_said_before(owner):
    model = register(owner, name="said twice")["model_id"]
    error(bring(owner, model, **{"form_version": "x"}, metrics="[1]"), 400, "SCHEMA_VIOLATION")
    with open(FIXTURES / "iris.joblib", "rb") as file:
        answer = owner.post(f"/api/v1/models/{model}/upload", data={"version": "3.0.0"}, files={"model_file": ("m.joblib", file)})
    error(answer, 409, "CONFLICT")
    assert bring(owner, model, metrics='{"test_accuracy": 0.77}').status_code == 201
    details = owner.get(f"/api/v1/models/{model}").json()
    assert details["hyperparameters"] == NEW["hyperparameters"] and details["metrics"] == {"test_accuracy": 0.77}


def test_descriptions_and_numbers_of_versions_are_bounded(owner):
    huge = {"x": "y" * 40_000}
    error(owner.post("/api/v1/models", json={**NEW, "hyperparameters": huge}), 400, "SCHEMA_VIOLATION")
    model = register(owner, name="bounded")["model_id"]
    error(owner.post(f"/api/v1/models/{model}/versions", json={"dataset_info": huge}), 400, "SCHEMA_VIOLATION")


def test_a_promotion_that_was_overtaken_is_not_taken_back(owner):
    model = register(owner, name="overtaken")["model_id"]
    url = f"/api/v1/models/{model}"
    serve(owner, model)
    owner.post(f"{url}/versions", json={})
    serve(owner, model)
    move = lambda version, stage: owner.post(f"{url}/versions/{version}/stage", json={"stage": stage}).json()["data"]["id"]  # noqa: E731
    move("v1.0", "production")
    back = move("v1.0", "staging")
    move("v1.1", "production")
    error(owner.post(f"{url}/promotions/{back}/revert"), 409, "CONFLICT")
    assert {entry["version"]: entry["stage"] for entry in owner.get(f"{url}/versions").json()["versions"]} == {"v1.0": "staging", "v1.1": "production"}
