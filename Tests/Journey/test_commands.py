"""The program's own commands."""

import json
import os
import subprocess

from conftest import BINARY, FIXTURES, Server


def run(*arguments, **environment):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=60, env={**os.environ, **environment}, stdin=subprocess.DEVNULL)


def test_an_admin_is_made_at_the_first_start_and_sees_everything(tmp_path):
    server = Server(tmp_path, admin_email="root@example.com", admin_password="an admin's password").start()
    try:
        import requests

        answer = requests.post(server.url + "/api/v1/auth/login", json={"email": "root@example.com", "password": "an admin's password"})
        token = answer.json()["access_token"]
        assert requests.get(server.url + "/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"}).json()["role"] == "admin"
    finally:
        server.stop()


def test_users_create(tmp_path):
    data = str(tmp_path / "data")
    made = run("users", "create", "--email", "a@example.com", "--role", "admin", "--data-dir", data, MARTLET_PASSWORD="a long password")
    assert made.returncode == 0 and "a@example.com admin" in made.stdout
    again = run("users", "create", "--email", "a@example.com", "--data-dir", data, MARTLET_PASSWORD="a long password")
    assert again.returncode == 1 and "taken" in again.stderr
    assert run("users", "create", "--email", "b@example.com", "--role", "king", "--data-dir", data).returncode != 0


def test_doctor_and_wrong_settings(tmp_path):
    doctor = run("doctor", "--data-dir", str(tmp_path / "data"))
    assert doctor.returncode == 0 and "sandbox: level" in doctor.stdout
    wrong = run("serve", "--data-dir", str(tmp_path / "data"), MARTLET_PORT="ninety")
    assert wrong.returncode == 1 and "MARTLET_PORT" in wrong.stderr


def test_flags_count_before_the_environment_and_that_before_the_file(tmp_path):
    import json

    file = tmp_path / "martlet.json"
    file.write_text(json.dumps({"martlet": {"maxBatchRows": -5, "dataDir": str(tmp_path / "from-file")}}))
    wrong = run("doctor", "--config", str(file))
    assert wrong.returncode == 1 and "MARTLET_MAX_BATCH_ROWS" in wrong.stderr
    assert str(tmp_path / "from-file") in run("doctor", "--config", str(file), MARTLET_MAX_BATCH_ROWS="5").stdout
    assert str(tmp_path / "from-env") in run("doctor", "--config", str(file), MARTLET_MAX_BATCH_ROWS="5", MARTLET_DATA_DIR=str(tmp_path / "from-env")).stdout
    flagged = run("doctor", "--config", str(file), "--data-dir", str(tmp_path / "flag"), MARTLET_MAX_BATCH_ROWS="5", MARTLET_DATA_DIR=str(tmp_path / "from-env"))
    assert str(tmp_path / "flag") in flagged.stdout


def scan(*arguments):
    return subprocess.run([BINARY, "scan", *map(str, arguments)], capture_output=True, text=True)


def test_scan_judges_files_without_a_server():
    passed = scan(FIXTURES / "iris.joblib", FIXTURES / "formats" / "iris.onnx")
    assert passed.returncode == 0 and passed.stdout.count("PASSED") == 2
    assert scan(FIXTURES / "unknown-package.pkl").returncode == 1
    failed = scan(FIXTURES / "iris.joblib", FIXTURES / "evil-call.pkl")
    assert failed.returncode == 2 and "pickle.global.unlisted  posix.getppid  (byte 29)" in failed.stdout and "hint:" in failed.stdout
    assert scan("/nowhere").returncode == 3 and scan(FIXTURES / "truth.json").returncode == 3
    assert scan().returncode == 64, "EX_USAGE"


def test_scan_judges_the_texts_beside_a_model(tmp_path):
    for name, text, status in (
        ("custom_api.py", "def custom_predict(model, rows):\n    return model.predict(rows)\n", 0), ("load.py", "import os\nos.system('id')\n", 2),
        ("config.yaml", "model:\n  depth: 3\n", 0), ("evil.yml", "a: !!python/object/apply:os.system ['id']\n", 2),
        ("requirements.txt", "scikit-learn==1.5.2\nnumpy>=2  # newer\n", 0), ("requirements-dev.txt", "-e .\n", 2),
    ):
        (tmp_path / name).write_text(text)
        assert scan(tmp_path / name).returncode == status, name


def test_scan_writes_json_and_sarif():
    lines = scan("--json", FIXTURES / "iris.joblib", FIXTURES / "formats" / "evil-torch.pt").stdout.splitlines()
    good, evil = map(json.loads, lines)
    assert good["report"]["verdict"] == "passed" and good["report"]["facts"]["framework_version"] == "1.5.2"
    assert {entry["verdict"] for entry in good["report"]["imports"]} == {"allowed"} and good["report"]["imports"][0]["allowed_as"]
    assert evil["report"]["findings"][0]["member"] == "evil-torch/data.pkl"
    log = json.loads(scan("--sarif", FIXTURES / "evil-call.pkl", FIXTURES / "iris.joblib").stdout)
    run = log["runs"][0]
    assert log["version"] == "2.1.0" and [result["level"] for result in run["results"]] == ["error"]
    assert run["results"][0]["ruleId"] in {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"]["byteOffset"] == 29
