"""The documentation has a page for everything, and its examples do what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.commands import COMMANDS
from tests import doc_runner
from tests.registries import ROOT, command_names, names_of

DOCS = ROOT / "docs"
PAGES = tuple(
    page
    for page in sorted((ROOT / "README.md", *DOCS.rglob("*.md")))
    if page.is_file()
    and any(b.language in ("console", "python") for b in doc_runner.blocks(page.read_text("utf-8")))
)


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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_examples_print_what_the_page_says(
    page: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    done = doc_runner.outcomes(page, tmp_path)
    if request.config.getoption("--regenerate"):
        failed = [one.wrong() for one in done if one.exit_code not in one.step.exit_codes]
        assert failed == [], "\n\n".join(failed)
        text = page.read_text("utf-8")
        page.write_text(doc_runner.rewritten(text, done), encoding="utf-8")
        return
    wrong = [words for outcome in done if (words := outcome.wrong())]

    assert wrong == [], "\n\n".join(wrong)


EXAMPLE = """\
```console
$ echo one two; echo three
one ...
...
$ mkdir folder && cd folder
$ ls ..
folder
```

```console exit=1
$ ls nowhere && echo found \\
>   || python -c 'import sys; print(sys.stdout.isatty()); sys.exit("no such folder")'
...True
no such ...
```

```python
from pathlib import Path

assert Path.cwd().name == "folder"
```
"""


def test_a_page_that_is_right_has_nothing_wrong(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(EXAMPLE.replace("...True", "..."))

    assert [outcome.wrong() for outcome in doc_runner.outcomes(page, tmp_path)] == [""] * 5


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("one ...", "won ...", "it prints:\none two\nthree"),
        ("console exit=1", "console", "ended 1, not 0 or 3"),
        ('"folder"', '"another"', "AssertionError"),
        ("no such ...", "...\nno such", "no such folder"),
    ],
)
def test_a_page_that_is_wrong_is_told_so(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(EXAMPLE.replace("...True", "...").replace(right, wrong))
    done = doc_runner.outcomes(page, tmp_path)

    assert told in "\n".join(outcome.wrong() for outcome in done)


def test_what_differs_is_rewritten_and_the_rest_is_kept(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(EXAMPLE.replace("...True", "...").replace("one ...", "won"))
    done = doc_runner.outcomes(page, tmp_path)
    expected = EXAMPLE.replace("...True", "...").replace("one ...\n...", "one two\nthree")

    assert expected == doc_runner.rewritten(page.read_text(), done)


def test_an_example_may_not_start_just_anything(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ curl example.org\n```\n")

    with pytest.raises(ValueError, match="may not start with 'curl'"):
        doc_runner.outcomes(page, tmp_path)
