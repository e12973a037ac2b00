"""Public models: found with what can be chosen from, rated, and taken into one's own account."""

import pytest

from conftest import FIXTURES, Server, error
from test_access import PASSWORD, Admin

ROW = [6.3, 3.3, 6.0, 2.5]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("market"), admin_email="root@example.com", admin_password=PASSWORD).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def owner(place):
    return place.account("owner")


@pytest.fixture(scope="module")
def model(owner):
    return owner.publish(FIXTURES / "iris.joblib", name="offered", is_public="true", category="flowers", tags='["demo", "iris"]')[0]


def rate(client, model, stars, review=None):
    return client.post(f"/api/v1/ml-models/{model}/ratings", json={"rating": stars, "review": review})


def test_the_marketplace_shows_public_models_that_serve(owner, model, place):
    owner.publish(FIXTURES / "iris.joblib", name="hidden", category="secret")
    owner.publish(FIXTURES / "mixed.joblib", name="second", is_public="true", category="tables", tags='["demo"]')
    body = place.account("visitor").get("/api/v1/marketplace").json()
    assert {entry["name"] for entry in body["models"]} == {"offered", "second"} and body["pagination"]["total"] == 2
    assert body["facets"]["category"] == [{"value": "flowers", "count": 1}, {"value": "tables", "count": 1}]
    assert body["facets"]["tags"] == [{"value": "demo", "count": 2}, {"value": "iris", "count": 1}]
    assert body["facets"]["algorithm"] == [{"value": "logistic_regression", "count": 2}]
    assert "secret" not in str(owner.get("/api/v1/marketplace").json()), "one's own models that are not public are not offered"
    chosen = owner.get("/api/v1/marketplace", params={"category": "flowers"}).json()
    assert [entry["name"] for entry in chosen["models"]] == ["offered"] and chosen["facets"]["tags"] == [{"value": "demo", "count": 1}, {"value": "iris", "count": 1}]
    assert owner.get("/api/v1/marketplace", params={"q": "offer", "sort": "rating"}).json()["pagination"]["total"] == 1


def test_ratings_are_one_a_person_and_the_average_is_that_of_the_rows(owner, model, place):
    clients = [place.account(f"rater{i}") for i in range(4)]
    for client, stars in zip(clients, (5, 4, 2, 1)):
        assert rate(client, model, stars, f"<script>{stars}</script>").status_code == 200
    assert rate(clients[3], model, 3, "better now").json()["data"]["rating"] == 3
    body = owner.get(f"/api/v1/ml-models/{model}/ratings").json()
    assert body["total"] == 4 and body["average"] == 3.5 and body["distribution"] == {"1": 0, "2": 1, "3": 1, "4": 1, "5": 1}
    assert body["data"][0]["review"] == "better now" and body["data"][0]["username"] == "rater3"
    assert owner.get(f"/api/v1/models/{model}").json()["rating"] == {"average": 3.5, "count": 4}
    assert clients[0].delete(f"/api/v1/ml-models/{model}/ratings").status_code == 200
    error(clients[0].delete(f"/api/v1/ml-models/{model}/ratings"), 404, "NOT_FOUND")
    assert owner.get(f"/api/v1/models/{model}").json()["rating"] == {"average": 3.0, "count": 3}
    error(rate(owner, model, 5), 403, "FORBIDDEN")
    for stars in (0, 6, 2.5, "5", None):
        assert rate(clients[1], model, stars).status_code == 400, stars
    private = owner.publish(FIXTURES / "iris.joblib", name="mine")[0]
    error(rate(clients[1], private, 5), 404, "MODEL_NOT_FOUND")
    # Moderation is for admins.
    other = clients[2].user["id"]
    error(clients[1].delete(f"/api/v1/ml-models/{model}/ratings/{other}"), 403, "FORBIDDEN")
    assert Admin(place).delete(f"/api/v1/ml-models/{model}/ratings/{other}").status_code == 200
    assert owner.get(f"/api/v1/ml-models/{model}/ratings").json()["total"] == 2
    order = [entry["name"] for entry in owner.get("/api/v1/marketplace", params={"sort": "rating"}).json()["models"]]
    assert order[0] == "offered"


@pytest.mark.parametrize("encryption", ["off", "on"])
def test_a_fork_is_a_model_of_ones_own_that_knows_where_it_came_from(tmp_path, encryption):
    server = Server(tmp_path, encryption=encryption, **({"master_key": "ab" * 32} if encryption == "on" else {})).start()
    try:
        owner, visitor = server.account("owner"), server.account("visitor")
        code = b"def custom_predict(model, input_data):\n    return [int(k) + 10 for k in model.predict(input_data)]\n"
        model, version, _ = owner.publish(
            FIXTURES / "iris.joblib", name="original", is_public="true", model_type="custom", files={"custom_api": ("c.py", code)}, tags='["a"]',
            metrics='{"test_accuracy": 0.9}', requirements="scikit-learn==1.5.2",
        )  # fmt: skip
        answer = visitor.post(f"/api/v1/ml-models/{model}/fork", json={"name": "mine now"})
        assert answer.status_code == 201, answer.text
        data = answer.json()["data"]
        assert visitor.await_validation(data["model_id"], data["validation_id"])["overall_status"] in ("passed", "warning")
        assert visitor.predict(data["model_id"], ROW).json()["prediction"] == 12
        details = visitor.get(f"/api/v1/models/{data['model_id']}").json()
        assert details["name"] == "mine now" and details["parent_model_id"] == model and details["parent_version_id"] == version and details["tags"] == ["a"]
        assert details["metrics"] == {"test_accuracy": 0.9} and details["is_public"] is False and details["created_by"] == "visitor"
        lineage = visitor.get(f"/api/v1/models/{data['model_id']}/lineage").json()["lineage"]
        assert [entry["model_name"] for entry in lineage] == ["mine now", "original"]
        assert owner.delete(f"/api/v1/ml-models/{model}").status_code == 200
        assert visitor.predict(data["model_id"], ROW).status_code == 200
        private = owner.publish(FIXTURES / "iris.joblib", name="private")[0]
        error(visitor.post(f"/api/v1/ml-models/{private}/fork", json={}), 404, "MODEL_NOT_FOUND")
        reader = owner.post(f"/api/v1/ml-models/{private}/permissions", json={"user_id": visitor.user["id"], "permission": "read"})
        assert reader.status_code in (200, 201)
        error(visitor.post(f"/api/v1/ml-models/{private}/fork", json={}), 409, "CONFLICT")
    finally:
        server.stop()
