"""Requirements 4: the serving platform. It lists routes and what they give, and prints no bodies."""

from .scenario import FIXTURES, Document, NotProvoked, Scenario
from .shape import TIME, Any, Text

PERSON = {"email": "parth@example.com", "username": "parth", "password": "a long password"}
LOGIN = {"email": PERSON["email"], "password": PERSON["password"]}
WITH_TOKEN = {"Authorization": "Bearer {access_token}"}
PAIR = {"access_token": Text(r"[\w-]+\.[\w-]+\.[\w-]+"), "refresh_token": str, "token_type": Text(r"(?i)bearer")}
PAIR_KEPT = {"access_token": "access_token", "refresh_token": "refresh_token"}
ROW = {"feature1": 0.5, "feature2": 1.2, "feature3": 0.8}
KEY = {"id": str, "name": str, "is_active": bool, "created_at": TIME}

ANALYTICS = [
    Scenario(
        49,
        "analytics of a model",
        "GET",
        "/api/v1/models/{model_id}/analytics",
        answer={
            "total_predictions": int,
            "success_rate": float,
            "avg_inference_time_ms": float,
            "min_inference_time_ms": float,
            "max_inference_time_ms": float,
            "daily_usage": [{"date": Text(r"\d{4}-\d\d-\d\d"), "predictions": int}],
            "recent_errors": Any(list),
        },
    ),
    Scenario(
        53,
        "errors with their details",
        "GET",
        "/api/v1/models/{private_model_id}/analytics",
        until={"recent_errors.0.error": str},
        answer={"recent_errors": [{"timestamp": TIME, "status": int, "error": str}]},
    ),
]

HEADERS = [
    Scenario(
        62,
        "what is left of a limit is in the headers",
        "GET",
        "/api/v1/models",
        caller="a thousand a minute",
        answer_headers={"RateLimit-Limit": "1000", "RateLimit-Remaining": Text(r"\d+"), "RateLimit-Reset": Text(r"\d+")},
    ),
    Scenario(
        66,
        "a key has its prefix and 32 bytes",
        "POST",
        "/api/v1/api-keys",
        json={"name": "secure"},
        answer={"key": Text(r"mlp_[\w-]{43}")},
        keep={"used_secret": "key", "used_key_id": "id"},
    ),
    Scenario(68, "a key for one day", "POST", "/api/v1/api-keys", json={"name": "short", "expires_in_days": 1}, answer={"expires_at": TIME}),
    Scenario(68, "a key for a year", "POST", "/api/v1/api-keys", json={"name": "long", "expires_in_days": 365}, answer={"expires_at": TIME}),
    Scenario(68, "a key for no day", "POST", "/api/v1/api-keys", json={"name": "none", "expires_in_days": 0}, status=(400, 422)),
    Scenario(68, "a key for more than a year", "POST", "/api/v1/api-keys", json={"name": "longer", "expires_in_days": 366}, status=(400, 422)),
    Scenario(71, "a call with X-API-Key", "GET", "/api/v1/models", caller="nobody", headers={"X-API-Key": "{used_secret}"}),
    Scenario(71, "a call with a JWT", "GET", "/api/v1/models", caller="owner by token"),
]

AUTHENTICATION = [
    Scenario(
        93,
        "register",
        "POST",
        "/api/v1/auth/register",
        caller="nobody",
        json=PERSON,
        answer={"id": str, "email": PERSON["email"], "username": "parth"},
    ),
    Scenario(79, "register twice", "POST", "/api/v1/auth/register", caller="nobody", json=PERSON, status=(400, 409)),
    Scenario(94, "log in", "POST", "/api/v1/auth/login", caller="nobody", json=LOGIN, answer=PAIR, keep=PAIR_KEPT),
    Scenario(
        94, "log in with another password", "POST", "/api/v1/auth/login", caller="nobody", json={**LOGIN, "password": "another password"}, status=401
    ),
    Scenario(
        95,
        "a new pair of tokens",
        "POST",
        "/api/v1/auth/refresh",
        caller="nobody",
        json={"refresh_token": "{refresh_token}"},
        answer=PAIR,
        keep=PAIR_KEPT,
    ),
    Scenario(96, "who one is", "GET", "/api/v1/auth/me", caller="nobody", headers=WITH_TOKEN, answer={"email": PERSON["email"], "username": "parth"}),
    Scenario(96, "who nobody is", "GET", "/api/v1/auth/me", caller="nobody", status=401),
]

MODELS = [
    Scenario(
        99,
        "upload a model",
        "POST",
        "/api/v1/models/upload",
        form={"name": "served", "model_type": "sklearn"},
        files={"model_file": ("iris.joblib", FIXTURES / "iris.joblib")},
        answer={"success": True, "data": {"model_id": str, "version": "1.0.0"}},
        keep={"served": "data.model_id"},
    ),
    Scenario(
        31,
        "the next version counts by itself",
        "POST",
        "/api/v1/models/{served}/upload",
        files={"model_file": ("iris.joblib", FIXTURES / "iris-names.joblib")},
        answer={"data": {"version": "1.1.0"}},
    ),
    Scenario(
        100,
        "a page of models",
        "GET",
        "/api/v1/models?page=1",
        answer={"models": [{"id": str, "name": str}], "pagination": {"page": 1, "total": int, "pages": int}},
    ),
    Scenario(
        101,
        "a model's details",
        "GET",
        "/api/v1/models/{served}",
        answer={"id": "{served}", "name": "served", "model_type": "sklearn", "status": str},
    ),
    Scenario(
        102,
        "change the description",
        "PATCH",
        "/api/v1/models/{served}",
        json={"description": "changed"},
        answer={"model": {"description": "changed"}},
    ),
    Scenario(
        102,
        "change the status",
        "PATCH",
        "/api/v1/models/{private_model_id}",
        json={"status": "deprecated"},
        answer={"model": {"status": "deprecated"}},
    ),
    Scenario(102, "change it back", "PATCH", "/api/v1/models/{private_model_id}", json={"status": "active"}, answer={"model": {"status": "active"}}),
    Scenario(103, "delete a model", "DELETE", "/api/v1/models/{served}"),
    Scenario(103, "a deleted model is gone", "GET", "/api/v1/models/{served}", status=404),
    Scenario(104, "analytics", "GET", "/api/v1/models/{model_id}/analytics", answer={"model_id": "{model_id}"}),
]

PREDICTIONS = [
    Scenario(
        107,
        "predict",
        "POST",
        "/api/v1/predict/{model_id}",
        json={"data": ROW},
        answer={"prediction": [float, float], "inference_time_ms": float, "version": "1.0.0"},
    ),
    Scenario(
        108,
        "one's predictions",
        "GET",
        "/api/v1/predict/history",
        answer={"data": [{"id": str, "model_id": str, "status": Text("success|failed"), "created_at": TIME}]},
    ),
]

KEYS = [
    Scenario(
        111, "make a key", "POST", "/api/v1/api-keys", json={"name": "listed"}, answer={**KEY, "key": str}, keep={"secret": "key", "key_id": "id"}
    ),
    Scenario(112, "one's keys", "GET", "/api/v1/api-keys", answer={"data": [KEY], "total": int}),
    Scenario(113, "one key", "GET", "/api/v1/api-keys/{key_id}", answer={**KEY, "id": "{key_id}", "name": "listed"}),
    Scenario(114, "change a key", "PATCH", "/api/v1/api-keys/{key_id}", json={"name": "renamed"}, answer={"name": "renamed"}),
    Scenario(115, "revoke a key", "DELETE", "/api/v1/api-keys/{key_id}"),
    Scenario(115, "a revoked key opens nothing", "GET", "/api/v1/models", caller="nobody", headers={"X-API-Key": "{secret}"}, status=401),
]

HEALTH = [
    Scenario(118, "health", "GET", "/health", caller="nobody", answer={"status": "healthy"}),
    Scenario(119, "readiness", "GET", "/health/ready", caller="nobody", answer={"status": "ready"}),
    Scenario(120, "liveness", "GET", "/health/live", caller="nobody", answer={"status": "alive"}),
    Scenario(69, "when a key was used last", "GET", "/api/v1/api-keys/{used_key_id}", until={"last_used_at": TIME}, answer={"last_used_at": TIME}),
    Scenario(210, "the documentation of the API", "GET", "/api/v1/docs", caller="nobody"),
]

DOCUMENT = Document(
    4,
    "ML Model Serving Platform - Project Summary",
    ANALYTICS + HEADERS + AUTHENTICATION + MODELS + PREDICTIONS + KEYS + HEALTH,
    [NotProvoked(122, "the tables of the database", "no request and no answer")],
)
