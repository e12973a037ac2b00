"""Judges a corpus with picklescan, modelscan and fickling, and with martlet; prints a table in Markdown.

    python scripts/compare_scanners.py MARTLET HOSTILE_FOLDER BENIGN_FOLDER…      (picklescan, modelscan and fickling are needed)
"""

import contextlib
import importlib.metadata
import io
import json
import logging
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

logging.disable(logging.CRITICAL)


def by_picklescan(path):
    from picklescan.scanner import SafetyLevel, scan_file_path

    result = scan_file_path(str(path))
    if result.infected_files or result.issues_count or any(found.safety == SafetyLevel.Dangerous for found in result.globals):
        return "found"
    return "error" if result.scan_err or result.scanned_files == 0 else "clean"


def by_modelscan(path):
    from modelscan.modelscan import ModelScan

    with contextlib.redirect_stdout(io.StringIO()):
        result = ModelScan().scan(str(path))
    if result["summary"]["total_issues"]:
        return "found"
    return "error" if result["errors"] or not result["summary"]["scanned"]["total_scanned"] else "clean"


def by_fickling(path):
    from fickling.analysis import Severity, check_safety
    from fickling.fickle import StackedPickle

    with open(path, "rb") as file:
        pickles = StackedPickle.load(file)
    return "clean" if all(check_safety(pickled).severity <= Severity.LIKELY_SAFE for pickled in pickles) else "found"


def judged(judge, paths):
    answers, start = Counter(), time.monotonic()
    for path in paths:
        try:
            answers[judge(path)] += 1
        except Exception:
            answers["error"] += 1
    return answers, time.monotonic() - start


def by_martlet(binary, paths):
    start = time.monotonic()
    lines = subprocess.run([binary, "scan", "--json", *map(str, paths)], capture_output=True, text=True).stdout.splitlines()
    words = {"failed": "found", "warning": "warned", "passed": "clean"}
    answers = Counter(words[json.loads(line)["report"]["verdict"]] if json.loads(line).get("report") else "error" for line in lines)
    return answers, time.monotonic() - start


binary, hostile, benign = sys.argv[1], Path(sys.argv[2]), [Path(folder) for folder in sys.argv[3:]]
evil = sorted(hostile.iterdir())
good = sorted(path for folder in benign for path in folder.iterdir())
print(f"| scanner | hostile files ({len(evil)}): found | called clean | not read | benign files ({len(good)}): clean | warned | flagged | not read | seconds |")
print("|---|---|---|---|---|---|---|---|---|")
rows = [("martlet", lambda paths: by_martlet(binary, paths))]
for name, judge in (("picklescan", by_picklescan), ("modelscan", by_modelscan), ("fickling", by_fickling)):
    rows.append((f"{name} {importlib.metadata.version(name)}", lambda paths, judge=judge: judged(judge, paths)))
for name, run in rows:
    (bad, first), (fine, second) = run(evil), run(good)
    print(
        f"| {name} | {bad['found'] + bad['warned']} | {bad['clean']} | {bad['error']} | {fine['clean']} | {fine['warned']} | {fine['found']} | {fine['error']} "
        f"| {first + second:.1f} |"
    )
