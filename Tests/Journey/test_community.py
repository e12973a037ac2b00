"""Model cards, and complaints about public models."""

import pytest
import requests
from conftest import FIXTURES, Server, error
from test_access import PASSWORD, Admin

CARD = """---
license: apache-2.0
framework: scikit-learn
datasets: [iris]
metrics:
  accuracy: 0.97
intended_use: To tell flowers apart.
---
# Iris

| class | recall |
|---|---|
| setosa | 1.0 |

See <script>document.title = "run"</script> [click](javascript:alert(1)) {{7*7}}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("community"), admin_email="root@example.com", admin_password=PASSWORD).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def admin(place):
    return Admin(place)


@pytest.fixture(scope="module")
def owner(place):
    return place.account("owner")


@pytest.fixture(scope="module")
def reader(place):
    return place.account("reader")


@pytest.fixture(scope="module")
def model(owner):
    return owner.publish(FIXTURES / "iris.joblib", name="Iris", is_public="true")[0]


def test_a_card_is_written_rendered_and_shown_in_the_marketplace(owner, reader, model):
    url = f"/api/v1/ml-models/{model}/card"
    error(owner.get(url), 404, "NOT_FOUND")
    error(reader.put(url, json={"markdown": CARD}), 403, "FORBIDDEN")
    card = owner.put(url, json={"markdown": CARD}).json()["data"]
    assert card["front_matter"] == {
        "license": "apache-2.0", "framework": "scikit-learn", "datasets": ["iris"], "metrics": {"accuracy": 0.97}, "intended_use": "To tell flowers apart.",
    }  # fmt: skip
    assert card["markdown"] == CARD and "<h1>Iris</h1>" in card["html"] and "<td>setosa</td>" in card["html"]
    assert "<script" not in card["html"] and "javascript" not in card["html"] and "{{7*7}}" in card["html"]
    assert reader.get(url).json()["data"] == card
    plain = owner.put(url, data="---\nlicense: mit\n---\nShort.".encode(), headers={"Content-Type": "text/markdown; charset=utf-8"})
    assert plain.json()["data"]["license"] == "mit"
    found = reader.get("/api/v1/marketplace", params={"license": "mit"}).json()
    assert [entry["id"] for entry in found["models"]] == [model] and found["facets"]["license"] == [{"value": "mit", "count": 1}]
    assert found["models"][0]["license"] == "mit" and found["models"][0]["has_card"] is True and found["models"][0]["call_count"] == 0
    assert reader.get("/api/v1/marketplace", params={"license": "gpl"}).json()["models"] == []


def test_cards_that_are_wrong_change_nothing(owner, model):
    url = f"/api/v1/ml-models/{model}/card"
    before = owner.get(url).json()
    for markdown, pointer in (("---\nlicense: [a]\n---\n", "/front_matter/license"), ("---\na: [\n---\n", "/front_matter"), ("a\0b", "/markdown")):
        assert pointer in error(owner.put(url, json={"markdown": markdown}), 400, "SCHEMA_VIOLATION")["message"]
    error(owner.put(url, json={"markdown": "x" * 65537}), 413, "PAYLOAD_TOO_LARGE")
    error(owner.put(url, data=b"x" * 65537, headers={"Content-Type": "text/markdown"}), 413, "PAYLOAD_TOO_LARGE")
    error(owner.put(url, data=b"\xff\xfe", headers={"Content-Type": "text/markdown"}), 400, "SCHEMA_VIOLATION")
    error(owner.put(url, data=b"# A", headers={"Content-Type": "text/html"}), 415, "UNSUPPORTED_MEDIA_TYPE")
    assert owner.get(url).json() == before


def test_a_card_goes(owner, model):
    url = f"/api/v1/ml-models/{model}/card"
    assert owner.delete(url).status_code == 200
    error(owner.delete(url), 404, "NOT_FOUND")
    error(owner.get(url), 404, "NOT_FOUND")


def kinds(client):
    return [entry["type"] for entry in client.get("/api/v1/notifications").json()["data"]]


def test_a_report_is_decided_by_a_moderator_and_an_upheld_one_takes_the_model_out_of_sight(place, owner, reader, admin, model):
    url = f"/api/v1/ml-models/{model}/reports"
    error(owner.post(url, json={"reason": "other"}), 409, "CONFLICT")
    error(reader.post(url, json={"reason": "ugly"}), 400, "SCHEMA_VIOLATION")
    report = reader.post(url, json={"reason": "malicious", "description": "<b>It lies</b>"})
    assert report.status_code == 201
    report = report.json()["data"]
    error(reader.post(url, json={"reason": "copyright"}), 409, "CONFLICT")
    assert "model.reported" in kinds(admin)
    error(reader.get("/api/v1/reports"), 403, "FORBIDDEN")
    error(owner.get(f"/api/v1/reports/{report['id']}"), 404, "NOT_FOUND")
    assert reader.get(f"/api/v1/reports/{report['id']}").json()["data"]["state"] == "open"
    assert [entry["id"] for entry in admin.get("/api/v1/reports", params={"state": "open"}).json()["data"]] == [report["id"]]
    error(reader.post(f"/api/v1/reports/{report['id']}/decide", json={"uphold": False}), 403, "FORBIDDEN")

    dismissed = admin.post(f"/api/v1/reports/{report['id']}/decide", json={"uphold": False, "note": "It does not."}).json()["data"]
    assert dismissed["state"] == "dismissed" and dismissed["note"] == "It does not."
    error(admin.post(f"/api/v1/reports/{report['id']}/decide", json={"uphold": True}), 409, "CONFLICT")
    assert "report.decided" in kinds(reader) and reader.predict(model, [6.3, 3.3, 6.0, 2.5]).status_code == 200

    again = reader.post(url, json={"reason": "misleading"}).json()["data"]
    assert admin.post(f"/api/v1/reports/{again['id']}/decide", json={"uphold": True}).json()["data"]["state"] == "upheld"
    error(reader.predict(model, [6.3, 3.3, 6.0, 2.5]), 404, "MODEL_NOT_FOUND")
    assert reader.get("/api/v1/marketplace").json()["models"] == []
    assert "report.decided" in kinds(owner) and owner.predict(model, [6.3, 3.3, 6.0, 2.5]).status_code == 200
    error(owner.patch(f"/api/v1/ml-models/{model}", json={"is_public": True}), 403, "FORBIDDEN")
    error(owner.post(f"/api/v1/ml-models/{model}/fork", json={}), 403, "FORBIDDEN")
    error(owner.upload(FIXTURES / "iris.joblib", name="Again", is_public="true"), 403, "FORBIDDEN")
    hidden = owner.publish(FIXTURES / "iris.joblib", name="Again")[0]
    error(owner.patch(f"/api/v1/ml-models/{hidden}", json={"is_public": True}), 403, "FORBIDDEN")
    assert admin.patch(f"/api/v1/ml-models/{model}", json={"is_public": True}).status_code == 200
    assert reader.predict(model, [6.3, 3.3, 6.0, 2.5]).status_code == 200
    assert owner.patch(f"/api/v1/ml-models/{model}", json={"is_public": False}).status_code == 200
    assert owner.patch(f"/api/v1/ml-models/{model}", json={"is_public": True}).status_code == 200


def test_what_cannot_be_seen_is_neither_read_nor_reported(owner, reader):
    hidden = owner.post("/api/v1/models", json={"name": "hidden", "algorithm": "svm"}).json()["model_id"]
    for call in (
        lambda: reader.get(f"/api/v1/ml-models/{hidden}/card"), lambda: reader.put(f"/api/v1/ml-models/{hidden}/card", json={"markdown": "x"}),
        lambda: reader.post(f"/api/v1/ml-models/{hidden}/reports", json={"reason": "other"}),
    ):  # fmt: skip
        error(call(), 404, "MODEL_NOT_FOUND")
    assert requests.get(f"{owner.server.url}/api/v1/ml-models/{hidden}/card").status_code == 401
