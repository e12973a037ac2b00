"""Requirements 1: hosting of models."""

from .scenario import FIXTURES, REFUSED, SUCCESS, Document, NotProvoked, Scenario
from .shape import ERROR, TIME, Any, OneOf, Text

CHURN = FIXTURES / "churn.pkl"
ROW = {"feature1": 0.5, "feature2": 1.2, "feature3": 0.8}
OTHER_ROW = {"feature1": 0.3, "feature2": 0.9, "feature3": 1.1}
HOOK = b'''# custom_api.py (uploaded with model)
def custom_predict(model, input_data):
    """
    Custom prediction function
    """
    # Pre-processing
    result = model.predict(input_data)
    # Post-processing
    return result
'''
UPLOADED = {
    "success": True,
    "model_id": str,
    "version_id": str,
    "status": "pending_validation",
    "message": "Model uploaded successfully. Validation in progress.",
}
STARTED = {
    "success": True,
    "validation_id": str,
    "status": "running",
    "message": Text(r"Validation started\. Check status at /api/v1/ml-models/{model_id}/validations/\w+"),
}
PREDICTED = {"success": True, "prediction": [float, float], "model_id": "{model_id}", "version": "1.0.0", "inference_time_ms": float}
PREDICTED_MANY = {
    "success": True,
    "predictions": [[float, float], [float, float]],
    "model_id": "{model_id}",
    "version": "1.0.0",
    "total_inference_time_ms": float,
}
RESULTS = {
    "format_validation": {"status": "passed", "details": str},
    "dependency_check": {"status": "passed", "details": str},
    "functionality_test": {"status": "passed", "details": str, "sample_output": [float, float]},
    "performance_benchmark": {"status": "passed", "avg_inference_time_ms": float, "memory_usage_mb": float},
    "security_scan": {"status": "passed", "details": str},
}
REPORT = {
    "validation_id": str,
    "model_id": "{model_id}",
    "version_id": "{version_id}",
    "overall_status": OneOf("passed", "failed", "warning"),
    "validations": {
        "format_validation": {"status": "passed", "score": float, "details": str, "timestamp": TIME},
        "dependency_check": {"status": "passed", "score": float, "details": str, "missing_dependencies": [], "conflicts": []},
        "functionality_test": {
            "status": "passed",
            "score": float,
            "details": str,
            "test_cases": 10,
            "passed_cases": 10,
            "sample_output": [float, float],
        },
        "performance_benchmark": {
            "status": "passed",
            "score": float,
            "avg_inference_time_ms": float,
            "p95_inference_time_ms": float,
            "memory_usage_mb": float,
            "throughput_per_second": float,
        },
        "security_scan": {"status": "passed", "score": float, "details": str, "vulnerabilities": []},
    },
    "recommendations": [str],
    "executed_at": TIME,
    "execution_time_ms": float,
}
TEXT_IDS = "ids of users are texts, as requirements 3, line 119, have them"
PUBLIC, PRIVATE = "/api/v1/ml-models/{model_id}", "/api/v1/ml-models/{private_model_id}"
SPARE, SECOND_SPARE = "/api/v1/ml-models/{spare_model_id}", "/api/v1/ml-models/{second_spare_model_id}"


def matrix(line, action, method, rest="", body=None, public_user=REFUSED, owner=PRIVATE, admin=PRIVATE):
    """A row of the access matrix, column by column."""
    columns = [
        ("owner", "owner", owner, SUCCESS),
        ("admin", "admin", admin, SUCCESS),
        ("public user", "stranger", PUBLIC, public_user),
        ("private user", "stranger", PRIVATE, REFUSED),
    ]
    return [
        Scenario(line, f"{action}: {who}{', refused' if status is REFUSED else ''}", method, model + rest, caller=caller, json=body, status=status)
        for who, caller, model, status in columns
    ]


MANAGEMENT = [
    Scenario(
        304,
        "upload a model",
        "POST",
        "/api/v1/ml-models",
        form={
            "name": "Customer Churn Predictor",
            "description": "Predicts customer churn probability",
            "model_type": "sklearn",
            "framework": "scikit-learn",
            "category": "classification",
            "tags": '["churn", "customer", "prediction"]',
            "is_public": "false",
            "requirements": "scikit-learn==1.3.0\npandas==2.0.0",
            "python_version": "3.9",
        },
        files={"file": ("model.pkl", CHURN)},
        answer=UPLOADED,
        keep={"uploaded": "model_id"},
    ),
    Scenario(
        333,
        "list models",
        "GET",
        "/api/v1/ml-models?category=classification&is_public=true&owner_id={owner_id}",
        answer={
            "success": True,
            "data": [
                {
                    "id": "{model_id}",
                    "name": "Customer Churn Predictor",
                    "description": str,
                    "model_type": "sklearn",
                    "version": "1.0.0",
                    "status": "active",
                    "validation_status": "passed",
                    "owner": {"id": "{owner_id}", "username": "business_user"},
                    "created_at": TIME,
                    "api_endpoint": "/api/v1/ml-models/{model_id}/predict",
                }
            ],
            "total": 1,
        },
        note=TEXT_IDS,
    ),
    Scenario(
        361,
        "a model's details",
        "GET",
        "/api/v1/ml-models/{model_id}",
        answer={
            "success": True,
            "data": {
                "id": "{model_id}",
                "name": "Customer Churn Predictor",
                "description": str,
                "model_type": "sklearn",
                "framework": "scikit-learn",
                "current_version": {"id": "{version_id}", "version": "1.0.0", "validation_status": "passed", "created_at": TIME},
                "versions": [{"id": str, "version": str, "validation_status": str, "created_at": TIME}],
                "api_endpoint": "/api/v1/ml-models/{model_id}/predict",
                "usage_stats": {"total_calls": int, "success_rate": float, "avg_response_time_ms": float},
            },
        },
    ),
    Scenario(391, "delete a model", "DELETE", "/api/v1/ml-models/{uploaded}", answer={"success": True, "message": "Model deleted successfully"}),
]

VALIDATION = [
    Scenario(404, "validate a model", "POST", "/api/v1/ml-models/{model_id}/validate", answer=STARTED, keep={"validation_id": "validation_id"}),
    Scenario(
        417,
        "the state of a validation",
        "GET",
        "/api/v1/ml-models/{model_id}/validations/{validation_id}",
        until={"data.status": "completed"},
        answer={
            "success": True,
            "data": {"id": "{validation_id}", "status": "completed", "results": RESULTS, "overall_status": "passed", "executed_at": TIME},
        },
    ),
]

PREDICTION = [
    Scenario(459, "predict one row", "POST", "/api/v1/ml-models/{model_id}/predict", json={"data": ROW}, answer=PREDICTED),
    Scenario(482, "predict many rows", "POST", "/api/v1/ml-models/{model_id}/predict/batch", json={"data": [ROW, OTHER_ROW]}, answer=PREDICTED_MANY),
]

API = [
    Scenario(
        509,
        "generate the API of a model",
        "POST",
        "/api/v1/ml-models/{model_id}/generate-api",
        json={"endpoint_path": "/predict", "rate_limit_per_minute": 100, "async": False},
        answer={
            "success": True,
            "api_id": str,
            "endpoint": "/api/v1/ml-models/{model_id}/predict",
            "status": "active",
            "documentation_url": "/api/v1/ml-models/{model_id}/docs",
        },
    ),
    Scenario(
        530,
        "the documentation of a model's API",
        "GET",
        "/api/v1/ml-models/{model_id}/docs",
        answer={"openapi": Text(r"3\.\d+\.\d+"), "info": {"title": str}, "paths": {"/api/v1/ml-models/{model_id}/predict": {"post": Any(dict)}}},
    ),
]

METADATA = [
    Scenario(
        559,
        "upload with every field of the metadata",
        "POST",
        "/api/v1/ml-models",
        form={
            "name": "Model Name",
            "description": "Model description",
            "model_type": "sklearn",
            "framework": "Framework name",
            "category": "other",
            "tags": '["tag1", "tag2"]',
            "is_public": "true",
            "requirements": "scikit-learn==1.5.2",
            "python_version": "3.11",
            "input_schema": '{"type": "object", "properties": {"feature1": {"type": "number"}, "feature2": {"type": "number"}}}',
            "output_schema": '{"type": "array", "items": {"type": "number"}}',
        },
        files={"file": ("model.pkl", CHURN)},
        answer=UPLOADED,
        keep={"described": "model_id"},
    ),
    Scenario(
        559,
        "the metadata that was given",
        "GET",
        "/api/v1/ml-models/{described}",
        until={"data.validation_status": OneOf("passed", "warning", "failed")},
        answer={
            "data": {
                "name": "Model Name",
                "description": "Model description",
                "model_type": "sklearn",
                "framework": "Framework name",
                "category": "other",
                "tags": ["tag1", "tag2"],
                "is_public": True,
                "validation_status": OneOf("passed", "warning"),
            }
        },
    ),
    Scenario(
        560,
        "upload without the required name",
        "POST",
        "/api/v1/ml-models",
        form={"model_type": "sklearn"},
        files={"file": ("model.pkl", CHURN)},
        status=400,
        answer=ERROR,
    ),
    Scenario(
        562,
        "upload without the required model type",
        "POST",
        "/api/v1/ml-models",
        form={"name": "Model Name"},
        files={"file": ("model.pkl", CHURN)},
        status=400,
        answer=ERROR,
    ),
]

REPORTS = [
    Scenario(625, "the report of a validation", "GET", "/api/v1/ml-models/{model_id}/validations/{validation_id}", answer={"data": REPORT}),
    Scenario(
        711,
        "upload with code of one's own",
        "POST",
        "/api/v1/ml-models",
        form={"name": "Custom", "model_type": "custom"},
        files={"file": ("model.pkl", CHURN), "custom_api": ("custom_api.py", HOOK)},
        answer=UPLOADED,
        keep={"custom": "model_id"},
    ),
    Scenario(
        711,
        "the code passes its validation",
        "GET",
        "/api/v1/ml-models/{custom}/validations/latest",
        until={"data.status": "completed"},
        answer={"data": {"status": "completed", "overall_status": "passed"}},
    ),
    Scenario(711, "the code predicts", "POST", "/api/v1/ml-models/{custom}/predict", json={"data": ROW}, answer={"success": True, "prediction": int}),
]

MATRIX = [
    *matrix(739, "view a model", "GET", public_user=SUCCESS),
    *matrix(740, "execute", "POST", "/predict", {"data": ROW}, public_user=SUCCESS),
    *matrix(741, "update a model", "PATCH", body={"description": "changed"}),
    *matrix(742, "delete a model", "DELETE", owner=SPARE, admin=SECOND_SPARE),
    *matrix(743, "manage permissions", "POST", "/permissions", {"user_id": "{guest_id}", "permission": "read"}),
]

AUTHENTICATION = [
    Scenario(747, "with an API key", "GET", "/api/v1/ml-models", caller="owner"),
    Scenario(748, "with a bearer token", "GET", "/api/v1/ml-models", caller="owner by token"),
    Scenario(748, "without either", "GET", "/api/v1/ml-models", caller="nobody", status=401, answer=ERROR),
]

EXAMPLES = [
    Scenario(
        779,
        "example 1: upload a scikit-learn model",
        "POST",
        "/api/v1/ml-models",
        form={
            "name": "Customer Churn Predictor",
            "description": "Predicts customer churn probability",
            "model_type": "sklearn",
            "category": "classification",
            "is_public": "False",
        },
        files={"file": ("churn_model.pkl", CHURN)},
        answer=UPLOADED,
        keep={"example": "model_id"},
    ),
    Scenario(
        788,
        "example 1: the newest validation",
        "GET",
        "/api/v1/ml-models/{example}/validations/latest",
        until={"data.status": "completed"},
        answer={"success": True, "data": {"status": "completed", "overall_status": "passed"}},
    ),
    Scenario(801, "example 2: predict", "POST", "/api/v1/ml-models/{model_id}/predict", json={"data": ROW}, answer=PREDICTED),
    Scenario(
        827,
        "example 3: predict a table",
        "POST",
        "/api/v1/ml-models/{model_id}/predict/batch",
        json={"data": [ROW, OTHER_ROW]},
        answer=PREDICTED_MANY,
    ),
    Scenario(
        846, "example 4: start a validation", "POST", "/api/v1/ml-models/{model_id}/validate", answer=STARTED, keep={"validation_id": "validation_id"}
    ),
    Scenario(
        856,
        "example 4: wait for its results",
        "GET",
        "/api/v1/ml-models/{model_id}/validations/{validation_id}",
        until={"data.status": "completed"},
        answer={"data": {"status": "completed", "overall_status": "passed", "results": RESULTS}},
    ),
]

DOCUMENT = Document(
    1,
    "Host ML Models as a Service - Feature Documentation",
    MANAGEMENT + VALIDATION + PREDICTION + API + METADATA + REPORTS + MATRIX + AUTHENTICATION + EXAMPLES,
    [
        NotProvoked(166, "the tables of the database", "no request and no answer"),
        NotProvoked(963, "the routes of the sample blueprint", "the same as those of lines 304 and 459"),
    ],
)
