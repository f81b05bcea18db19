"""What must hold after every step, whatever happened: units, money, deadlines, and what is certain.

`machine` asks for the rest: a command is allowed where the oracle allows it and refused for a reason that it
knows; what is refused changes nothing; what is sent or imported again records nothing.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from ledger import bearing, judging
from ledger.book import Book as LedgerBook
from ledger.case import Case
from ledger.desk import graded, quantity_of, received_units, refunds_of
from ledger.folding import fold
from ledger.policy import Finding
from ledger.ruling import Ruling
from projections import LIABILITY, STATUS
from projections.liability import Posting
from projections.status import Status
from tests.desk.deadlines import Duty, duties
from tests.desk.facts import Fact
from tests.desk.ledgers import Ledger
from tests.desk.oracle import A_DAY, Book

SPOKEN_FOR: Final = (
    "message_deadline",
    "return_request",
    "refund_clock",
    "cross_border",
    "withdrawal_refund",
    "claim_answer",
    "appeal_window",
)
"""The duties of which the oracle knows the rules."""


class Answers(NamedTuple):
    """All that the ledger answers about an order on a day."""

    rulings: list[Ruling]
    findings: list[Finding]
    postings: list[Posting]
    statuses: list[Status]


def answers(case: Case, book: LedgerBook, today: date) -> Answers:
    return Answers(
        judging.rulings(case, book, today),
        judging.judge(case, book, today),
        list(LIABILITY.rows(case, book)),
        list(STATUS.rows(case, book)),
    )


def check_order(ledger: Ledger, order: str, facts: Sequence[Fact], today: date) -> Answers:
    """Everything about one order on a day."""
    oracle = Book(order, facts, today)
    case, book = ledger.case(order, today), ledger.book(today)
    told = answers(case, book, today)
    tomorrow = today + A_DAY  # another zone's today: nothing that is recorded is dated later
    units_are_conserved(ledger.case(order, tomorrow), Book(order, facts, tomorrow))
    refunds_count_once(case, oracle)
    duties_are_the_oracles(told.rulings, oracle, today)
    what_is_in_doubt_is_not_told(told.rulings)
    nothing_unsure_is_ready(told.findings, book)
    no_unit_is_claimed_twice(told.findings)
    postings_sum_up(told.postings, oracle)
    every_cent_has_a_bearer(case, book)
    statuses_have_the_oracles_units(told.statuses, oracle)
    entries_fold_in_any_order(ledger, order, today, case)
    return told


def units_are_conserved(case: Case, oracle: Book) -> None:
    for line in oracle.order.lines:
        sku = line.sku
        assert received_units(case, sku) == oracle.received(sku), f"{sku}: units received"
        looked_at = sum(one.quantity for _, one in graded(case, sku))
        assert looked_at == sum(one.quantity for one in oracle.graded(sku)), f"{sku}: units graded"
        assert looked_at <= received_units(case, sku), f"{sku}: graded and never received"
        assert quantity_of(case, sku) == oracle.ordered(sku), f"{sku}: units ordered"


def refunds_count_once(case: Case, oracle: Book) -> None:
    expected = sorted(
        (one.fact.sku, sum(cents for _, cents in one.money), bool(one.settled), one.trigger or "")
        for one in oracle.refunds()
    )
    actual = sorted(
        (one.sku, one.amount.minor if one.amount else 0, one.settled, one.trigger or "")
        for one in refunds_of(case)
    )

    assert expected == actual, "refunds"


def duties_are_the_oracles(ruled: Sequence[Ruling], oracle: Book, today: date) -> None:
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


def what_is_in_doubt_is_not_told(ruled: Sequence[Ruling]) -> None:
    for one in ruled:
        if one.question is not None:
            assert one.due_at is None, f"{one.what}: a day, and {one.question}"
            assert one.amount is None, f"{one.what}: an amount, and {one.question}"
            assert one.bearer in (None, "undetermined"), f"{one.what}: a bearer, and {one.question}"
            assert one.state in ("review", "met"), f"{one.what}: {one.state}, and {one.question}"


def nothing_unsure_is_ready(findings: Sequence[Finding], book: LedgerBook) -> None:
    sure = {rule.id: rule.sure for rule in book.rulebook.rules}
    for finding in findings:
        if finding.verdict == "ready":
            unsure = [rule for rule in finding.rule_ids if not sure[rule]]
            assert not unsure, f"{finding.claim_type} is ready on {unsure}"


def no_unit_is_claimed_twice(findings: Sequence[Finding]) -> None:
    held: set[str] = set()
    for finding in findings:
        if finding.verdict in judging.CLAIMING:
            assert held.isdisjoint(finding.units), f"{finding.claim_type}: a unit claimed twice"
            held.update(finding.units)


def postings_sum_up(postings: Sequence[Posting], oracle: Book) -> None:
    """To zero in every event; and over all, to what the buyer got."""
    by_event: defaultdict[tuple[str, str], int] = defaultdict(int)
    for row in postings:
        by_event[row.slot, row.currency] += row.amount
    buyer = -sum(row.amount for row in postings if row.party == "buyer")
    given = sum(cents for one in oracle.refunds() for _, cents in one.money)
    given += sum(fact.cents for fact in oracle.conceded())

    assert not any(by_event.values()), "postings of an event that do not sum to zero"
    assert given == buyer, "what the buyer got"


def every_cent_has_a_bearer(case: Case, book: LedgerBook) -> None:
    """The shares of a refund are the refund."""
    borne: Counter[str] = Counter()
    for share in bearing.shares_of(case, book):
        borne[share.refund.name] += share.amount.minor
    for one in refunds_of(case):
        if one.amount is not None:
            assert one.amount.minor == borne[one.name], f"what is borne of {one.amount}"


def statuses_have_the_oracles_units(statuses: Sequence[Status], oracle: Book) -> None:
    rows = {row.sku: row for row in statuses}
    for line in oracle.order.lines:
        row = rows.get(line.sku)
        if row is not None:
            sku = line.sku
            back = oracle.received(sku)
            back += sum(one.quantity for one in oracle.reported("fba_return", sku))

            assert back == row.units_returned, f"{sku}: units returned"
            assert oracle.ordered(sku) == row.units_shipped, f"{sku}: units shipped"
            assert oracle.refunded_units(sku) == row.units_refunded, f"{sku}: units refunded"
            assert oracle.reimbursed(sku) == row.units_reimbursed, f"{sku}: units paid for"


def entries_fold_in_any_order(ledger: Ledger, order: str, today: date, case: Case) -> None:
    entries = ledger.entries(order)
    random.Random(len(entries)).shuffle(entries)

    shuffled = fold(case.stream, entries, stated=ledger.stated(), as_of=today)
    assert vars(case) == vars(shuffled), "another order of entries is another case"


def what_was_answered_once_is_answered_again(
    ledger: Ledger, order: str, today: date, known_at: str, told: Answers
) -> None:
    """As of that day, as known at that moment."""
    case, book = ledger.case(order, today, known_at), ledger.book(today, known_at)

    assert told == answers(case, book, today), f"another answer to {today}, as known then"
