"""Sends the request of a scenario to a server and tells what of the answer is not as printed."""

import re
import time
from pathlib import Path

import requests

from .names import Unprepared, filled
from .scenario import Scenario
from .shape import described, faults, fits

PATIENCE = 60


class Runner:
    def __init__(self, url: str, callers: dict[str, dict[str, str]], names: dict[str, str]):
        self.url = url
        self.callers = callers
        self.names = names
        self.session = requests.Session()

    def run(self, scenario: Scenario) -> tuple[list[str], str]:
        """What is not as printed, and the answer as it came."""
        try:
            answer = self.answered(scenario)
            found = self.faults(scenario, answer)
        except Unprepared as unprepared:
            return [str(unprepared)], ""
        if not found:
            self.names |= {name: str(place_of(json_of(answer), place)) for name, place in scenario.keep.items()}
        return found, answer.text[:4000]

    def answered(self, scenario: Scenario) -> requests.Response:
        for _ in range(scenario.repeat):
            answer = self.send(scenario)
        deadline = time.monotonic() + PATIENCE
        while not self.is_final(scenario, answer) and time.monotonic() < deadline:
            time.sleep(0.1)
            answer = self.send(scenario)
        return answer

    def is_final(self, scenario: Scenario, answer: requests.Response) -> bool:
        return all(fits(place_of(json_of(answer), place), shape, self.names) for place, shape in scenario.until.items())

    def send(self, scenario: Scenario) -> requests.Response:
        files = {
            part: (name, content.read_bytes() if isinstance(content, Path) else content) for part, (name, content) in (scenario.files or {}).items()
        }
        return self.session.request(
            scenario.method,
            self.url + filled(scenario.path, self.names),
            headers=self.callers[scenario.caller] | filled(scenario.headers, self.names),
            json=filled(scenario.json, self.names),
            data=filled(scenario.form, self.names),
            files=files or None,
            timeout=PATIENCE,
        )

    def faults(self, scenario: Scenario, answer: requests.Response) -> list[str]:
        if answer.status_code not in scenario.statuses:
            return [f"expected {scenario.printed_status}, got {answer.status_code}"]
        found = [
            f"header {name}: expected {described(shape)}, found {'another' if name in answer.headers else 'none'}"
            for name, shape in scenario.answer_headers.items()
            if not fits(answer.headers.get(name), shape, self.names)
        ]
        found += [f"no line like {line}" for line in scenario.lines if not re.search(line, answer.text, re.MULTILINE)]
        return found + (faults(json_of(answer), scenario.answer, self.names) if scenario.answer is not None else [])


def json_of(answer: requests.Response):
    try:
        return answer.json()
    except requests.exceptions.JSONDecodeError:
        return None


def place_of(value, place: str):
    """What stands at `data.0.id`; None when nothing does."""
    for step in place.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value
