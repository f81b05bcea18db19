"""Writes the vocabulary into docs/rulebook.md: `python -m tests.rules.page`."""

from __future__ import annotations

from typing import Final

from ledger.rulebook import TERMS
from tests.registries import ROOT

PAGE: Final = ROOT / "docs" / "rulebook.md"
START: Final = "<!-- terms: written by python -m tests.rules.page -->"
END: Final = "<!-- end of terms -->"


def vocabulary() -> str:
    """The table of every term: its kind, and what it means."""
    rows = (
        f"| `{name}` | {term.kind} | {f'{term.unit} {term.meaning}'.strip()} |"
        for name, term in sorted(TERMS.items())
    )
    return "\n".join(("| term | kind | meaning |", "|---|---|---|", *rows))


def rewritten(page: str) -> str:
    """The page with the vocabulary between its two markers."""
    before, _, rest = page.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n\n{vocabulary()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text("utf-8")), "utf-8")
