"""Requirements 3: uploads, and the API that comes of them. It prints interfaces and no routes."""

from .scenario import FIXTURES, Document, NotProvoked, Scenario
from .shape import ERROR, TIME, OneOf, Text

ROW = {"feature1": 0.5, "feature2": 1.2, "feature3": 0.8}
UPLOAD = "/api/v1/models/upload"


def failure(**details):
    """An error with what the document wants said."""
    return {"error": {**ERROR["error"], "details": details}}


INTERFACES = [
    Scenario(
        49,
        "UploadRequest and UploadResponse",
        "POST",
        UPLOAD,
        form={"modelName": "Churn", "description": "Predicts customer churn probability", "userId": "{owner_id}"},
        files={"file": ("model.pkl", FIXTURES / "churn.pkl")},
        answer={"modelId": str, "endpointUrl": str, "status": "success", "message": str},
    ),
    Scenario(
        74,
        "ModelMetadata",
        "GET",
        "/api/v1/models/{model_id}",
        answer={
            "id": "{model_id}",
            "name": "Customer Churn Predictor",
            "description": str,
            "userId": "{owner_id}",
            "fileFormat": str,
            "filePath": str,
            "endpointUrl": str,
            "createdAt": TIME,
            "lastUsed": TIME,
            "requestCount": int,
            "status": OneOf("active", "inactive", "archived"),
        },
    ),
    Scenario(
        99,
        "PredictionRequest and PredictionResponse",
        "POST",
        "/api/v1/predict/{model_id}",
        json={"modelId": "{model_id}", "inputData": ROW},
        answer={"predictions": [float, float], "confidence?": float, "processingTime": float, "status": "success", "error?": str},
    ),
    Scenario(
        102,
        "PredictionRequest with its API key",
        "POST",
        "/api/v1/predict/{model_id}",
        caller="nobody",
        json={"modelId": "{model_id}", "inputData": ROW, "apiKey": "{owner_key}"},
        answer={"predictions": [float, float], "confidence?": float, "processingTime": float, "status": "success", "error?": str},
    ),
]

UPLOAD_ERRORS = [
    Scenario(
        168,
        "a file format that is not supported",
        "POST",
        UPLOAD,
        form={"name": "Notes"},
        files={"model_file": ("notes.exe", b"MZ")},
        status=400,
        answer=failure(supported_formats=[str]),
    ),
    Scenario(
        169,
        "a file that is too large",
        "POST",
        UPLOAD,
        form={"name": "Large"},
        files={"model_file": ("model.pkl", bytes((1 << 20) + 1))},
        status=413,
        answer=failure(limit_bytes=1 << 20),
    ),
    Scenario(
        170,
        "malicious content",
        "POST",
        UPLOAD,
        form={"name": "Evil"},
        files={"model_file": ("model.pkl", FIXTURES / "evil-call.pkl")},
        status=400,
        answer={"error": {**ERROR["error"], "message": Text(r"(?i).*security violation.*")}},
    ),
]

INFERENCE_ERRORS = [
    Scenario(
        174,
        "a model that is not there",
        "POST",
        "/api/v1/predict/model_0000000000000000",
        json={"data": ROW},
        status=404,
        answer=failure(id="model_0000000000000000"),
    ),
    Scenario(
        175,
        "input that does not fit the schema",
        "POST",
        "/api/v1/predict/{model_id}",
        json={"data": {"feature1": "high"}},
        status=400,
        answer=failure(errors=[{"pointer": str, "message": str}]),
    ),
    Scenario(
        177,
        "a prediction that takes too long",
        "POST",
        "/api/v1/predict/{private_model_id}",
        json={"data": [1e6, 0, 0]},
        status=504,
        answer=failure(limit_seconds=1),
    ),
    Scenario(
        178,
        "more calls than the limit",
        "POST",
        "/api/v1/predict/{model_id}",
        caller="one a minute",
        json={"data": ROW},
        repeat=2,
        status=429,
        answer=ERROR,
        answer_headers={"Retry-After": Text(r"\d+")},
    ),
]

FORMAT = [
    Scenario(
        182,
        "the format of errors",
        "GET",
        "/api/v1/models/no-such-model",
        status=404,
        answer={"error": {"code": str, "message": str, "details?": object, "timestamp": TIME}},
    )
]

DOCUMENT = Document(
    3,
    "Design Document: ML Model Upload and API Generation",
    INTERFACES + UPLOAD_ERRORS + INFERENCE_ERRORS + FORMAT,
    [
        NotProvoked(117, "User, StoredModel, EndpointConfig", "data models, no request and no answer"),
        NotProvoked(171, "500 when storage fails", "a client cannot fill the disk; `test_crashes.py` does"),
        NotProvoked(176, "500 when a model cannot be loaded", "a client cannot change a stored file; `test_crashes.py` does"),
    ],
)
