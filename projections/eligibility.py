"""What the policies find in every case, as judged on the day of the account's last telling."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

import msgspec

from ledger.book import BOOK_TOPICS, Book
from ledger.case import Case
from ledger.judging import QUIET, judge
from ledger.policy import Finding
from ledger.values import Money
from ledger.watched import in_words
from projections.projection import Projection, digest_of

# --- the table --------------------------------------------------------------------------------


class Eligibility(msgspec.Struct, frozen=True, gc=False):
    """One finding, with the window's dates rather than a verdict that tomorrow changes."""

    stream: str
    finding_id: str
    claim_type: str
    marketplace: str | None
    programme: str | None
    order_id: str | None
    sku: str | None
    fnsku: str | None
    asin: str | None
    quantity: int
    standing: str
    """The verdict without the day: `open` for what waits, is ready or has expired."""
    window_opens: str | None
    window_closes: str | None
    currency: str | None
    amount_expected: int | None
    """Minor units, as the other amounts."""
    amount_paid: int | None
    amount_open: int | None
    rule_ids: str
    """Separated by blanks."""
    rule_evidence: str | None
    judged_on: str


class Eligibilities(Projection[Eligibility]):
    """A row for each finding of every policy."""

    name: ClassVar[str] = "eligibility"
    version: ClassVar[int] = 3
    row_type: ClassVar[type[Eligibility]] = Eligibility
    book_topics: ClassVar[frozenset[str]] = BOOK_TOPICS
    quiet: ClassVar[frozenset[str]] = QUIET
    judges: ClassVar[bool] = True
    stands: ClassVar[bool] = True
    dated: ClassVar[str | None] = "judged_on"

    def rows(self, case: Case, book: Book) -> Iterator[Eligibility]:
        """Findings in the order of their ids, judged on the book's day."""
        for finding in self.findings(case, book):
            yield _row(case.stream, finding, book)

    def findings(self, case: Case, book: Book) -> list[Finding]:
        """What the rows are made of, in the order of their ids."""
        return judge(case, book, book.as_of)

    def basis(self, book: Book) -> str:
        """The rules; what the policies take from the rest of the book is written down case by case."""
        return digest_of([book.rulebook.digest])


def _row(stream: str, finding: Finding, book: Book) -> Eligibility:
    amounts = (finding.amount_expected, finding.amount_paid, finding.amount_open)
    return Eligibility(
        stream=stream,
        finding_id=finding.finding_id,
        claim_type=finding.claim_type,
        marketplace=finding.marketplace,
        programme=finding.programme,
        order_id=finding.order_id,
        sku=finding.sku,
        fnsku=finding.fnsku,
        asin=finding.asin,
        quantity=finding.quantity,
        standing=finding.standing,
        window_opens=_text(finding.window_opens),
        window_closes=_text(finding.window_closes),
        currency=_currency(amounts),
        amount_expected=_minor(finding.amount_expected),
        amount_paid=_minor(finding.amount_paid),
        amount_open=_minor(finding.amount_open),
        rule_ids=" ".join(sorted(finding.rule_ids)),
        rule_evidence=finding.rule_evidence,
        judged_on=in_words(book.as_of).isoformat(),
    )


def _currency(amounts: Iterable[Money | None]) -> str | None:
    return next((amount.currency for amount in amounts if amount is not None), None)


def _minor(amount: Money | None) -> int | None:
    return None if amount is None else amount.minor


def _text(day: object) -> str | None:
    return None if day is None else str(day)
