"""The documents that describe the API to programs and to people."""

import requests
from openapi_spec_validator import validate


def test_the_reference_of_the_whole_api_is_valid(server):
    validate(requests.get(server.url + "/api/v1/openapi.json").json())


def test_a_models_own_document_is_valid_and_its_example_works(client, iris):
    document = client.get(f"/api/v1/ml-models/{iris[0]}/docs").json()
    validate(document)
    row = document["components"]["schemas"]["Row"]["anyOf"][0]
    assert set(row["properties"]) == {"feature1", "feature2", "feature3", "feature4"} and row["additionalProperties"] is False
    for path in (f"/api/v1/ml-models/{iris[0]}/predict", f"/api/v1/ml-models/{iris[0]}/predict/batch"):
        example = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"]
        assert client.post(path, json=example).status_code == 200


def test_the_page_tells_nothing_without_a_key_and_runs_no_foreign_script(server, iris):
    known = requests.get(server.url + f"/api/v1/ml-models/{iris[0]}/docs/ui")
    unknown = requests.get(server.url + "/api/v1/ml-models/model_0000000000000000/docs/ui")
    assert known.status_code == 200 and known.text == unknown.text
    assert "script-src 'self'" in known.headers["Content-Security-Policy"] and "unsafe" not in known.headers["Content-Security-Policy"]
    for asset, kind in (("docs.js", "text/javascript"), ("docs.css", "text/css")):
        answer = requests.get(f"{server.url}/assets/{asset}")
        assert answer.status_code == 200 and answer.headers["Content-Type"].startswith(kind)
