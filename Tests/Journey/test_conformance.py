"""Every request that the requirement documents print, against a real server; the result is docs/conformance.md."""

import time

import pytest

from conformance import document1, document2, document3, document4, document5
from conformance.page import page
from conformance.runner import Runner
from conformance.shape import Text, faults
from conftest import FIXTURES, ROOT, Server
from test_access import PASSWORD, Admin

DOCUMENTS = [document.DOCUMENT for document in (document1, document2, document3, document4, document5)]
SCENARIOS = [(document, scenario) for document in DOCUMENTS for scenario in document.scenarios]
IDS = [f"{document.number}-{scenario.slug}" for document, scenario in SCENARIOS]
ROW = [0.5, 1.2, 0.8]
SLOW = b"""
import time

def custom_predict(model, input_data):
    if input_data[0][0] > 1000:
        time.sleep(10)
    return model.predict(input_data)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conformance")
    server = Server(
        folder, upload_rate_limit=5, max_upload=1 << 20, prediction_timeout_ms=1000, admin_email="root@example.com", admin_password=PASSWORD
    ).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def admin(server):
    return Admin(server)


@pytest.fixture(scope="module")
def owner(server, admin):
    """Not bound to five uploads an hour."""
    owner = server.account("business_user")
    assert admin.patch(f"/api/v1/users/{owner.user['id']}", json={"subscription": "premium"}).status_code == 200
    return owner


@pytest.fixture(scope="module")
def callers(server, admin, owner):
    """Headers with the credentials of each."""

    def key(**scope):
        return bearer(owner.post("/api/v1/api-keys", json={"name": "scoped", "scope": scope}).json()["key"])

    return {
        "owner": bearer(owner.key),
        "owner by X-API-Key": {"X-API-Key": owner.key},
        "owner by token": {"Authorization": token(owner)},
        "admin": {"Authorization": admin.headers["Authorization"]},
        "stranger": bearer(server.account("stranger").key),
        "free user": bearer(server.account("free").key),
        "reader": key(permissions=["models:read"]),
        "one a minute": key(requests_per_minute=1),
        "ten a minute": key(requests_per_minute=10),
        "a thousand a minute": key(requests_per_minute=1000),
        "guess": bearer("guess"),
        "nobody": {},
    }


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


def token(client):
    tokens = client.post("/api/v1/auth/login", json=client.credentials).json()
    return f"Bearer {tokens['access_token']}"


@pytest.fixture(scope="module")
def names(server, owner):
    """What the tables call `{model_id}` and so on."""
    description = "Predicts customer churn probability"
    uploads = [
        owner.upload(
            FIXTURES / "churn.pkl",
            name="Customer Churn Predictor",
            description=description,
            framework="scikit-learn",
            category="classification",
            is_public="true",
        ),
        owner.upload(FIXTURES / "churn.pkl", name="Private", files={"custom_api": ("custom_api.py", SLOW)}),
    ]
    for upload in uploads:
        assert owner.await_validation(upload.json()["model_id"], upload.json()["validation_id"])["overall_status"] == "passed"
    model, private = (upload.json()["model_id"] for upload in uploads)
    assert owner.post(f"/api/v1/models/{private}/versions/v1.0/stage", json={"stage": "production"}).status_code == 200
    assert owner.predict(model, ROW).status_code == 200
    assert owner.predict(model, ROW[:2]).status_code == 400
    while owner.get(f"/api/v1/models/{model}/analytics").json()["total_predictions"] < 2:
        time.sleep(0.1)
    spares = [owner.post("/api/v1/models", json={"name": f"spare {number}", "algorithm": "svm"}).json()["model_id"] for number in range(3)]
    return {
        "model_id": model,
        "version_id": uploads[0].json()["version_id"],
        "private_model_id": private,
        "spare_model_id": spares[0],
        "second_spare_model_id": spares[1],
        "spare_registration": spares[2],
        "owner_id": owner.user["id"],
        "owner_key": owner.key,
        "guest_id": server.account("guest").user["id"],
    }


@pytest.fixture(scope="module")
def runner(server, callers, names):
    return Runner(server.url, callers, names)


@pytest.fixture(scope="module")
def results():
    return {}


@pytest.mark.parametrize(("document", "scenario"), SCENARIOS, ids=IDS)
def test_what_is_printed_is_what_is_answered(runner, results, document, scenario):
    found, answer = runner.run(scenario)
    results[document.number, scenario.slug] = found
    assert not found, "\n".join([*found, answer])


@pytest.mark.parametrize(
    ("value", "shape", "found"),
    [
        ({"a": 1, "b": "x"}, {"a": int, "b": str, "c?": str}, []),
        (
            {"a": True, "b": None},
            {"a": int, "b": str, "c": str},
            ["a: expected a whole number, found true or false", "b: expected a text, found null", "c: missing"],
        ),
        ({"a": [1, 2.5]}, {"a": [int]}, ["a[]: expected a whole number, found a number"]),
        ({"a": []}, {"a": [int]}, ["a: expected some elements, found 0"]),
        ({"a": 1, "b": "model_2"}, {"a": True, "b": "{id}"}, ["a: expected True, found a whole number", "b: expected '{id}', found another text"]),
        ({"a": "model_1"}, {"a": Text("{id}")}, []),
        ([], {"a": int}, ["the answer: expected an object, found a list"]),
    ],
)
def test_a_shape_tells_what_does_not_fit(value, shape, found):
    assert faults(value, shape, {"id": "model_1"}) == found


def test_every_request_has_a_name_of_its_own():
    assert len(set(IDS)) == len(IDS)


def test_the_page_tells_what_was_found(results):
    if len(results) < len(SCENARIOS):
        pytest.skip("the page is compared when everything was asked")
    text = page(DOCUMENTS, results)
    written = ROOT / ".build" / "conformance.md"
    written.parent.mkdir(exist_ok=True)
    written.write_text(text)
    kept = ROOT / "docs" / "conformance.md"
    assert kept.exists() and kept.read_text() == text, "docs/conformance.md is not what was found. hint: cp .build/conformance.md docs/conformance.md"
