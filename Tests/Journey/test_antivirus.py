"""A real clamd with a signature file of our own, and the EICAR test file (https://www.eicar.org)."""

import getpass
import hashlib
import shutil
import subprocess
import time

import pytest
from conftest import FIXTURES, Server

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture(scope="module")
def clamd(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clamd")
    database = folder / "database"
    database.mkdir()
    model = (FIXTURES / "ridge.joblib").read_bytes()
    (database / "own.hdb").write_text(f"{hashlib.md5(model).hexdigest()}:{len(model)}:Martlet.Test.Model\n")
    (database / "eicar.ndb").write_text(f"Martlet.Test.Eicar:0:*:{EICAR.hex()}\n")
    settings = folder / "clamd.conf"
    settings.write_text(f"LocalSocket {folder}/socket\nDatabaseDirectory {database}\nForeground yes\nUser {getpass.getuser()}\nStreamMaxLength 1M\n")
    assert shutil.which("clamd"), "scripts/setup.sh installs clamav-daemon"
    process = subprocess.Popen(["clamd", "--config-file", settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.time() + 60
    while not (folder / "socket").exists() and time.time() < deadline:
        assert process.poll() is None
        time.sleep(0.1)
    yield f"{folder}/socket"
    process.terminate()
    process.wait()


def test_files_that_clamd_knows_fail(clamd, tmp_path):
    server = Server(tmp_path, clamd=clamd).start()
    try:
        client = server.account("virus")
        _, _, report = client.publish(FIXTURES / "iris.joblib", name="Clean")
        assert report["results"]["security_scan"]["status"] == "passed"
        _, _, report = client.publish(FIXTURES / "ridge.joblib", name="Known", expect=("failed",))
        assert [(f["rule"], f["found"]) for f in report["results"]["security_scan"]["vulnerabilities"]] == [("antivirus.signature", "Martlet.Test.Model.UNOFFICIAL")]
        eicar = tmp_path / "eicar.pkl"
        eicar.write_bytes(b"\x80\x04C" + bytes([len(EICAR)]) + EICAR + b".")
        _, _, report = client.publish(eicar, name="Eicar", expect=("failed",))
        assert report["results"]["security_scan"]["vulnerabilities"][0]["found"] == "Martlet.Test.Eicar.UNOFFICIAL"
    finally:
        server.stop()


def test_what_clamd_cannot_judge_is_not_passed(clamd, tmp_path):
    for address in (clamd, str(tmp_path / "nobody")):
        folder = tmp_path / str(len(address))
        folder.mkdir()
        server = Server(folder, clamd=address).start()
        try:
            client = server.account("large")
            large = tmp_path / "large.pkl"
            large.write_bytes(b"\x80\x04B" + (3 << 20).to_bytes(4, "little") + bytes(3 << 20) + b".")
            _, _, report = client.publish(large, name="Large", expect=("failed",))
            assert "could not be carried out" in report["results"]["format_validation"]["details"]
        finally:
            server.stop()
