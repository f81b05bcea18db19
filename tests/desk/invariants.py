"""What must hold after every step, whatever happened."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Final

from ledger import judging
from ledger.book import Book as LedgerBook
from ledger.case import Case
from ledger.desk import graded, quantity_of, received_units, refunds_of
from ledger.folding import fold
from ledger.ruling import Ruling
from projections import LIABILITY, STATUS
from tests.desk.deadlines import Duty, duties
from tests.desk.facts import BY_ID, Fact
from tests.desk.ledgers import Ledger
from tests.desk.oracle import Book

SPOKEN_FOR: Final = (
    "message_deadline",
    "return_request",
    "refund_clock",
    "cross_border",
    "claim_answer",
    "appeal_window",
)
"""The duties of which the oracle knows the rules."""


def check_order(ledger: Ledger, order: str, facts: Sequence[Fact], today: date) -> None:
    """Everything about one order on a day."""
    oracle, by_today = Book(order, facts), Book(order, facts, today)
    known, case, book = ledger.case(order, None), ledger.case(order, today), ledger.book(today)
    ruled = judging.rulings(case, book, today)
    _units_are_conserved(known, oracle)
    _refunds_count_once(known, oracle)
    _duties_are_the_oracles(ruled, by_today, today)
    _what_is_in_doubt_is_not_told(ruled)
    _nothing_unsure_is_ready(case, book, today)
    _postings_sum_up(case, book, by_today)
    _status_has_the_oracles_units(case, book, by_today)
    _any_order_of_entries_is_the_same_case(ledger, order, today, case)


def _units_are_conserved(case: Case, oracle: Book) -> None:
    for line in oracle.order.lines:
        sku = line.sku
        assert received_units(case, sku) == oracle.received(sku), f"{sku}: units received"
        looked_at = sum(one.quantity for _, one in graded(case, sku))
        assert looked_at == sum(one.quantity for one in oracle.graded(sku)), f"{sku}: units graded"
        assert looked_at <= received_units(case, sku), f"{sku}: graded and never received"
        assert quantity_of(case, sku) == oracle.ordered(sku), f"{sku}: units ordered"


def _refunds_count_once(case: Case, oracle: Book) -> None:
    expected = sorted(
        (one.fact.sku, sum(cents for _, cents in one.money), bool(one.settled), one.trigger or "")
        for one in oracle.refunds()
    )
    actual = sorted(
        (one.sku, one.amount.minor if one.amount else 0, one.settled, one.trigger or "")
        for one in refunds_of(case)
    )

    assert expected == actual, "refunds"


def _duties_are_the_oracles(ruled: Sequence[Ruling], oracle: Book, today: date) -> None:
    expected = sorted(map(str, duties(oracle, today)))
    actual = sorted(
        str(
            Duty(
                policy=one.policy,
                what=one.what,
                sku=one.sku or "",
                since=one.since or "",
                state=one.state,
                due=one.due_at,
            )
        )
        for one in ruled
        if one.policy in SPOKEN_FOR and one.kind == "duty"
    )

    assert expected == actual, (
        f"duties on {today}: expected {sorted(set(expected) - set(actual))}, "
        f"got {sorted(set(actual) - set(expected))}"
    )


def _what_is_in_doubt_is_not_told(ruled: Sequence[Ruling]) -> None:
    for one in ruled:
        if one.question is not None:
            assert one.due_at is None, f"{one.what}: a day, and {one.question}"
            assert one.amount is None, f"{one.what}: an amount, and {one.question}"
            assert one.bearer in (None, "undetermined"), f"{one.what}: a bearer, and {one.question}"
            assert one.state in ("review", "met"), f"{one.what}: {one.state}, and {one.question}"


def _nothing_unsure_is_ready(case: Case, book: LedgerBook, today: date) -> None:
    sure = {rule.id: rule.sure for rule in book.rulebook.rules}
    held: set[str] = set()
    for finding in judging.judge(case, book, today):
        if finding.verdict == "ready":
            unsure = [rule for rule in finding.rule_ids if not sure[rule]]
            assert not unsure, f"{finding.claim_type} is ready on {unsure}"
        if finding.verdict in judging.CLAIMING:
            assert held.isdisjoint(finding.units), f"{finding.claim_type}: a unit claimed twice"
            held.update(finding.units)


def _postings_sum_up(case: Case, book: LedgerBook, oracle: Book) -> None:
    by_event: defaultdict[tuple[str, str], int] = defaultdict(int)
    buyer = 0
    for row in LIABILITY.rows(case, book):
        by_event[row.slot, row.currency] += row.amount
        buyer -= row.amount if row.party == "buyer" else 0
    given = sum(cents for one in oracle.refunds() for _, cents in one.money)
    given += sum(fact.cents for fact in oracle.unsettled())

    assert not any(by_event.values()), "postings of an event that do not sum to zero"
    assert given == buyer, "what the buyer got"


def _status_has_the_oracles_units(case: Case, book: LedgerBook, oracle: Book) -> None:
    rows = {row.sku: row for row in STATUS.rows(case, book)}
    for line in oracle.order.lines:
        row = rows.get(line.sku)
        if row is not None:
            back = oracle.received(line.sku)
            back += sum(one.quantity for one in oracle.reported("fba_return", line.sku))

            assert row.units_returned == back, f"{line.sku}: units returned"
            assert row.units_shipped == oracle.ordered(line.sku), f"{line.sku}: units shipped"


def _any_order_of_entries_is_the_same_case(
    ledger: Ledger, order: str, today: date, case: Case
) -> None:
    entries = ledger.entries(order)
    random.Random(len(entries)).shuffle(entries)
    stated = ledger.stated()

    assert vars(case) == vars(fold(case.stream, entries, stated=stated, as_of=today))


__all__ = ["BY_ID", "check_order"]
