"""One printed request with its printed answer, and the documents that hold them."""

from dataclasses import dataclass, field
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[2] / "Fixtures"
SUCCESS = tuple(range(200, 300))
"""For a document that prints an answer and no status."""
REFUSED = (403, 404)
"""For a document that says that somebody may not, and prints no status."""


@dataclass(frozen=True)
class Scenario:
    """A request and what its answer must be. `{names}` in texts are filled in from what is prepared or was kept before."""

    line: int
    title: str
    method: str
    path: str
    caller: str = "owner"
    """Whose credentials are sent: see `Place.callers`; `nobody` sends none."""
    headers: dict[str, str] = field(default_factory=dict)
    json: object = None
    form: dict[str, str] | None = None
    files: dict[str, tuple[str, Path | bytes]] | None = None
    """Name of the part: name of the file and its content."""
    repeat: int = 1
    """How often the request is sent; the last answer counts."""
    until: dict[str, object] = field(default_factory=dict)
    """Asked again until these places of the answer have these values."""
    status: int | tuple[int, ...] = SUCCESS
    answer: object = None
    """Shape of the JSON: see `shape.py`; None where the document prints none."""
    answer_headers: dict[str, object] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    """Regular expressions, each of which fits a line of a text that is no JSON."""
    keep: dict[str, str] = field(default_factory=dict)
    """Names for places of the answer (`data.0.id`)."""
    note: str = ""
    """Said on the page, where the documents contradict each other."""

    @property
    def statuses(self) -> tuple[int, ...]:
        return self.status if isinstance(self.status, tuple) else (self.status,)

    @property
    def printed_status(self) -> str:
        return "2xx" if self.status is SUCCESS else " or ".join(map(str, self.statuses))

    @property
    def slug(self) -> str:
        words = "".join(letter if letter.isalnum() else " " for letter in self.title.lower()).split()
        return f"{self.line}-{'-'.join(words)}"


@dataclass(frozen=True)
class NotProvoked:
    """What a document prints and no client can bring about."""

    line: int
    what: str
    why: str


@dataclass(frozen=True)
class Document:
    number: int
    title: str
    scenarios: list[Scenario]
    not_provoked: list[NotProvoked] = field(default_factory=list)
