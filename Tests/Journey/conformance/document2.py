"""Requirements 2: the registry of trained models."""

from .scenario import FIXTURES, Document, NotProvoked, Scenario
from .shape import ERROR, SHA256, SIZE, TIME, Any, Map, Text

NEW = {
    "name": "customer_churn_rf_v1",
    "algorithm": "random_forest",
    "hyperparameters": {"n_estimators": 150, "max_depth": 8, "random_state": 42},
    "metrics": {"accuracy": 0.9234, "precision": 0.8956, "recall": 0.9123, "f1_score": 0.9038},
    "dataset_info": {"name": "customer_data_2024", "features": ["age", "tenure", "monthly_charges", "total_charges"]},
    "tags": ["churn-prediction", "production"],
}
FRAUD = {
    "name": "fraud_detection_xgboost_v2",
    "algorithm": "xgboost",
    "metrics": {"test_accuracy": 0.9712, "f1_score": 0.9738},
    "tags": ["production", "fraud-detection", "v2"],
    "version": "v2.1",
}
KEYED = {"name": "keyed", "algorithm": "svm"}
VERSION = Text(r"v\d+(\.\d+)?")
REGISTERED = {
    "success": True,
    "message": "Model registered successfully",
    "model_id": str,
    "version": "v1.0",
    "download_url": Text(r"/api/v1/models/\w+/download"),
}
PAGES = {"page": int, "limit": int, "total": int, "pages": int}
MODELS = {
    "models": [
        {"id": str, "name": str, "algorithm": str, "version": VERSION, "metrics": Any(dict), "created_at": TIME, "status": str, "download_count": int}
    ],
    "pagination": PAGES,
}


def listing(**changes):
    """A list in which every model has what is asked for."""
    return {"models": [{**MODELS["models"][0], **changes}], "pagination": PAGES}


DOWNLOADED = {
    "Content-Type": "application/octet-stream",
    "Content-Length": Text(r"\d+"),
    "Content-Disposition": 'attachment; filename="fraud_detection_xgboost_v2.pkl"',
    "X-Model-Algorithm": "xgboost",
    "X-Model-Version": "v2.1",
    "X-File-Checksum": SHA256,
}

MANAGEMENT = [
    Scenario(39, "list models", "GET", "/api/v1/models", answer=MODELS),
    Scenario(
        41,
        "update what is said of a model",
        "PUT",
        "/api/v1/models/{spare_registration}",
        json={"description": "changed", "tags": ["changed"]},
        answer={"success": True},
    ),
    Scenario(
        47,
        "register a model that gets a file",
        "POST",
        "/api/v1/models",
        json=FRAUD,
        answer={**REGISTERED, "version": "v2.1"},
        keep={"fraud": "model_id"},
    ),
    Scenario(
        47,
        "upload its file",
        "POST",
        "/api/v1/models/{fraud}/upload",
        files={"model_file": ("model.pkl", FIXTURES / "churn.pkl")},
        answer={"success": True},
    ),
    Scenario(45, "download it", "GET", "/api/v1/models/{fraud}/download", answer_headers={"Content-Type": "application/octet-stream"}),
    Scenario(
        46,
        "what is known of the file",
        "GET",
        "/api/v1/models/{fraud}/info",
        answer={"file_metadata": {"file_id": str, "size_bytes": int, "checksum": SHA256, "format": "pickle"}},
    ),
    Scenario(50, "the registry in numbers", "GET", "/api/v1/models/statistics", answer={"total_models": int}),
    Scenario(51, "what is downloaded most", "GET", "/api/v1/models/popular", answer=MODELS),
    Scenario(52, "what came last", "GET", "/api/v1/models/recent", answer=MODELS),
]

OPERATIONS = [
    Scenario(
        189,
        "register a model",
        "POST",
        "/api/v1/models",
        json=NEW,
        answer={**REGISTERED, "download_url": Text(r"/api/v1/models/\w+/download")},
        keep={"registered": "model_id"},
    ),
    Scenario(231, "all models", "GET", "/api/v1/models", answer=MODELS),
    Scenario(234, "models of an algorithm", "GET", "/api/v1/models?algorithm=xgboost", answer=listing(algorithm="xgboost")),
    Scenario(
        237,
        "a page of models",
        "GET",
        "/api/v1/models?page=1&limit=10",
        answer={**MODELS, "pagination": {"page": 1, "limit": 10, "total": int, "pages": int}},
    ),
    Scenario(240, "models with tags", "GET", "/api/v1/models?tags=production,fraud-detection", answer=MODELS),
    Scenario(275, "download a model", "GET", "/api/v1/models/{fraud}/download", answer_headers=DOWNLOADED),
    Scenario(278, "what a download would be", "HEAD", "/api/v1/models/{fraud}/download", answer_headers=DOWNLOADED),
    Scenario(
        293,
        "the registry in numbers, in full",
        "GET",
        "/api/v1/models/statistics",
        answer={
            "total_models": int,
            "algorithms": Map(int),
            "status_distribution": Map(int),
            "total_downloads": int,
            "storage_usage": {"total_size_gb": float, "average_model_size_mb": float},
            "recent_activity": {"models_added_last_7_days": int, "downloads_last_24_hours": int},
        },
    ),
]

SEARCH = [
    Scenario(332, "search: words", "GET", "/api/v1/models/search?q=fraud", answer=listing(name=FRAUD["name"])),
    Scenario(336, "search: an algorithm", "GET", "/api/v1/models/search?algorithm=xgboost", answer=listing(algorithm="xgboost")),
    Scenario(340, "search: an accuracy", "GET", "/api/v1/models/search?q=fraud&min_accuracy=0.9", answer=listing(metrics={"test_accuracy": 0.9712})),
    Scenario(340, "search: an accuracy that no model has", "GET", "/api/v1/models/search?q=fraud&min_accuracy=0.98", answer={"models": []}),
    Scenario(344, "search: tags", "GET", "/api/v1/models/search?tags=fraud-detection,v2", answer=listing(name=FRAUD["name"])),
]

VERSIONS = [
    Scenario(
        364,
        "a version with a breaking change",
        "POST",
        "/api/v1/models/{registered}/versions",
        json={"breaking_changes": True},
        answer={"version": "v2.0"},
    ),
    Scenario(368, "a version without", "POST", "/api/v1/models/{registered}/versions", json={}, answer={"version": "v2.1"}),
]

MONITORING = [
    Scenario(
        387,
        "numbers for Prometheus",
        "GET",
        "/metrics",
        caller="nobody",
        lines=(
            r'^model_downloads_total\{model_id="[^"]+",algorithm="[^"]+"\} \d+',
            r'^model_registrations_total\{algorithm="[^"]+"\} \d+',
            r"^active_models_total \d+",
            r"^storage_usage_bytes \d+",
            r'^api_request_duration_seconds_bucket\{endpoint="[^"]+"[^}]*\} \d+',
        ),
    ),
    Scenario(
        402,
        "health in detail",
        "GET",
        "/health/detailed",
        answer={
            "service": str,
            "status": "healthy",
            "timestamp": Text(r"\d{4}-\d\d-\d\dT.*"),
            "checks": {"mongodb": "healthy", "gridfs": "healthy", "disk_space": "healthy", "model_registry": "healthy"},
            "metrics": {"total_models": int, "active_models": int, "storage_usage_gb": float},
            "issues?": [str],
        },
        note="the service says its own name",
    ),
    Scenario(455, "the first five models", "GET", "/api/v1/models?limit=5", answer={**MODELS, "pagination": {**PAGES, "limit": 5}}),
]

KEYS = [
    Scenario(761, "register with an X-API-Key", "POST", "/api/v1/models", caller="owner by X-API-Key", json=KEYED, answer=REGISTERED),
    Scenario(
        763,
        "an X-API-Key that is none",
        "POST",
        "/api/v1/models",
        caller="nobody",
        headers={"X-API-Key": "guess"},
        json=KEYED,
        status=401,
        answer=ERROR,
        note="the error is an object, as requirements 3, line 182, have it, and no text",
    ),
    Scenario(763, "no X-API-Key", "POST", "/api/v1/models", caller="nobody", json=KEYED, status=401, answer=ERROR),
]

CLIENT = [
    Scenario(
        820,
        "the client registers",
        "POST",
        "/api/v1/models",
        json={"name": "sentiment_analysis_bert", "algorithm": "transformer", "metrics": {"accuracy": 0.94}},
        answer={"model_id": str},
        keep={"bert": "model_id"},
    ),
    Scenario(
        827, "the client searches", "GET", "/api/v1/models?algorithm=transformer&min_accuracy=0.9", answer=listing(name="sentiment_analysis_bert")
    ),
    Scenario(
        828, "the file that the client downloads", "POST", "/api/v1/models/{bert}/upload", files={"model_file": ("model.pkl", FIXTURES / "churn.pkl")}
    ),
    Scenario(828, "the client downloads", "GET", "/api/v1/models/{bert}/download"),
]

DETAILS = [
    Scenario(
        899,
        "a model's details",
        "GET",
        "/api/v1/models/{registered}",
        answer={**NEW, "id": "{registered}", "hyperparameters": NEW["hyperparameters"], "version": VERSION, "created_at": TIME},
    ),
    Scenario(922, "the size of a model", "GET", "/api/v1/models/{fraud}", answer={"id": "{fraud}", "model_size": SIZE}),
    Scenario(934, "download again", "GET", "/api/v1/models/{fraud}/download", answer_headers={**DOWNLOADED, "Content-Length": "739"}),
    Scenario(
        946,
        "delete a model",
        "DELETE",
        "/api/v1/models/{registered}",
        answer={"success": True, "message": "Model deleted successfully", "deleted_id": "{registered}"},
    ),
    Scenario(
        957,
        "the platform in numbers",
        "GET",
        "/api/v1/statistics",
        answer={
            "total_models": int,
            "models_by_algorithm": Map(int),
            "models_by_status": Map(int),
            "storage_stats": {"total_size": SIZE, "average_model_size": SIZE},
            "recent_activity": {"models_created_today": int, "models_downloaded_today": int},
        },
    ),
    Scenario(
        984,
        "health",
        "GET",
        "/health",
        caller="nobody",
        answer={"status": "healthy", "service": str, "mongodb_connected": True, "gridfs_available": True, "total_models": int, "timestamp": TIME},
        note="the service says its own name",
    ),
    Scenario(
        996,
        "numbers of the service for Prometheus",
        "GET",
        "/metrics",
        caller="nobody",
        lines=(
            r"^model_service_models_total \d+",
            r'^model_service_downloads_total\{model_id="[^"]+"\} \d+',
            r'^model_service_api_requests_total\{endpoint="/api/v1/models",method="GET"[^}]*\} \d+',
            r'^model_service_request_duration_seconds_bucket\{endpoint="[^"]*/download"[^}]*le="1\.0"\} \d+',
            r'^model_service_mongodb_operations_total\{operation="find"\} \d+',
        ),
    ),
]

SECURITY = [
    Scenario(
        1237,
        "a token that is none",
        "GET",
        "/api/v1/models",
        caller="nobody",
        headers={"Authorization": "Bearer guess"},
        status=401,
        answer=ERROR,
        note="the error is an object, as requirements 3, line 182, have it, and no text",
    ),
    Scenario(1245, "an id that is none", "GET", "/api/v1/models/no-such-model", status=(400, 404), answer=ERROR),
    Scenario(
        1266,
        "an eleventh download within a minute",
        "GET",
        "/api/v1/models/{fraud}/download",
        caller="ten a minute",
        repeat=11,
        status=429,
        answer=ERROR,
    ),
]

DOCUMENT = Document(
    2,
    "Model Service",
    MANAGEMENT + OPERATIONS + SEARCH + VERSIONS + MONITORING + KEYS + CLIENT + DETAILS + SECURITY,
    [
        NotProvoked(118, "the document of a model in the database", "no request and no answer; its fields are in those of lines 899 and 46"),
        NotProvoked(423, "`status: unhealthy` with `issues`", "a client cannot break the server's own storage"),
    ],
)
