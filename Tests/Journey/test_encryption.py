"""Files encrypted at rest: nothing clear on the disk, everything works, every change of a file is found, keys are rotated."""

import hashlib
import os
import shutil
import subprocess

import pytest

from conftest import BINARY, FIXTURES, Server

ROW = [6.3, 3.3, 6.0, 2.5]
CODE = b"SECRET_MARK = 'in the clear'\ndef custom_predict(model, input_data):\n    print('row', list(input_data))\n    return [int(k) for k in model.predict(input_data)]\n"


def command(*arguments, **settings):
    environment = {**os.environ, **{f"MARTLET_{name.upper()}": str(value) for name, value in settings.items()}}
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, env=environment)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sealed")
    assert command("keys", "create", folder / "master.key").returncode == 0
    assert (folder / "master.key").stat().st_mode & 0o777 == 0o600
    server = Server(folder, encryption="on", master_key_file=folder / "master.key").start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def models(sealed):
    """One model for each runtime, and the bytes that were uploaded for it."""
    client = sealed.account("owner")
    made = {}
    made["swift"] = client.publish(FIXTURES / "iris.joblib", name="swift", files={"sample_input": ("s.json", b"[[6.3, 3.3, 6.0, 2.5]]")}), FIXTURES / "iris.joblib"
    made["lz4"] = client.publish(FIXTURES / "iris-lz4.joblib", name="lz4"), FIXTURES / "iris-lz4.joblib"
    made["python"] = client.publish(FIXTURES / "iris.joblib", name="python", runtime="python"), FIXTURES / "iris.joblib"
    made["custom"] = client.publish(FIXTURES / "iris.joblib", name="custom", model_type="custom", files={"custom_api": ("c.py", CODE)}), FIXTURES / "iris.joblib"
    made["onnx"] = client.publish(FIXTURES / "onnx" / "logistic.onnx", name="onnx", model_type="onnx"), FIXTURES / "onnx" / "logistic.onnx"
    return client, made


def folders(server):
    return sorted(path.parent for path in server.data.glob("models/*/*/v*/data.key"))


def folder(server, model):
    [path] = server.data.glob(f"models/*/{model}/v1")
    return path


def test_every_runtime_serves_what_is_encrypted(models):
    client, made = models
    for name, ((model, _, _), _) in made.items():
        answer = client.predict(model, ROW).json()
        assert answer["success"] is True, (name, answer)
        assert answer["runtime"] == {"lz4": "swift", "custom": "python"}.get(name, name)


def test_nothing_of_a_model_is_clear_on_the_disk(sealed, models):
    client, made = models
    marks = [b"sklearn", b"SECRET_MARK", b"ZipMap", b"LogisticRegression"]
    for path in sealed.data.glob("models/**/*"):
        if path.is_file() and path.name != "model_info.json":
            content = path.read_bytes()
            assert path.name == "data.key" or content.startswith(b"MARTLET SEALED 1"), path
            assert not any(mark in content for mark in marks), path
    assert len(folders(sealed)) == len(made) and not list(sealed.data.glob("models/**/output.log"))


def test_downloads_are_the_uploaded_bytes_whole_and_in_parts(models):
    client, made = models
    for (model, version, _), path in made.values():
        url = f"/api/v1/ml-models/{model}/versions/{version}/download"
        content = path.read_bytes()
        assert client.get(url).content == content
        assert client.get(url, headers={"Range": "bytes=100-299"}).content == content[100:300]
        assert client.get(url, headers={"Range": "bytes=-7"}).content == content[-7:]
        assert client.get(f"/api/v1/ml-models/{model}/versions/{version}/scan").status_code == 200


def test_a_large_file_goes_through_in_constant_memory(sealed, models):
    client, _ = models
    size = 150 << 20
    path = sealed.folder / "large.npy"
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (%d,), }" % (size // 4)
    header = header.ljust(117) + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + os.urandom(1 << 20) * 150)
    answer = client.upload(path, name="large", model_type="custom")
    assert answer.status_code == 202, answer.text
    body = answer.json()
    client.await_validation(body["model_id"], body["validation_id"])
    with client.get(f"/api/v1/ml-models/{body['model_id']}/versions/{body['version_id']}/download", stream=True) as download:
        digest = hashlib.sha256()
        for piece in download.iter_content(1 << 20):
            digest.update(piece)
    assert digest.hexdigest() == hashlib.sha256(path.read_bytes()).hexdigest()
    peak = next(int(line.split()[1]) for line in open(f"/proc/{sealed.process.pid}/status") if line.startswith("VmHWM"))
    assert peak < 150 * 1024, f"{peak} KiB"


def tampered(kind, path, other):
    content = bytearray(path.read_bytes())
    if kind == "a bit":
        content[len(content) // 2] ^= 1
    elif kind == "cut":
        del content[-100:]
    elif kind == "another version's file":
        content = bytearray(other.read_bytes())
    path.write_bytes(content)


@pytest.mark.parametrize("kind", ["a bit", "cut", "another version's file", "another version's folder"])
def test_a_changed_file_never_serves(sealed, models, kind):
    client, made = models
    name = f"victim {kind}".replace("'", "")
    model, version, _ = client.publish(FIXTURES / "iris.joblib", name=name, runtime="python")
    victim, other = folder(sealed, model), folder(sealed, made["lz4"][0][0])
    if kind == "another version's folder":
        shutil.rmtree(victim)
        shutil.copytree(other, victim)
    else:
        tampered(kind, victim / "model.joblib", other / "model.joblib")
    answer = client.get(f"/api/v1/ml-models/{model}/versions/{version}/scan")
    assert answer.status_code == (500 if "folder" in kind else 200), answer.text
    download = client.get(f"/api/v1/ml-models/{model}/versions/{version}/download")
    assert download.status_code == 500 and download.json()["error"]["code"] == "STORAGE_FAILURE", download.status_code
    sealed.stop()
    sealed.start()
    answer = client.predict(model, ROW)
    assert answer.status_code == 500 and answer.json()["error"]["code"] == "MODEL_LOAD_FAILURE", answer.text
    assert client.predict(made["swift"][0][0], ROW).status_code == 200
    client.delete(f"/api/v1/ml-models/{model}")
    if kind == "another version's folder":
        answer = command("keys", "rotate", "--data-dir", sealed.data, master_key_file=sealed.folder / "master.key")
        assert answer.returncode == 1 and str(victim) in answer.stderr and f"{len(folders(sealed)) - 1} keys wrapped anew." in answer.stdout
    shutil.rmtree(victim)


def test_keys_are_rotated_beside_the_server_and_data_is_not_rewritten(sealed, models):
    client, made = models
    key = sealed.folder / "master.key"
    before = key.read_text()
    files = {path: path.read_bytes() for path in sealed.data.glob("models/**/model.*")}
    wrapped = [(path / "data.key").read_text() for path in folders(sealed)]
    answer = command("keys", "rotate", "--data-dir", sealed.data, master_key_file=key)
    assert answer.returncode == 0 and answer.stdout == f"{len(wrapped)} keys wrapped anew.\n", answer.stderr
    assert key.read_text().endswith(before) and len(key.read_text().split()) == len(before.split()) + 1 and key.stat().st_mode & 0o777 == 0o600
    assert all((path / "data.key").read_text() != old for path, old in zip(folders(sealed), wrapped))
    assert all(path.read_bytes() == content for path, content in files.items())
    for (model, version, _), path in made.values():
        assert client.get(f"/api/v1/ml-models/{model}/versions/{version}/download").content == path.read_bytes()
    new, _, _ = client.publish(FIXTURES / "iris.joblib", name="after the rotation")
    assert (folder(sealed, new) / "data.key").read_text().split()[0] == (folders(sealed)[0] / "data.key").read_text().split()[0]

    refused = command("keys", "rotate", "--drop-old", "--data-dir", sealed.data, master_key_file=key)
    assert refused.returncode != 0 and "Another server" in refused.stderr
    sealed.stop()
    assert command("keys", "rotate", "--drop-old", "--data-dir", sealed.data, master_key_file=key).returncode == 0
    assert len(key.read_text().split()) == 1 and key.read_text() not in before
    sealed.start()
    assert client.predict(made["onnx"][0][0], ROW).status_code in (200, 422)
    assert client.predict(made["python"][0][0], ROW).status_code == 200


def test_what_was_sealed_is_read_with_encryption_off_and_not_without_the_key(sealed, models):
    client, made = models
    model = made["python"][0][0]
    sealed.stop()
    try:
        sealed.settings.update(encryption="off")
        sealed.start()
        assert client.predict(model, ROW).status_code == 200
        clear, version, _ = client.publish(FIXTURES / "iris.joblib", name="clear")
        assert (folder(sealed, clear) / "model.joblib").read_bytes() == (FIXTURES / "iris.joblib").read_bytes()
        sealed.stop()
        key = sealed.settings.pop("master_key_file")
        sealed.start()
        assert client.predict(model, ROW).json()["error"]["code"] == "MODEL_LOAD_FAILURE"
        assert client.predict(clear, ROW).status_code == 200
        sealed.stop()
    finally:
        sealed.settings.update(encryption="on", master_key_file=key)
        sealed.start()
    assert client.predict(model, ROW).status_code == 200 and client.predict(clear, ROW).status_code == 200


@pytest.mark.parametrize(
    "settings, said",
    [
        ({}, "MARTLET_MASTER_KEY_FILE"),
        ({"master_key": "abc"}, "64 hexadecimal"),
        ({"master_key_file": "/nowhere/master.key"}, "cannot be read"),
        ({"master_key_file": "open.key"}, "chmod 600"),
        ({"master_key": "ab" * 32, "master_key_file": "open.key"}, "either"),
    ],
)
def test_a_master_key_that_is_wrong_stops_the_start(tmp_path, settings, said):
    (tmp_path / "open.key").write_text("ab" * 32)
    (tmp_path / "open.key").chmod(0o644)
    settings = {name: str(tmp_path / value) if value == "open.key" else value for name, value in settings.items()}
    answer = command("serve", "--port", 0, "--data-dir", tmp_path / "data", encryption="on", **settings)
    assert answer.returncode == 1 and said in answer.stderr
    assert "ab" * 32 not in answer.stderr
