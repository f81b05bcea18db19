"""The questions every claim must answer first: marketplace, programme, window, coverage, freshness, double claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final

from ledger.book import FRESH_DAYS, Book, Coverage
from ledger.case import Case
from ledger.policy import Evidence, Examination, Finding, finding_id
from ledger.rulebook import ClaimWindow, Rule, claim_window
from ledger.values import Money

CUSTOMER_RETURN: Final = "fba.customer_return.window"
FC_OPERATIONS: Final = "fba.fc_ops.window"
REMOVAL_LOST: Final = "fba.removal_lost.window"
REMOVAL_OTHER: Final = "fba.removal_other.window"
REEVALUATION: Final = "fba.reevaluation.window"
VALUED_AFTER_ORDER: Final = "fba.valuation.post_order"
VALUED_BEFORE_ORDER: Final = "fba.valuation.pre_order"
REVERSAL: Final = "fba.reversal"


def programme_of(case: Case) -> str | None:
    """Who fulfilled the order: FBA, FBM or MCF; None where no report says."""
    told = [line.programme for line in case.lines]
    told += [shipment.programme for shipment in case.shipments]
    told += [sale.programme for sale in case.sales]
    told += [refund.programme for refund in case.refunds]
    if case.returns:
        told += [returned.programme for returned in case.returns]
    if case.requests:
        told.append("FBM")
    known = [programme for programme in told if programme]
    if "MCF" in known:
        return "MCF"
    return known[0] if known else None


def ask_programme(exam: Examination, programme: str | None) -> None:
    """G3: only what Amazon fulfilled and refunded itself can be claimed from it."""
    question = "Did Amazon fulfil it and refund the buyer (FBA)?"
    if programme == "FBA":
        exam.passed(question, "FBA: Amazon fulfilled it")
        exam.assume("Amazon, not the seller, issued the refund: no report says who did.")
    elif programme == "MCF":
        exam.ends("not_claimable", question, "a multi-channel order: another policy covers it")
    elif programme == "FBM":
        exam.ends("not_claimable", question, "seller-fulfilled: there is no FBA claim for it")
    else:
        exam.doubt(
            question,
            "no report says whether Amazon fulfilled it",
            flip="Import the orders report or the settlement of the sale.",
        )


def ask_marketplace(exam: Examination, marketplace: str | None, doubt: str) -> None:
    """The rules differ by store: without the store nothing can be said for certain."""
    question = "Which marketplace's rules apply?"
    if marketplace is not None:
        exam.passed(question, marketplace)
        return
    exam.doubt(
        question,
        f"the marketplace is unknown: {doubt}",
        flip="Import the orders report, or import again with --marketplace.",
    )


def ask_window(
    exam: Examination,
    book: Book,
    family: str,
    marketplace: str | None,
    anchors: Mapping[str, date],
    *,
    unknown: str = "",
) -> None:
    """When may it be filed: the version in force on a day must admit that day."""
    question = "Is today a day on which it may be filed?"
    if marketplace is None:
        return
    window = claim_window(book.rulebook, family, marketplace, anchors)
    if window is None:
        exam.doubt(question, f"no rule of {family} is known for {marketplace}")
        return
    rule = window.cite(exam.as_of)
    if rule is None or window.state(exam.as_of) == "unknown":
        missing = ", ".join(window.missing_on(exam.as_of)).replace("_", " ")
        answer = unknown or f"the clock's fact is not known ({missing})"
        exam.doubt(question, answer, *([exam.by(rule)] if rule else []))
        return
    exam.window = window
    _say_window(exam, question, window, rule)
    if not rule.sure:
        ask_rule(exam, "Is the claim window's rule certain?", rule)


def _say_window(exam: Examination, question: str, window: ClaimWindow, rule: Rule) -> None:
    closes = window.closes or "no end"
    span = f"{window.opens} to {closes}" if window.opens else "never"
    start = "; ".join(
        f"{fact.replace('_', ' ')} {day}"
        for fact, day in window.anchors.items()
        if fact == rule.clock_from
    )
    state = window.state(exam.as_of)
    words = {"open": "yes", "waiting": "not yet", "expired": "too late"}.get(state, state)
    answer = f"{words}: good days are {span} ({start})"
    flip = {
        "open": f"After {closes} it is too late.",
        "waiting": f"From {window.opens_next(exam.as_of)} on it may be filed.",
        "expired": "Nothing: the days have passed.",
    }.get(state, "")
    evidence = [exam.by(rule)]
    if state == "open":
        exam.passed(question, answer, *evidence, flip=flip)
    else:
        exam.failed(question, answer, *evidence, flip=flip)


def ask_rule(exam: Examination, question: str, rule: Rule) -> None:
    """A rule that is not verified can give `review`, never `ready`."""
    if rule.sure:
        exam.passed(question, f"yes: {rule.title}", exam.by(rule))
    else:
        exam.unsure(
            question,
            f"{rule.id} is not certain: {rule.why_unsure}",
            exam.by(rule),
            flip="Amazon's own page with this rule, read and dated, would settle it.",
        )


def ask_coverage(exam: Examination, book: Book, report_format: str, first: date, what: str) -> None:
    """G1 and G2: an absence counts only where the reports that would show it cover the time and are fresh."""
    coverage = book.coverage(report_format)
    last = exam.as_of - timedelta(days=FRESH_DAYS)
    question = f"Do the imported files show that {what}?"
    evidence = Evidence("coverage", report_format, coverage_text(coverage))
    if not coverage.spans:
        exam.doubt(
            question,
            f"no {report_format} report was imported",
            evidence,
            flip=f"Import the {report_format} report from {first} to {exam.as_of}.",
        )
        return
    end = max(span.last for span in coverage.spans) if coverage.spans else first
    gap = coverage.gap(first, min(last, end)) if first <= min(last, end) else None
    if gap is not None:
        exam.doubt(
            question,
            f"{report_format} has a gap from {gap.first} to {gap.last}",
            evidence,
            flip=f"Import the {report_format} report for {gap.first} to {gap.last}.",
        )
    elif end < last or not coverage.fresh(exam.as_of):
        exam.outdated(
            question,
            f"{report_format} ends on {end}, more than {FRESH_DAYS} days before {exam.as_of}",
            evidence,
            flip=f"Import the {report_format} report from {end} to {exam.as_of}.",
        )
    else:
        exam.passed(
            question, f"yes, from {first} to {last}", evidence, flip="A row that says otherwise."
        )


def coverage_text(coverage: Coverage) -> str:
    """What a coverage says, in words."""
    if not coverage.spans:
        return "nothing imported"
    spans = ", ".join(f"{span.first} to {span.last}" for span in coverage.spans)
    return f"{spans}; last told {coverage.told_on}"


def conclude(
    exam: Examination,
    case: Case,
    *,
    anchor: str,
    unit: int,
    quantity: int,
    units: Iterable[str],
    marketplace: str | None,
    programme: str | None,
    sku: str | None = None,
    fnsku: str | None = None,
    asin: str | None = None,
    expected: Money | None = None,
    paid: Money | None = None,
) -> Finding:
    """The finding that an examination amounts to."""
    verdict, reason = exam.outcome()
    window = exam.window
    rules = list(exam.rules.values())
    return Finding(
        finding_id=finding_id(exam.claim_type, f"{case.stream}|{anchor}", unit),
        claim_type=exam.claim_type,
        stream=case.stream,
        marketplace=marketplace,
        programme=programme,
        order_id=case.name if case.kind == "order" else None,
        sku=sku,
        fnsku=fnsku,
        asin=asin,
        quantity=quantity,
        verdict=verdict,
        reason=reason,
        window_opens=window.opens if window else None,
        window_closes=window.closes if window else None,
        amount_expected=expected,
        amount_paid=paid,
        amount_open=_open(verdict, expected, paid),
        rule_ids=tuple(rule.id for rule in rules),
        rule_evidence=max((rule.evidence for rule in rules), default=None),
        assumptions=tuple(exam.assumptions),
        tests=tuple(exam.tests),
        entries=tuple(sorted(exam.positions)),
        units=tuple(units),
        standing=exam.standing(),
    )


def _open(verdict: str, expected: Money | None, paid: Money | None) -> Money | None:
    if verdict == "overpaid":
        return -paid if paid else None
    if expected is None:
        return None
    if verdict in ("paid", "not_claimable"):
        return Money(0, expected.currency)
    return expected - paid if paid and paid.currency == expected.currency else expected
