"""docs/conformance.md, from what the scenarios found."""

from .scenario import Document, Scenario

HEAD = """# Conformance

What each of the five requirement documents asks of the API, request by request, and whether the server does it. This page is written from
the result of `Tests/Journey/test_conformance.py`, which sends every printed request to a real server with real models and compares the
answer, field by field and type by type, with the printed one.

- Ids, names and times in the documents are examples: requests have real ones in their place, `{model_id}` and so on.
- The documents are of five services. Their routes are here below `/api/v1`: those of requirements 1 under `/api/v1/ml-models`, those of
  requirements 2 and 5 under `/api/v1/models`, those of requirements 4 under `/api/v1`; requirements 3 print no routes.
- Requests are sent with an API key where a document prints them without credentials; a status that a document does not print is any 2xx.
"""


def page(documents: list[Document], results: dict[tuple[int, str], list[str]]) -> str:
    parts = [HEAD, "| document | requests | work |\n|---|---|---|"]
    for document in documents:
        working = sum(not results[document.number, scenario.slug] for scenario in document.scenarios)
        parts.append(f"| [requirements {document.number}](#requirements-{document.number}) | {len(document.scenarios)} | {working} |")
    return "\n".join([*parts, *(section(document, results) for document in documents)])


def section(document: Document, results: dict[tuple[int, str], list[str]]) -> str:
    lines = [f"\n## Requirements {document.number}\n", f"{document.title}.\n", "| line | route | what is asked | works |", "|---|---|---|---|"]
    lines += [row(scenario, results[document.number, scenario.slug]) for scenario in sorted(document.scenarios, key=lambda scenario: scenario.line)]
    if document.not_provoked:
        lines += ["\nPrinted, and not asked here:\n", "| line | what | why |", "|---|---|---|"]
        lines += [f"| {entry.line} | {cell(entry.what)} | {cell(entry.why)} |" for entry in document.not_provoked]
    return "\n".join(lines) + ("\n" if document.number == 5 else "")


def row(scenario: Scenario, found: list[str]) -> str:
    works = "yes" if not found else f"no: {'; '.join(found)}"
    note = f" ({scenario.note})" if scenario.note else ""
    return f"| {scenario.line} | `{scenario.method} {cell(scenario.path)}` | {cell(scenario.title)} | {cell(works + note)} |"


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
