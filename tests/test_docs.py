"""The documentation has a page for everything."""

from __future__ import annotations

from cli.commands import COMMANDS
from tests.registries import ROOT, command_names, names_of

DOCS = ROOT / "docs"


def missing(folder: str, names: list[str]) -> list[str]:
    """The pages that a folder of kinds should have, and has not."""
    return [
        f"docs/{folder}/{name}.md" for name in names if not (DOCS / folder / f"{name}.md").is_file()
    ]


def test_every_command_has_its_page() -> None:
    assert missing("commands", command_names()) == []


def test_the_index_of_commands_has_the_sections_and_the_order_of_help() -> None:
    page = (DOCS / "commands" / "README.md").read_text("utf-8")
    sections = dict.fromkeys(command.section for command in COMMANDS)
    rows = [
        f"| **{section}** | "
        + " · ".join(f"[`{one.name}`]({one.name}.md)" for one in COMMANDS if one.section == section)
        + " |"
        for section in sections
    ]

    assert "\n".join(rows) in page


def test_every_report_format_has_its_page() -> None:
    assert missing("reports", names_of("ledger.reports", "REPORT_FORMATS")) == []


def test_every_policy_has_its_page() -> None:
    assert missing("policies", names_of("ledger.policies", "POLICIES")) == []


def test_every_projection_is_described() -> None:
    """On a page of its own, or in a section of the one page."""
    page = DOCS / "projections.md"
    headings = [
        line.lstrip("# ").strip("`").lower()
        for line in (page.read_text("utf-8").splitlines() if page.is_file() else [])
        if line.startswith("#")
    ]
    undescribed = [
        f"docs/projections.md, section '{name}'"
        for name in names_of("projections", "PROJECTIONS")
        if name not in headings and not (DOCS / "projections" / f"{name}.md").is_file()
    ]

    assert undescribed == []
