"""The scan over generated corpora: no hostile file passes, no benign file of three scikit-learn versions fails or warns."""

import json
import subprocess

import pytest
from conftest import BINARY, ROOT

UV = ROOT / ".tools" / "venv" / "bin" / "uv"
# Kept between runs: building the environments takes longer than the files.
FOLDER = ROOT / ".build" / "scan-corpus"
VERSIONS = {"1.3.2": ["numpy<2"], "1.5.2": [], "1.7.2": []}


def environment(name, packages):
    folder = FOLDER / "environments" / name
    if not (folder / "ready").exists():
        subprocess.run([UV, "venv", "-q", "--clear", "--python", "/usr/bin/python3", folder], check=True)
        subprocess.run([UV, "pip", "install", "-q", "--only-binary", ":all:", "--python", folder / "bin" / "python", *packages], check=True)
        (folder / "ready").touch()
    return folder / "bin" / "python"


def verdicts(folder):
    files = sorted(folder.iterdir())
    lines = subprocess.run([BINARY, "scan", "--json", *files], capture_output=True, text=True).stdout.splitlines()
    assert len(lines) == len(files)
    return {result["path"].split("/")[-1]: result for result in map(json.loads, lines)}


@pytest.mark.parametrize("version", VERSIONS)
def test_benign_files_pass(version, tmp_path):
    python = environment(version, [f"scikit-learn=={version}", "pandas", "lz4", *VERSIONS[version]])
    subprocess.run([python, ROOT / "scripts" / "make_scan_corpus.py", tmp_path / "benign"], check=True, stdout=subprocess.DEVNULL)
    results = verdicts(tmp_path / "benign")
    assert len(results) == 88
    others = {name: result["report"]["findings"] for name, result in results.items() if result["report"]["verdict"] != "passed"}
    assert not others


def test_hostile_files_fail(tmp_path):
    python = environment("hostile", ["lz4"])
    subprocess.run([python, ROOT / "scripts" / "make_hostile_corpus.py", tmp_path / "hostile"], check=True, stdout=subprocess.DEVNULL)
    results = verdicts(tmp_path / "hostile")
    assert len(results) == 245
    others = {name: result for name, result in results.items() if not result["report"] or result["report"]["verdict"] != "failed"}
    assert not others
    assert all(finding["advice"] and finding["reason"] for result in results.values() for finding in result["report"]["findings"])
