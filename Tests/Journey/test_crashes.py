"""kill -9 at the worst moments: nothing is lost, nothing is left over."""

import os
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from pathlib import Path
from urllib.parse import urlparse

import pytest
import requests
from conftest import FIXTURES, Server


def orphans(server):
    """Version folders without a row, and rows without their file."""
    database = sqlite3.connect(server.data / "martlet.sqlite")
    rows = {row[0] for row in database.execute("SELECT file_path FROM ml_model_versions")}
    files = {str(path.relative_to(server.data)) for path in server.data.glob("models/*/*/v*/model.*")}
    return rows ^ files, list((server.data / "uploads").iterdir())


def test_killed_during_uploads(own_server):
    server = own_server.start()
    client = server.account("a")
    place = urlparse(server.url)
    line = socket.create_connection((place.hostname, place.port))
    line.sendall(
        f"POST /api/v1/ml-models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.key}\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: 10000000\r\n\r\n".encode()
        + b'--B\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n' + b"x" * 3_000_000
    )

    def upload():
        try:
            for _ in range(50):
                client.upload(FIXTURES / "iris.joblib")
        except Exception:
            pass

    threads = [threading.Thread(target=upload) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.7)
    server.kill()
    for thread in threads:
        thread.join()
    assert list((server.data / "uploads").iterdir()), "the half upload was on disk when the server died"
    server.start()
    difference, uploads = orphans(server)
    assert difference == set() and uploads == []
    assert client.get("/api/v1/ml-models").status_code == 200
    server.kill()


def test_killed_during_a_validation(own_server):
    server = own_server.start()
    client = server.account("a")
    body = client.upload(FIXTURES / "iris.joblib").json()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        task = client.get(f"/api/v1/tasks/{body['task_id']}").json()["data"]
        if task["progress"] >= 0.2:
            break
        time.sleep(0.01)
    assert task["status"] == "running", task
    server.kill()
    server.start()
    report = client.await_validation(body["model_id"], body["validation_id"])
    assert report["overall_status"] == "passed"
    assert client.get(f"/api/v1/tasks/{body['task_id']}").json()["data"]["attempts"] == 2
    assert client.predict(body["model_id"], [5, 3, 1, 0.2]).status_code == 200

    # A served model answers again after a kill and after a stop, without a new validation.
    server.kill()
    server.start()
    assert client.predict(body["model_id"], [5, 3, 1, 0.2]).status_code == 200
    server.stop()
    server.start()
    assert client.predict(body["model_id"], [5, 3, 1, 0.2]).status_code == 200
    server.stop()


def workers(server):
    """Process ids of the outermost process of each worker of this server."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and f"PPid:\t{server.process.pid}\n" in (entry / "status").read_text():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def kill_workers(server):
    """Kills each worker and waits until nothing of it answers: what runs below the outermost process ends a moment later."""
    before = descendants(server.process.pid)
    for process in workers(server):
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            pass
    wait_for(lambda: not {(process, started) for process, started in before if started_at(process) == started})


def descendants(process):
    """The processes below one, as (id, start time): an id alone could be given out again."""
    parents = {}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit():
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                parents[int(entry.name)] = (int(fields[1]), fields[19])
        except OSError:
            continue
    found, frontier = set(), {process}
    while frontier:
        frontier = {child for child, (parent, _) in parents.items() if parent in frontier}
        found |= {(child, parents[child][1]) for child in frontier}
    return found


def test_no_worker_outlives_its_server_or_its_model(own_server):
    server = own_server.start()
    client = server.account("a")
    first, _, _ = client.publish(FIXTURES / "iris.joblib", name="First", runtime="python")
    second, _, _ = client.publish(FIXTURES / "iris.joblib", name="Second", runtime="python")
    assert client.predict(first, [5, 3, 1, 0.2]).status_code == client.predict(second, [5, 3, 1, 0.2]).status_code == 200
    everything = descendants(server.process.pid)
    client.delete(f"/api/v1/ml-models/{first}")
    wait_for(lambda: len(everything - descendants(server.process.pid)) >= 3)
    everything |= descendants(server.process.pid)
    assert len(everything) >= 6, everything
    server.kill()
    alive = lambda: {(process, started) for process, started in everything if started_at(process) == started}
    wait_for(lambda: not alive())


def started_at(process):
    try:
        text = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        return None if text[0] == "Z" else text[19]
    except OSError:
        return None


def wait_for(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_worker_killed_during_predictions(client, worker_iris, truth):
    statuses = []
    stop = threading.Event()

    def predict():
        while not stop.is_set():
            statuses.append(client.predict(worker_iris[0], truth["row"]).status_code)

    assert client.predict(worker_iris[0], truth["row"]).status_code == 200
    threads = [threading.Thread(target=predict) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    kill_workers(client.server)
    killed = len(statuses)
    wait_for(lambda: 200 in statuses[killed:] and statuses[-1] == 200, seconds=60)
    stop.set()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {200, 503}, set(statuses)
    assert statuses[-1] == 200 and client.predict(worker_iris[0], truth["row"]).status_code == 200


def test_control_groups_of_a_killed_server_are_removed_by_the_next(own_server):
    def groups():
        return {path for path in Path("/sys/fs/cgroup").glob("**/martlet-*") if path.is_dir() and path.name.split("-")[1] == str(killed)}

    client = own_server.start().account("groups")
    client.publish(FIXTURES / "iris.joblib", name="Groups", runtime="python")
    killed = own_server.process.pid
    own_server.kill()
    own_server.start()
    assert not groups()


def test_code_that_was_changed_on_disk_is_not_loaded(own_server):
    client = own_server.start().account("changed")
    code = b"def custom_predict(model, input_data):\n    return [1 for _ in input_data]\n"
    model, _, _ = client.publish(FIXTURES / "iris.joblib", name="Changed", model_type="custom", files={"custom_api": ("custom_api.py", code)})
    assert client.predict(model, [1, 2, 3, 4]).json()["prediction"] == 1
    [stored] = own_server.data.glob("models/*/*/v1/custom_api.py")
    stored.write_bytes(code.replace(b"return [1", b"return [2"))
    kill_workers(own_server)
    deadline = time.time() + 20
    while (answer := client.predict(model, [1, 2, 3, 4])).status_code == 503 and time.time() < deadline:
        time.sleep(0.1)
    assert answer.status_code == 500 and answer.json()["error"]["code"] == "MODEL_LOAD_FAILURE"


def test_ten_uploads_share_one_environment_built_once(own_server):
    client = own_server.start().account("shared")
    uploads = [client.upload(FIXTURES / "iris.joblib", name=f"Shared {number}").json() for number in range(6)]
    reports = [client.await_validation(upload["model_id"], upload["validation_id"]) for upload in uploads]
    assert all(report["overall_status"] in ("passed", "warning") for report in reports)
    folders = [path for path in (own_server.data / "environments").iterdir() if not path.name.startswith(".")]
    assert len(folders) == 1


def test_the_least_recently_used_model_makes_room(tmp_path):
    server = Server(tmp_path, models_memory=300 << 20, spares=0).start()
    try:
        client = server.account("room")
        models = [client.publish(FIXTURES / "iris.joblib", name=f"Room {number}", runtime="python")[0] for number in range(4)]
        for model in models + models[:1]:
            assert client.predict(model, [5, 3, 1, 0.2]).status_code == 200
        assert requests.get(server.url + "/health").json()["models"]["loaded"] < 4
        assert requests.get(server.url + "/health").json()["models"]["deployed"] == 4
    finally:
        server.stop()


def test_a_second_server_on_the_same_data_is_refused(server):
    from conftest import BINARY

    answer = subprocess.run([BINARY, "serve", "--port", "0", "--data-dir", str(server.data)], capture_output=True, timeout=30)
    assert answer.returncode == 1 and b"Another server uses the data folder" in answer.stderr


def test_files_of_deleted_models_go_after_the_grace_period(tmp_path):
    server = Server(tmp_path, delete_grace_seconds=0).start()
    try:
        client = server.account("a")
        body = client.upload(FIXTURES / "evil-call.pkl").json()
        client.await_validation(body["model_id"], body["validation_id"])
        client.delete(f"/api/v1/ml-models/{body['model_id']}")
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and list(server.data.glob("models/*/*/v1")):
            time.sleep(1)
        assert not list(server.data.glob("models/*/*/v1"))
    finally:
        server.kill()


def resident(process):
    """Bytes of memory of a process."""
    [line] = [line for line in Path(f"/proc/{process.pid}/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) * 1024


def test_a_large_upload_passes_in_constant_memory(own_server):
    client = own_server.start().account("large")
    requests.get(own_server.url + "/health")
    before, peak, stop = resident(own_server.process), [0], threading.Event()

    def watch():
        while not stop.wait(0.02):
            peak[0] = max(peak[0], resident(own_server.process))

    watcher = threading.Thread(target=watch)
    watcher.start()
    size = 150_000_000
    head = b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nLarge\r\n--b\r\nContent-Disposition: form-data; name="model_type"\r\n\r\nsklearn\r\n'
    head += b'--b\r\nContent-Disposition: form-data; name="file"; filename="m.pkl"\r\n\r\n\x80\x04B' + (size).to_bytes(4, "little")

    def body():
        yield head
        for _ in range(size // 1_000_000):
            yield bytes(1_000_000)
        yield b".\r\n--b--\r\n"

    answer = client.post("/api/v1/ml-models", data=body(), headers={"Content-Type": "multipart/form-data; boundary=b"})
    stop.set()
    watcher.join()
    assert answer.status_code == 202, answer.text
    assert answer.json()["file_size"] == size + 8
    assert peak[0] - before < 64 << 20, f"{(peak[0] - before) >> 20} MiB more"


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_refuses_an_upload_and_keeps_what_was_there(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk], check=True)
    server = Server(disk)
    try:
        client = server.start().account("full")
        answer = client.post(
            "/api/v1/ml-models", data={"name": "Full", "model_type": "sklearn"}, files={"file": ("m.pkl", b"\x80\x04" + os.urandom(20_000_000))}
        )
        assert answer.status_code == 500 and answer.json()["error"]["code"] == "STORAGE_FAILURE" and "Retry-After" in answer.headers
        assert not list((server.data / "uploads").iterdir())
        assert client.get("/api/v1/ml-models").json()["total"] == 0
        assert client.upload(FIXTURES / "iris.joblib").status_code == 202, "a small one still fits"
    finally:
        server.kill()
        subprocess.run(["umount", "-l", disk], check=True)


def test_killed_during_a_change_of_many_models(own_server):
    server = own_server.start()
    client = server.account("many")
    ids = [client.post("/api/v1/models", json={"name": f"many {i}", "algorithm": "svm"}).json()["model_id"] for i in range(150)]
    seen = set()
    for attempt in range(6):
        tag = f"attempt-{attempt}"

        def change():
            try:
                client.post("/api/v1/models/batch", json={"operation": "tag", "ids": ids, "add_tags": [tag], "atomic": True})
            except requests.RequestException:
                pass

        thread = threading.Thread(target=change)
        thread.start()
        time.sleep(0.1 + 0.12 * attempt)
        server.kill()
        thread.join()
        server.start()
        database = sqlite3.connect(server.data / "martlet.sqlite")
        count = database.execute("SELECT COUNT(*) FROM tags WHERE tag = ?", (tag,)).fetchone()[0]
        assert count in (0, len(ids)), f"{count} of {len(ids)} models were changed"
        seen.add(count)
    assert 0 in seen, "it was killed before the end at least once"
    server.kill()
