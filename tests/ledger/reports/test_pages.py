"""The row that a report's page shows is one that the ledger reads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from ledger.reports import REPORT_FORMATS
from tests.ledger.reports.files import read

PAGES: Final = Path(__file__).resolve().parents[3] / "docs" / "reports"
_EXAMPLE: Final = re.compile(
    r"^## An invented row\n.*?^```text\n(.*?)^```", re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize("name", [form.name for form in REPORT_FORMATS])
def test_the_row_on_the_page_is_read_as_that_report(name: str) -> None:
    """Whole, and with no code that is unknown."""
    page = PAGES / f"{name}.md"
    example = _EXAMPLE.search(page.read_text("utf-8") if page.is_file() else "")
    if example is None:
        pytest.skip(f"no page shows a row of {name}")
    told = read(example[1].encode())

    assert (told.name, told.refused, told.unknown) == (name, [], set())
    assert told.told
