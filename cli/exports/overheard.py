"""The findings of which the rows of a view are made, taken down while they are at hand."""

from __future__ import annotations

from collections.abc import Callable

from ledger.book import Book
from ledger.case import Case
from ledger.policy import Finding
from projections.eligibility import Eligibilities


class Overheard(Eligibilities):
    """The same projection, which says what it was made of."""

    def __init__(self, heard: Callable[[Finding], object]) -> None:
        self._heard = heard

    def findings(self, case: Case, book: Book) -> list[Finding]:
        found = super().findings(case, book)
        for finding in found:
            self._heard(finding)
        return found
