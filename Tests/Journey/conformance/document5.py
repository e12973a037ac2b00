"""Requirements 5: the upload service."""

from .scenario import FIXTURES, Document, NotProvoked, Scenario
from .shape import ERROR, SHA256, Text

UPLOAD = "/api/v1/models/upload"
NETWORK = FIXTURES / "formats" / "checkpoint.pt"
YOLO = {
    "name": "YOLO11 Nano Traffic",
    "version": "1.0.0",
    "model_type": "detection",
    "framework": "pytorch",
    "description": "Lightweight YOLO11 for traffic monitoring",
    "classes": '["car", "truck", "bus", "motorcycle", "bicycle", "person"]',
    "input_shape": "[1, 3, 640, 640]",
    "config": '{"confidence_threshold": 0.5, "iou_threshold": 0.45}',
    "tags": '["traffic", "real-time", "edge"]',
}
YOLO_FILES = {"model_file": ("yolo11n.pt", NETWORK), "config_file": ("config.yaml", b"confidence_threshold: 0.5\n")}
NETWORK_ONLY = {"model_file": ("yolo11n.pt", NETWORK)}


def uploaded(name):
    return {
        "success": True,
        "message": "Model uploaded successfully",
        "data": {
            "model_id": str,
            "name": name,
            "version": "1.0.0",
            "framework": "pytorch",
            "file_size": NETWORK.stat().st_size,
            "checksum": SHA256,
            "validation_warnings": [],
            "storage_path": Text(r"/models/[\w.-]+/1\.0\.0"),
        },
    }


def refused(line, title, status, caller="owner", repeat=1, files=None, **changes):
    """An upload that the table of errors names."""
    form = {**YOLO, "name": "Refused", **changes}
    return Scenario(line, title, "POST", UPLOAD, caller=caller, form=form, files=files or NETWORK_ONLY, repeat=repeat, status=status, answer=ERROR)


def found(line, title, query, **model):
    return Scenario(
        line,
        title,
        "GET",
        f"/api/v1/models/?{query}",
        answer={"models": [{"id": str, "name": str, **model}], "pagination": {"page": 1, "limit": 20, "total": int, "pages": int}},
    )


ENDPOINTS = [
    Scenario(
        58,
        "upload with every field and file",
        "POST",
        UPLOAD,
        caller="owner by token",
        form={**YOLO, "name": "YOLO11 Nano", "benchmark_dataset": "COCO", "training_config": '{"epochs": 100}'},
        files={**YOLO_FILES, "requirements_file": ("requirements.txt", b"numpy\n")},
        answer=uploaded("YOLO11 Nano"),
        keep={"yolo": "data.model_id"},
    ),
    Scenario(
        64,
        "upload without what is optional",
        "POST",
        UPLOAD,
        caller="owner by token",
        form={name: YOLO[name] for name in ("version", "model_type", "framework", "classes", "input_shape", "config")} | {"name": "YOLO11 Small"},
        files=NETWORK_ONLY,
        answer=uploaded("YOLO11 Small"),
        keep={"small": "data.model_id"},
    ),
    Scenario(
        77,
        "upload without the required model file",
        "POST",
        UPLOAD,
        form=YOLO,
        files={"config_file": YOLO_FILES["config_file"]},
        status=400,
        answer=ERROR,
    ),
    Scenario(101, "delete a model", "DELETE", "/api/v1/models/{small}", caller="owner by token", answer={"success": True}),
    Scenario(106, "delete without the permission", "DELETE", "/api/v1/models/{yolo}", caller="reader", status=403, answer=ERROR),
    Scenario(107, "delete a model in production", "DELETE", "/api/v1/models/{private_model_id}", status=(400, 403, 409), answer=ERROR),
    Scenario(
        111,
        "list models: page 1 of 20",
        "GET",
        "/api/v1/models/",
        caller="owner by token",
        answer={"models": [{"id": str, "name": str}], "pagination": {"page": 1, "limit": 20, "total": int, "pages": int}},
    ),
    Scenario(
        116, "list models: a page", "GET", "/api/v1/models/?page=2&size=1", answer={"models": [{"id": str}], "pagination": {"page": 2, "limit": 1}}
    ),
    Scenario(117, "list models: the largest page", "GET", "/api/v1/models/?size=100", answer={"pagination": {"limit": 100}}),
    Scenario(117, "list models: a page that is too large", "GET", "/api/v1/models/?size=101", status=(400, 422), answer=ERROR),
    found(118, "list models: of a type", "model_type=detection", name="YOLO11 Nano"),
    found(119, "list models: of a framework", "framework=pytorch", framework="pytorch"),
    found(120, "list models: of a status", "status=active", status="active"),
    found(121, "list models: of a stage", "stage=production", stage="production"),
    found(122, "list models: words of the name", "search=YOLO11", name="YOLO11 Nano"),
    found(122, "list models: words of the description", "search=traffic+monitoring", name="YOLO11 Nano"),
]

EXAMPLES = [
    Scenario(
        129, "upload as with curl and httpx", "POST", UPLOAD, caller="owner by token", form=YOLO, files=YOLO_FILES, answer=uploaded(YOLO["name"])
    )
]

ERRORS = [
    refused(252, "400: a file format that is not allowed", 400, files={"model_file": ("yolo11n.exe", b"MZ")}),
    refused(252, "400: a field that is no JSON", 400, classes="[car"),
    refused(252, "400: a version that is not semantic", 400, version="1.0"),
    refused(252, "400: malicious content", 400, files={"model_file": ("yolo11n.pt", FIXTURES / "formats" / "evil-torch.pt")}),
    refused(253, "401: no token", 401, caller="nobody"),
    refused(253, "401: a token that is none", 401, caller="guess"),
    refused(254, "403: a key without models:upload", 403, caller="reader"),
    refused(255, "409: the model is there already", 409, name=YOLO["name"]),
    refused(256, "413: a file that is too large", 413, files={"model_file": ("yolo11n.pt", bytes((1 << 20) + 1))}),
    refused(257, "429: a sixth upload within an hour", 429, caller="free user", repeat=6, version="1.0"),
]

DOCUMENT = Document(
    5,
    "Model Registry Upload Service",
    ENDPOINTS + EXAMPLES + ERRORS,
    [
        NotProvoked(258, "500 when the server fails", "a client cannot fill the disk or break a stored file; `test_crashes.py` does"),
        NotProvoked(266, "500 MB at most", "the limit is set to 1 MiB here, so that the test is quick"),
    ],
)
