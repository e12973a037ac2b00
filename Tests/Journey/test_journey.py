"""The main job, end to end."""

import concurrent.futures
import json

import requests
from conftest import FIXTURES, error


def test_a_model_from_upload_to_deletion(client, truth):
    model, first, report = client.publish(FIXTURES / "iris.joblib", name="Journey")
    assert set(report["results"]) == {
        "format_validation", "security_scan", "dependency_check", "functionality_test", "performance_benchmark", "compatibility_check",
    }
    assert all(check["status"] == "passed" for check in report["results"].values())
    performance = report["results"]["performance_benchmark"]
    assert 0 < performance["p50_inference_time_ms"] <= performance["p95_inference_time_ms"] <= performance["p99_inference_time_ms"]
    assert 0 < performance["memory_usage_mb"] < 1 and performance["throughput_per_second"] > 0
    assert report["results"]["functionality_test"]["passed_cases"] == 10

    answer = client.predict(model, truth["row"]).json()
    assert answer["success"] and answer["model_id"] == model and answer["version"] == "1.0.0" and answer["runtime"] == "swift"
    assert max(abs(a - b) for a, b in zip(answer["prediction"], truth["proba"])) < 1e-12
    batch = client.predict_batch(model, [truth["row"], [5, 3, 1, 0.2]]).json()
    assert batch["labels"] == [2, 0] and batch["confidences"] == [max(row) for row in batch["predictions"]]
    assert answer["label"] == 2 and answer["classes"] == [0, 1, 2] and answer["confidence"] == max(answer["prediction"])

    second_model, second, _ = client.publish(FIXTURES / "iris-names.joblib", model=model)
    assert second_model == model and second != first
    assert client.predict(model, truth["row"]).json()["version"] == "1.0.0", "a second version waits to be activated"
    assert client.post(f"/api/v1/ml-models/{model}/versions/{second}/activate").status_code == 200
    answer = client.predict(model, truth["row"]).json()
    assert answer["version"] == "1.1.0" and answer["label"] == "virginica"
    assert client.post(f"/api/v1/ml-models/{model}/versions/{first}/activate").status_code == 200
    assert client.predict(model, truth["row"]).json()["version"] == "1.0.0"

    details = client.get(f"/api/v1/ml-models/{model}").json()["data"]
    assert details["status"] == "active" and details["current_version"]["id"] == first and details["current_version"]["runtime"] == "swift"
    assert [version["version"] for version in details["versions"]] == ["1.1.0", "1.0.0"]
    assert (client.server.data / "models" / client.user["id"] / model / "current").readlink().name == "v1"

    assert client.delete(f"/api/v1/ml-models/{model}").json() == {"success": True, "message": "Model deleted successfully"}
    error(client.get(f"/api/v1/ml-models/{model}"), 404, "MODEL_NOT_FOUND")
    error(client.predict(model, truth["row"]), 404, "MODEL_NOT_FOUND")


def test_a_pipeline_takes_rows_by_feature_name_in_any_order(client):
    model, _, _ = client.publish(FIXTURES / "breast-cancer.pkl", name="Cancer")
    schema = client.get(f"/api/v1/ml-models/{model}").json()["data"]["current_version"]["input_schema"]
    names = list(schema["properties"])
    assert len(names) == 30 and schema["properties"]["mean radius"] == {"type": ["number", "null"]}, "scaler and forest take NaN"
    row = {name: float(index) for index, name in enumerate(names)}
    forwards = client.predict(model, row).json()["prediction"]
    backwards = client.predict(model, dict(reversed(row.items()))).json()["prediction"]
    assert forwards == backwards and len(forwards) == 2

    row["mean radius"] = None
    assert client.predict(model, row).status_code == 200
    del row["mean radius"]
    row["mean texture"] = "high"
    row["colour"] = 1
    faults = error(client.predict(model, row), 400, "SCHEMA_VIOLATION")["details"]["errors"]
    assert {fault["pointer"]: fault["message"] for fault in faults} == {
        "/data/mean texture": "expected a number", "/data/colour": "unknown feature",
        "/data/mean radius": "missing; give null where there is no value",
    }


def test_mixed_columns_with_missing_values(client):
    model, _, report = client.publish(FIXTURES / "mixed.joblib", name="Mixed")
    assert report["results"]["dependency_check"]["packages"]["pandas"]
    answer = client.predict_batch(model, [{"age": None, "city": "Rome"}, {"city": "Nowhere", "age": 40}])
    assert answer.status_code == 200 and len(answer.json()["predictions"]) == 2
    error(client.predict(model, {"age": 3, "city": 4}), 400, "SCHEMA_VIOLATION")


def test_regressors_answer_a_value(client):
    model, _, _ = client.publish(FIXTURES / "ridge.joblib", name="Ridge", category="regression")
    answer = client.predict(model, [0.0] * 10).json()
    assert isinstance(answer["prediction"], float) and "classes" not in answer


def test_boosted_models_in_their_own_formats(client):
    for name, kind in (("iris-xgboost.json", "xgboost"), ("iris-xgboost.ubj", "xgboost"), ("iris-xgboost.pkl", "xgboost"), ("iris-lightgbm.txt", "lightgbm")):
        model, _, report = client.publish(FIXTURES / name, name=name, model_type=kind)
        answer = client.predict(model, [6.3, 3.3, 6.0, 2.5]).json()
        assert answer["label"] == 2 and abs(sum(answer["prediction"]) - 1) < 1e-6, (name, answer)


def test_a_custom_function_wraps_the_model(client):
    code = b"def custom_predict(model, input_data):\n    return [{'species': ['setosa', 'versicolor', 'virginica'][int(k)]} for k in model.predict(input_data)]\n"
    model, _, report = client.publish(FIXTURES / "iris.joblib", name="Custom", model_type="custom", files={"custom_api": ("custom_api.py", code)})
    assert report["results"]["security_scan"]["custom_code"] is True
    assert client.predict(model, [6.3, 3.3, 6.0, 2.5]).json()["prediction"] == {"species": "virginica"}


def test_what_json_cannot_write_is_null_with_a_warning(client):
    code = b"def custom_predict(model, input_data):\n    return [{'ratio': float('nan'), 'sum': 1.5} for _ in input_data]\n"
    model, _, _ = client.publish(FIXTURES / "iris.joblib", name="Not a number", model_type="custom", files={"custom_api": ("custom_api.py", code)})
    answer = client.predict(model, [6.3, 3.3, 6.0, 2.5]).json()
    assert answer["prediction"] == {"ratio": None, "sum": 1.5} and "null" in answer["warnings"][0]


def test_generated_api_and_queued_predictions(client, iris, truth):
    model = iris[0]
    answer = client.post(f"/api/v1/ml-models/{model}/generate-api", json={"endpoint_path": "/predict", "rate_limit_per_minute": 100000, "async": False})
    body = answer.json()
    assert answer.status_code == 200 and body["status"] == "active" and body["api_id"].startswith("api_")
    assert body["endpoint"] == f"/api/v1/ml-models/{model}/predict" and body["documentation_url"].endswith("/docs")
    queued = client.post(f"/api/v1/ml-models/{model}/predict?async=true", json={"data": truth["row"]})
    assert queued.status_code == 202
    events = client.get(queued.json()["status_url"] + "/events").text
    last = json.loads([line[6:] for line in events.splitlines() if line.startswith("data: ")][-1])
    assert last["status"] == "completed" and last["result"]["label"] == 2


def test_an_api_answers_at_the_path_it_was_given(client, truth):
    model, _, _ = client.publish(FIXTURES / "iris.joblib", name="Own path")
    base = f"/api/v1/ml-models/{model}"
    assert client.post(base + "/score", json={"data": truth["row"]}).status_code == 404
    answer = client.post(base + "/generate-api", json={"endpoint_path": "/score"}).json()
    assert answer["endpoint"] == base + "/score"
    assert client.post(base + "/score", json={"data": truth["row"]}).json()["label"] == 2
    assert client.post(base + "/score/batch", json={"data": [truth["row"]] * 3}).json()["labels"] == [2, 2, 2]
    assert client.predict(model, truth["row"]).status_code == 200, "the standard path stays"
    assert list(client.get(base + "/docs").json()["paths"]) == [base + "/score", base + "/score/batch"]
    for path in ("score", "/versions", "/a/b", "/", "/Score", "/" + "x" * 65):
        fault = error(client.post(base + "/generate-api", json={"endpoint_path": path}), 400, "SCHEMA_VIOLATION")
        assert fault["details"]["errors"][0]["pointer"] == "/endpoint_path"
    error(client.post(base + "/other", json={"data": truth["row"]}), 404, "NOT_FOUND")
    error(client.get(base + "/other"), 404, "NOT_FOUND")


def test_a_thousand_features(client):
    model, _, _ = client.publish(FIXTURES / "wide.joblib", name="Wide")
    rows = [[float(column % 7) for column in range(1000)], {f"f{column}": 0.5 for column in range(1000)}]
    answer = client.predict_batch(model, rows)
    assert answer.status_code == 200 and len(answer.json()["predictions"]) == 2
    fault = error(client.predict(model, rows[0][:-1]), 400, "SCHEMA_VIOLATION")
    assert "1000 values" in fault["message"]


def test_rate_limit_of_an_api(client, truth):
    model, _, _ = client.publish(FIXTURES / "iris.joblib", name="Limited")
    client.post(f"/api/v1/ml-models/{model}/generate-api", json={"rate_limit_per_minute": 3})
    answers = [client.predict(model, truth["row"]) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    error(answers[-1], 429, "RATE_LIMITED")
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 20


def test_large_batches_work_and_too_large_ones_name_the_limit(client, iris):
    answer = client.predict_batch(iris[0], [[5.0, 3.0, 1.0, 0.2]] * 100_000)
    assert answer.status_code == 200 and len(answer.json()["predictions"]) == 100_000
    assert error(client.predict_batch(iris[0], [[5.0, 3.0, 1.0, 0.2]] * 100_001), 413, "PAYLOAD_TOO_LARGE")["details"] == {"limit_rows": 100_000}
    error(client.predict_batch(iris[0], []), 400, "SCHEMA_VIOLATION")


def test_usage_is_counted(client, truth):
    model, _, _ = client.publish(FIXTURES / "iris.joblib", name="Counted")
    for _ in range(3):
        client.predict(model, truth["row"])
    client.predict(model, {"wrong": 1})
    for _ in range(50):
        usage = client.get(f"/api/v1/ml-models/{model}").json()["data"]["usage_stats"]
        if usage["total_calls"] == 4:
            break
        import time

        time.sleep(0.1)
    assert usage["total_calls"] == 4 and usage["success_rate"] == 0.75 and usage["avg_response_time_ms"] > 0


def test_requirements_that_contradict_or_cannot_be_had(client):
    _, _, report = client.publish(FIXTURES / "iris.joblib", name="Skew", requirements="scikit-learn==1.3.2", expect=("failed",))
    assert "1.5.2" in report["results"]["dependency_check"]["details"]
    model, version, report = client.publish(FIXTURES / "iris.joblib", name="Missing", requirements="surely-no-such-package-9f3a==1.0", expect=("failed",))
    assert "surely-no-such-package-9f3a" in report["results"]["dependency_check"]["details"]
    assert report["results"]["functionality_test"]["status"] == "skipped"
    error(client.predict(model, [1, 2, 3, 4]), 409, "MODEL_NOT_ACTIVE")
    error(client.patch(f"/api/v1/ml-models/{model}", json={"status": "active"}), 409, "CONFLICT")
    error(client.post(f"/api/v1/ml-models/{model}/versions/{version}/activate"), 409, "CONFLICT")
    for line in ("-r /etc/passwd", "--index-url https://evil.test", "x @ file:///etc/passwd", "git+https://evil.test/x", "./local"):
        error(client.upload(FIXTURES / "iris.joblib", requirements=line), 422, "UNPROCESSABLE")


def test_declarations_that_do_not_fit_the_file_are_warned_about(client):
    _, _, report = client.publish(FIXTURES / "ridge.joblib", name="Declared", model_type="xgboost", expect=("warning",))
    assert "scikit-learn" in report["results"]["format_validation"]["details"]
    schema = '{"type": "object", "properties": {"feature1": {"type": "number"}, "petals": {"type": "number"}}}'
    _, _, report = client.publish(FIXTURES / "iris.joblib", name="Schema", input_schema=schema, expect=("warning",))
    assert "[feature2, feature3, feature4]" in report["results"]["compatibility_check"]["details"]
    assert "[petals]" in report["results"]["compatibility_check"]["details"]


def test_hostile_files_fail_with_the_reason_and_never_serve(client):
    for name in ("evil-call.pkl", "evil-zlib.joblib", "evil-object-array.joblib", "evil-second.pkl", "evil-escaped.pkl", "truncated.pkl"):
        model, version, report = client.publish(FIXTURES / name, name=name, expect=("failed",))
        finding = report["results"]["security_scan"]["vulnerabilities"][0]
        assert finding["severity"] == "critical" and finding["reason"] and finding["offset"] is not None
        assert report["results"]["functionality_test"]["status"] == "skipped"
        error(client.post(f"/api/v1/ml-models/{model}/versions/{version}/activate"), 409, "CONFLICT")


def test_parallel_uploads_get_gap_free_versions(client):
    model, _, _ = client.publish(FIXTURES / "iris.joblib", name="Race")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.upload(FIXTURES / "iris.joblib", model=model), range(12)))
    assert sorted(answer.json()["version"] for answer in answers) == sorted(f"1.{n}.0" for n in range(1, 13))
    error(client.upload(FIXTURES / "iris.joblib", model=model, version="1.4.0"), 409, "CONFLICT")
    client.delete(f"/api/v1/ml-models/{model}")


def test_public_models_are_seen_and_executed_by_all_but_changed_by_none(client, stranger, truth):
    model, version, _ = client.publish(FIXTURES / "iris.joblib", name="Shared")
    base = f"/api/v1/ml-models/{model}"
    calls = [("get", base), ("get", base + "/versions"), ("get", base + "/docs"), ("get", base + "/validations")]
    for method, path in calls + [("delete", base), ("post", base + "/validate"), ("get", f"{base}/versions/{version}/download")]:
        error(getattr(stranger, method)(path), 404, "MODEL_NOT_FOUND")
    error(stranger.predict(model, truth["row"]), 404, "MODEL_NOT_FOUND")
    assert client.patch(base, json={"is_public": True}).json()["data"]["is_public"] is True
    for method, path in calls:
        assert getattr(stranger, method)(path).status_code == 200, path
    assert stranger.predict(model, truth["row"]).status_code == 200
    for method, path in (("delete", base), ("post", base + "/validate"), ("get", f"{base}/versions/{version}/download"), ("get", base + "/logs")):
        error(getattr(stranger, method)(path), 403, "FORBIDDEN")
    error(stranger.patch(base, json={"name": "Mine"}), 403, "FORBIDDEN")
    error(requests.post(client.server.url + base + "/predict", json={"data": truth["row"]}), 401, "UNAUTHORIZED")


def test_formats_without_a_runtime_are_judged_and_kept(client):
    for name, kind, form in (("model.tflite", "tensorflow", "tflite"), ("torch.safetensors", "pytorch", "safetensors"), ("plain.npy", "custom", "npy")):
        model, version, report = client.publish(FIXTURES / "formats" / name, name=name, model_type=kind, expect=("failed",))
        results = report["results"]
        assert results["format_validation"]["status"] == "passed" and results["security_scan"]["status"] == "passed"
        assert "no runtime" in results["functionality_test"]["details"]
        scan = client.get(f"/api/v1/ml-models/{model}/versions/{version}/scan").json()
        assert scan["verdict"] == "passed" and scan["format"] == form
        stored = client.get(f"/api/v1/ml-models/{model}/versions/{version}/download").content
        assert stored == (FIXTURES / "formats" / name).read_bytes()
    error(client.upload(FIXTURES / "formats" / "iris.onnx", model_type="sklearn"), 400, "UNSUPPORTED_FORMAT")


def test_a_scan_names_the_member_the_rule_and_the_way_out(client, stranger):
    model, version, report = client.publish(FIXTURES / "formats" / "evil-torch.pt", name="Evil", model_type="pytorch", expect=("failed",))
    scan = client.get(f"/api/v1/ml-models/{model}/versions/{version}/scan").json()
    finding = scan["findings"][0]
    assert finding["rule"] == "pickle.global.unlisted" and finding["member"] == "evil-torch/data.pkl" and finding["advice"]
    assert {entry["name"] for entry in scan["imports"] if entry["verdict"] == "refused"} == {"posix.getppid"}
    error(stranger.get(f"/api/v1/ml-models/{model}/versions/{version}/scan"), 404, "MODEL_NOT_FOUND")


def test_custom_code_that_starts_programs_is_refused(client):
    code = b"import subprocess\n\ndef custom_predict(model, rows):\n    return subprocess.run(['id'])\n"
    _, _, report = client.publish(
        FIXTURES / "iris.joblib", name="Programs", model_type="custom", files={"custom_api": ("custom_api.py", code)}, expect=("failed",)
    )
    finding = report["results"]["security_scan"]["vulnerabilities"][0]
    assert finding["rule"] == "python.process" and finding["member"] == "custom_api.py" and finding["offset"] == 7


def test_a_configuration_file_is_kept_and_judged(client):
    answer = client.upload(FIXTURES / "iris.joblib", name="Odd", files={"config_file": ("config.exe", b"x")})
    assert error(answer, 400, "SCHEMA_VIOLATION")["details"]["errors"][0]["pointer"] == "/config_file"
    client.publish(FIXTURES / "iris.joblib", name="Configured", files={"config_file": ("config.yaml", b"depth: 3\n")})
    evil = b"a: !!python/object/apply:os.system ['id']\n"
    _, _, report = client.publish(FIXTURES / "iris.joblib", name="Evil configuration", files={"config_file": ("config.yaml", evil)}, expect=("failed",))
    finding = report["results"]["security_scan"]["vulnerabilities"][0]
    assert finding["rule"] == "yaml.tag" and finding["member"] == "config_file.yaml"
