"""The API does what its own document says, tried with made-up requests of every kind: https://schemathesis.io"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from conftest import FIXTURES, Client, Server

EXAMPLES = 12
# Whether a good request is taken depends here on what is there: a role by its name, an invitation, a session, a file that is a model,
# a version; and in a budget the soft limit is not above the hard one.
STATE = r"^/api/v1/(auth/(logout|register|me)|users|invitations|api-keys|uploads|uploads/\{upload_id\}/complete|uploads/\{upload_id\}/parts/\{part\}|models/upload(/batch)?|models/import|models/batch|models/\{model_id\}/(upload|versions)|ml-models|ml-models/\{model_id\}/(versions|permissions|generate-api|fork|ratings|reports)|webhooks|webhooks/\{webhook_id\})$"
# What no key may do.
PEOPLE = r"^/api/v1/(auth/(me|sessions?$)|users|groups|roles|invitations|api-keys)"


@pytest.fixture(scope="module")
def admin(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("reference"), admin_email="root@example.com", admin_password="a long password").start()
    client = Client.__new__(Client)
    requests.Session.__init__(client)
    client.server = server
    client.credentials = {"email": "root@example.com", "password": "a long password"}
    client.login()
    client.publish(FIXTURES / "iris.joblib")
    yield client
    server.stop()


def make_up(server, document, *options):
    """Sends requests that are made from the document, good and bad ones, and looks whether the answers are those that it describes."""
    tool = Path(sys.executable).parent / "schemathesis"
    run = subprocess.run(
        [tool, "run", document, "--url", server.url, "--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES),
         "--generation-deterministic", "--request-timeout", "20", "--exclude-method", "DELETE", *options],
        capture_output=True, text=True, cwd=server.folder,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-12000:] + run.stderr[-2000:]
    assert "Tested" in run.stdout
    assert requests.get(server.url + "/health/live").status_code == 200


@pytest.mark.parametrize(
    "which",
    [["--exclude-path-regex", rf"{STATE}|events$|maintenance"], ["--include-path-regex", STATE, "--exclude-checks", "positive_data_acceptance"]],
    ids=["by the document alone", "by what is there"],
)
def test_no_answer_is_another_than_described(admin, which):
    key = admin.post("/api/v1/api-keys", json={"name": "made-up requests"}).json()["key"]
    # Both headers: a made-up key in one of them would end every request at the door.
    make_up(admin.server, f"{admin.server.url}/api/v1/openapi.json", "-H", f"Authorization: Bearer {key}", "-H", f"X-API-Key: {key}", *which)


def test_no_answer_to_a_login_is_another_than_described(admin):
    document = requests.get(f"{admin.server.url}/api/v1/openapi.json").json()
    # Without the ways to log in, none of them is made up beside the one that is given.
    del document["security"], document["components"]["securitySchemes"]
    for operation in (operation for path in document["paths"].values() for operation in path.values()):
        operation.pop("security", None)
    path = Path(admin.server.folder) / "document.json"
    path.write_text(json.dumps(document))
    make_up(admin.server, path, "-H", f"Authorization: {admin.headers['Authorization']}", "--include-path-regex", PEOPLE, "--exclude-checks", "positive_data_acceptance")
