"""The questions every claim must answer first: marketplace, programme, window, coverage, freshness, worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final

import msgspec

from ledger.book import (
    FRESH_DAYS,
    REFUNDS,
    REIMBURSEMENTS,
    RETURNS,
    Book,
    Coverage,
    Span,
    named_in,
    paid_for_item,
)
from ledger.case import Case, MoneyLine, Ref, Refund, Reimbursement, SettledTransaction
from ledger.policy import Evidence, Examination, Finding, finding_id, last_day_today, weakest
from ledger.reasons import AFTER_ORDER, SERVICE, WAREHOUSE
from ledger.rulebook import ClaimWindow, Rule, claim_window
from ledger.values import BY_CODE, Money, code
from ledger.watched import in_words

CUSTOMER_RETURN: Final = "fba.customer_return.window"
FC_OPERATIONS: Final = "fba.fc_ops.window"
REMOVAL_LOST: Final = "fba.removal_lost.window"
REMOVAL_OTHER: Final = "fba.removal_other.window"
REEVALUATION: Final = "fba.reevaluation.window"
VALUED_AFTER_ORDER: Final = "fba.valuation.post_order"
VALUED_BEFORE_ORDER: Final = "fba.valuation.pre_order"
REVERSAL: Final = "fba.reversal"

EARLY_DAYS: Final = 7
"""A return may be processed so many days before its refund."""
LATE_DAYS: Final = 5
"""A reimbursement may show in its report so many days after its approval, as Amazon says itself."""
SETTLED_DAYS: Final = 21
"""Settlements close every fourteen days: the newest there is may be this old."""

RULE_FOUND: Final = "A rule for this store and day, with its source, in the rulebook."
"""What would settle a question that no rule answers."""
NO_OPEN_CASE: Final = (
    "Nobody has a case open for it, neither you nor a provider: no report tells of open cases."
)
REFUNDED_BY_AMAZON: Final = "Amazon, not the seller, issued the refund: no report says who did."
TO_BE_SENT_BACK: Final = (
    "The buyer was to send it back: no report tells whether Amazon let the buyer keep it."
)


# --- who shipped it, and where ----------------------------------------------------------------


def programmes_told(case: Case, sku: str | None = None) -> dict[str, Ref]:
    """Who fulfilled an order, or one SKU of it, each with the entry that says so: FBA, FBM or MCF."""
    first: dict[str, Ref] = {}
    for told in (case.lines, case.shipments, case.sales, case.refunds, case.returns):
        for one in told:
            if one.programme and sku in (None, one.sku) and one.programme not in first:
                first[one.programme] = one.ref
    for request in case.requests:
        if sku in (None, request.sku):
            first.setdefault("FBM", request.ref)
    if "MCF" in first or (case.name[:1].isalpha() and "FBA" in first):
        # Only multi-channel orders have a letter in their id; reports of returns name no programme.
        return {"MCF": first.get("MCF") or first["FBA"]}
    return first


def programme_of(case: Case, sku: str | None = None) -> str | None:
    """Who fulfilled the order, or one SKU of it; None where no report says, or reports contradict."""
    return _only(programmes_told(case, sku))


def _only(told: Mapping[str, Ref]) -> str | None:
    return next(iter(told)) if len(told) == 1 else None


def ask_programme(exam: Examination, case: Case, sku: str | None) -> None:
    """G3: only what Amazon fulfilled and refunded itself can be claimed from it."""
    question = "Did Amazon fulfil it and refund the buyer (FBA)?"
    told = programmes_told(case, sku)
    seen = [exam.saw(ref) for ref in told.values()]
    programme = _only(told)
    if programme == "FBA":
        exam.passed(question, "FBA: Amazon fulfilled it", *seen, flip="A report that says FBM.")
        exam.assume(REFUNDED_BY_AMAZON)
    elif programme == "MCF":
        answer = "a multi-channel order: another policy of Amazon's covers it"
        exam.ends("not_claimable", question, answer, *seen, flip="A report that says FBA.")
    elif programme == "FBM":
        answer = "seller-fulfilled: there is no FBA claim for it"
        exam.ends("not_claimable", question, answer, *seen, flip="A report that says FBA.")
    elif told:
        answer = f"the reports contradict each other: {' and '.join(sorted(told))}"
        exam.doubt(question, answer, *seen, flip="The orders report of the order.")
    else:
        answer = "no report says whether Amazon fulfilled it"
        exam.doubt(question, answer, flip="Import the orders report or the settlement of the sale.")


def ask_fulfilled_by_seller(
    exam: Examination, case: Case, sku: str | None, programme: str | None, otherwise: str
) -> None:
    """A claim about what the seller sent himself; `programme` as he and the reports tell it together."""
    question = "Did the seller fulfil it (FBM)?"
    seen = [exam.saw(ref) for ref in programmes_told(case, sku).values()]
    flip = "The orders report of the order, or the order as you tell it."
    if programme == "FBM":
        exam.passed(question, "yes: the seller sent it", *seen, flip=flip)
    elif programme is not None:
        answer = f"no, it is {programme}: {otherwise}"
        exam.ends("not_claimable", question, answer, *seen, flip=flip)
    else:
        answer = "nobody tells whether the seller or Amazon fulfilled it"
        exam.doubt(question, answer, *seen, flip=flip)


def ask_store(exam: Examination, case: Case) -> None:
    """Which store's rules hold for an order, by the first report that tells of its sale."""
    kinds = (case.lines, case.shipments, case.sales, case.refunds, case.returns)
    told = [kind[0].ref for kind in kinds if kind]
    ask_marketplace(exam, case.marketplace, case.marketplace_doubt, *told[:1])


def ask_marketplace(exam: Examination, marketplace: str | None, doubt: str, *told_by: Ref) -> None:
    """The rules differ by store: without the store nothing can be said for certain."""
    question = "Which marketplace's rules apply?"
    if marketplace is not None:
        seen = [exam.saw(ref) for ref in told_by]
        exam.passed(question, marketplace, *seen, flip="A report that names another store.")
        return
    exam.doubt(
        question,
        f"the marketplace is unknown: {doubt}",
        flip="Import the orders report, or import again with --marketplace.",
    )


def charged_again(case: Case, sku: str) -> list[SettledTransaction]:
    """Settled money that says that the buyer was charged again for a SKU of the order; settlements alone tell it.

    An order retrocharge is how Amazon names it: the price may be settled as something else, and the row itself
    may hold no more than the tax.
    """
    return [
        one
        for one in case.transactions
        if one.sku in (None, sku)
        and (_sum_of(one, "BUYERRECHARGE") > 0 or code(one.transaction) == "ORDER_RETROCHARGE")
    ]


def settled_beyond_reports(case: Case, sku: str) -> list[SettledTransaction]:
    """Money for a SKU of the order that a settlement shows and the reimbursements report does not.

    The report counts and the settlement confirms; where the settlement shows more, the report lacks a line.
    """
    told = [one for one in case.transactions if one.sku in (None, sku)]
    paid = [one for one in told if _reimbursed_in(one) > 0]
    settled = sum(_reimbursed_in(one) for one in paid)
    reported = sum(
        line.amount.minor
        for line in case.reimbursements
        if line.amount.minor > 0 and (line.sku == sku or any(one.sku is None for one in paid))
    )
    return paid if settled > reported else []


def _reimbursed_in(told: SettledTransaction) -> int:
    """What a transaction gives as a reimbursement of any kind, in minor units."""
    return sum(
        line.amount.minor
        for line in told.lines
        if "REIMBURSEMENT" in code(line.kind) or "REIMBURSEMENT" in code(line.what)
    )


def fees_of_return(case: Case, sku: str) -> list[Ref]:
    """Settled fees for handling a return of a SKU of the order: Amazon charges them for what came back."""
    settled: list[SettledTransaction | Refund] = [*case.transactions, *case.refunds]
    return [
        told.ref
        for told in settled
        if told.sku in (None, sku)
        and any(line.amount.minor < 0 and _is_returns_fee(line) for line in told.lines)
    ]


def _is_returns_fee(line: MoneyLine) -> bool:
    what = code(line.what).replace("_", "")
    return code(line.kind) == "FBA_CUSTOMER_RETURNS_FEE" or what.startswith("FBACUSTOMERRETURN")


def _sum_of(told: SettledTransaction, what: str) -> int:
    """What a transaction gives under a kind or a description, in minor units."""
    return sum(
        line.amount.minor for line in told.lines if what in (code(line.kind), code(line.what))
    )


# --- what the rules say -----------------------------------------------------------------------


def ask_window(
    exam: Examination,
    book: Book,
    family: str,
    marketplace: str | None,
    anchors: Mapping[str, date],
    *,
    stating: str | None = None,
) -> None:
    """When may it be filed: the version in force on a day must admit that day, and state a term if one is named."""
    question = "Is today a day on which it may be filed?"
    if marketplace is None:
        flip = "The marketplace: each store has days of its own."
        exam.failed(question, "that depends on the marketplace, which is unknown", flip=flip)
        return
    window = claim_window(book.rulebook, family, marketplace, anchors)
    if window is None:
        answer = f"no rule of {family} is known for {marketplace}"
        exam.doubt(question, answer, flip=RULE_FOUND)
        return
    if stating is not None:
        admitted = (piece for piece in window.pieces if piece.rule.states(stating))
        window = msgspec.structs.replace(window, pieces=tuple(admitted))
    exam.window = window
    today = window.in_force(exam.as_of)
    deciding = _deciding(window, exam.as_of)
    exam.window_firm = all(rule.sure for rule in deciding)
    evidence = [exam.by(rule) for rule in deciding]
    state = window.state(exam.as_of)
    if today is None:
        answer = f"no rule of {family} is known for {marketplace} on {in_words(exam.as_of)}"
        exam.unsettled(question, answer, *evidence, flip=RULE_FOUND)
    elif state == "unknown":
        missing = ", ".join(window.missing_on(exam.as_of)).replace("_", " ")
        answer = f"the clock's fact is not known ({missing})"
        exam.unsettled(question, answer, *evidence, flip=f"The {missing}.")
    else:
        _say_window(exam, question, window, evidence)
    for rule in _answering(window, exam.as_of):
        if not rule.sure:
            answer = f"{rule.id} is not certain: {rule.why_unsure}"
            flip = "Amazon's own page with this rule, read and dated, would settle it."
            exam.unsettled("Is the claim window's rule certain?", answer, exam.by(rule), flip=flip)


def ask_clock(exam: Examination, book: Book, marketplace: str | None, given: Ref | None) -> None:
    """The window of a customer's return, which runs from the refund or the replacement."""
    if given is None:
        exam.doubt(
            "Is today a day on which it may be filed?",
            "no imported report tells when the buyer was refunded, and the clock runs from that day",
            flip="Import the settlement that holds the refund.",
        )
        return
    exam.saw(given)
    ask_refund_stands(exam, book, given.day)
    anchors = {"customer_refund_or_replacement_date": given.day}
    ask_window(exam, book, CUSTOMER_RETURN, marketplace, anchors)


def _deciding(window: ClaimWindow, day: date) -> list[Rule]:
    """Every version that had a say in the window, today's first: the same versions on every day."""
    starts = min(window.anchors.values())
    ends = window.closes + timedelta(days=1) if window.closes else date.max
    rules = [
        rule
        for rule in window.versions
        if (rule.effective_to is None or rule.effective_to > starts)
        and (rule.effective_from is None or rule.effective_from <= ends or not window.pieces)
    ]
    today = window.in_force(day)
    return sorted(rules, key=lambda rule: (rule != today, not rule.covers(day)))


def _answering(window: ClaimWindow, day: date) -> list[Rule]:
    """The versions on which the answer of a day rests: today's, and the one that opens the window."""
    rules = [window.in_force(day)]
    if window.state(day) == "waiting":
        rules.append(window.admits(window.opens_next(day) or day))
    return list(dict.fromkeys(rule for rule in rules if rule is not None))


def _say_window(
    exam: Examination, question: str, window: ClaimWindow, evidence: list[Evidence]
) -> None:
    if not exam.window_firm:
        _say_without_days(exam, question, window, evidence)
        return
    rule = window.cite(exam.as_of)
    closes = window.closes or "no end"
    span = f"{window.opens} to {closes}" if window.opens else "none"
    start = "; ".join(
        f"{fact.replace('_', ' ')} {day}"
        for fact, day in window.anchors.items()
        if rule is not None and fact == rule.clock_from
    )
    state = window.state(exam.as_of)
    words = {"open": "yes", "waiting": "not yet", "expired": "too late"}.get(state, state)
    answer = f"{words}: good days are {span} ({start})"
    if state == "open":
        exam.passed(question, answer, *evidence, flip=f"After {closes} it is too late.")
    elif state == "waiting":
        flip = f"From {window.opens_next(exam.as_of)} on it may be filed."
        exam.failed(question, answer, *evidence, flip=flip)
    else:
        exam.failed(question, answer, *evidence, flip="Nothing: the days have passed.")


def _say_without_days(
    exam: Examination, question: str, window: ClaimWindow, evidence: list[Evidence]
) -> None:
    """Days that rest on a rule that is not certain are not told: they would look like dates."""
    state = window.state(exam.as_of)
    words = {"open": "yes", "waiting": "not yet", "expired": "too late"}.get(state, state)
    unsure = [rule.id for rule in _deciding(window, exam.as_of) if not rule.sure]
    last = last_day_today(window, exam.as_of) if state == "expired" else None
    told = f"by {last[0].id} the last day was {last[1]}" if last else "no day can be told"
    answer = f"{words}, by rules of which {', '.join(unsure)} is not certain: {told}"
    tell = exam.passed if state == "open" else exam.failed
    tell(question, answer, *evidence, flip="Amazon's own page with these rules, read and dated.")


def ask_rule(exam: Examination, question: str, rule: Rule) -> None:
    """A rule that is not verified can give `review`, never `ready`."""
    if rule.sure:
        exam.passed(question, f"yes: {rule.title}", exam.by(rule), flip="A newer rule.")
    else:
        answer = f"{rule.id} is not certain: {rule.why_unsure}"
        flip = "Amazon's own page with this rule, read and dated, would settle it."
        exam.unsure(question, answer, exam.by(rule), flip=flip)


def ask_worth(
    exam: Examination,
    book: Book,
    family: str,
    marketplace: str | None,
    lost_on: date,
    *,
    amount: Money | None = None,
    sku: str | None = None,
    quantity: int = 1,
) -> Money | None:
    """What the rule of the day of the loss says a unit is worth, and what the units come to where it is known."""
    if marketplace is None:
        return amount
    question = "What is a unit worth?"
    rule = book.rulebook.in_force(family, marketplace, lost_on)
    if rule is None:
        answer = f"no rule of {family} is known for {marketplace} on {lost_on}"
        exam.doubt(question, answer, flip=RULE_FOUND)
        return amount
    evidence = [exam.by(rule)]
    each = amount
    if amount is None and rule.basis == "sourcing_cost":
        each, seen = _sourced(exam, book, rule, marketplace, sku, lost_on)
        evidence += seen
        amount = each * quantity if each is not None else None
    answer = f"{each}: " if each is not None else ""
    answer += (rule.basis or "not stated").replace("_", " ")
    postponed = book.rulebook.postponed(family, marketplace, lost_on)
    if postponed is not None:
        evidence.append(exam.by(postponed))
        answer += f" (the change announced for {postponed.effective_from} was postponed)"
    if amount is not None and not amount.minor:
        answer += ": there is nothing to ask for, unless Amazon takes another price"
        exam.unsure(question, answer, *evidence, flip="A price that the buyer paid for it.")
    else:
        exam.passed(question, answer, *evidence, flip="A loss on a day of another rule.")
    if not rule.sure:
        ask_rule(exam, "Is the rule about its worth certain?", rule)
    if amount is None:
        exam.assume("The amount is not stated: what a unit cost, or would fetch, is in no report.")
    return amount


def _sourced(
    exam: Examination,
    book: Book,
    rule: Rule,
    marketplace: str,
    sku: str | None,
    lost_on: date,
) -> tuple[Money | None, list[Evidence]]:
    """What a unit cost the seller on the day of the loss; without its invoice Amazon estimates instead."""
    known = book.sourcing_cost(sku, lost_on) if sku else None
    if known is None:
        return None, []
    ref, told = known
    seen = [exam.saw(ref)]
    if told.invoice is None:
        exam.assume(
            f"Amazon estimates the cost: {told.cost} is set for {sku}, and no invoice shows it."
        )
        return None, seen
    if told.cost.currency != BY_CODE[marketplace].currency:
        exam.assume(f"The cost is set in {told.cost.currency}, and {marketplace} pays in another.")
        return None, seen
    if told.invoice_on and date.fromisoformat(told.invoice_on) + _INVOICE_AGE < exam.as_of:
        exam.assume(f"The invoice of {told.invoice_on} is taken, though it is older than a year.")
    cap = rule.per_unit_cap.money if rule.per_unit_cap else None
    if cap is not None and cap.currency == told.cost.currency and cap.minor < told.cost.minor:
        return cap, seen
    return told.cost, seen


_INVOICE_AGE: Final = timedelta(days=365)
"""The American rule asks for an invoice of less than a year; whose day ends the year it does not say."""


# --- what the files say -----------------------------------------------------------------------


def ask_returns(exam: Examination, book: Book, refunded_on: date) -> None:
    """G1 and G2 for "nothing came back": returns are sometimes processed before their refund."""
    first = refunded_on - timedelta(days=EARLY_DAYS)
    ask_coverage(exam, book, RETURNS, first, "nothing else came back")


def ask_unpaid(exam: Examination, book: Book, since: date, *, beyond: int = 0) -> None:
    """G1, G2 and G4 for "not paid": the reports must reach so many days beyond the loss, at least."""
    what = "it was not paid for already"
    ask_coverage(exam, book, REIMBURSEMENTS, since, what, beyond=beyond)


def ask_refund_stands(exam: Examination, book: Book, refunded_on: date) -> None:
    """A buyer may be charged again, and only settlements tell: what they do not cover is assumed.

    It is no gate: settlements close when Amazon closes them, and the claim is about the unit.
    """
    question = "Do the imported files show that the refund was not taken back?"
    coverage = book.coverage_in_words(REFUNDS)
    evidence = covered(book, REFUNDS)
    last = in_words(exam.as_of) - timedelta(days=SETTLED_DAYS)
    gap = coverage.gap(refunded_on, last) if refunded_on <= last else None
    if gap is None:
        answer = f"yes, as far as settlements are closed: to {max(refunded_on, last)}"
    else:
        answer = f"no settlement speaks for {gap.first} to {gap.last}: it is assumed"
        exam.assume(f"The buyer was not charged again between {gap.first} and {gap.last}.")
    exam.passed(question, answer, evidence, flip="A settlement that charges the buyer again.")


def ask_coverage(
    exam: Examination,
    book: Book,
    report_format: str,
    first: date,
    what: str,
    *,
    age: int = FRESH_DAYS,
    beyond: int = 0,
) -> None:
    """G1 and G2: an absence counts only where the reports that would show it cover the time and are fresh.

    The files must speak without a gap from the first day on, for at least so many days beyond it, and
    their end may be no older than its age allows. A gap is a gap from the day on which it can be seen.
    """
    question = f"Do the imported files show that {what}?"
    evidence = covered(book, report_format)
    today = in_words(exam.as_of)
    name, kind = named_in(report_format)
    events = f", with its {kind} events" if kind else ""
    silent, gap = book.ask(silence, report_format, first, exam.as_of)
    if silent:
        answer = (
            f"no {name} report was imported"
            if not kind
            else f"no {name} report with {kind} was imported"
        )
        flip = f"Import the {name} report from {first} to {today}{events}."
        exam.doubt(question, answer, evidence, flip=flip)
    elif gap is not None:
        answer = f"{name} has a gap from {gap.first} to {gap.last}"
        flip = f"Import the {name} report for {gap.first} to {gap.last}{events}."
        exam.doubt(question, answer, evidence, flip=flip)
    else:
        _ask_fresh(exam, book, report_format, question, first, (today, age, beyond))


def _ask_fresh(
    exam: Examination,
    book: Book,
    report_format: str,
    question: str,
    first: date,
    reaching: tuple[date, int, int],
) -> None:
    """Files grow old by nothing but the passing of days: that is told, and no standing rests on it."""
    today, age, beyond = reaching
    coverage, evidence = book.coverage_in_words(report_format), covered(book, report_format)
    end, told_on = _end_of(coverage, today), coverage.told_on
    reach = max(today - timedelta(days=age), first + timedelta(days=beyond))
    if end < reach or told_on is None or (today - told_on).days > age:
        ends = f"ends on {end}" if end > date.min else "begins later"
        name, _ = named_in(report_format)
        answer = f"{name} {ends}, and it would have to reach {reach}"
        flip = f"Import the {name} report from {first} on, when it reaches {reach}."
        exam.outdated(question, answer, evidence, flip=flip)
    else:
        answer = f"yes, from {first} to {min(end, today)}"
        exam.passed(question, answer, evidence, flip="A row that says otherwise.")


def silence(book: Book, report_format: str, first: date, today: date) -> tuple[bool, Span | None]:
    """Whether the files of one format speak for no day at all, and the first gap from a day on to their end."""
    coverage = book.coverage(report_format)
    seen = min(_end_of(coverage, today), today)
    return not coverage.spans, coverage.gap(first, seen) if first <= seen else None


def _end_of(coverage: Coverage, today: date) -> date:
    """Files about later days say nothing of a gap on the day that is asked about."""
    return max((span.last for span in coverage.spans if span.first <= today), default=date.min)


def covered(book: Book, report_format: str) -> Evidence:
    """What the files of one format speak for, as evidence."""
    text = coverage_text(book.coverage_in_words(report_format))
    return Evidence("coverage", named_in(report_format)[0], text)


def coverage_text(coverage: Coverage) -> str:
    """What a coverage says, in words."""
    if not coverage.spans:
        return (
            "only files of which rows were left out" if coverage.incomplete else "nothing imported"
        )
    spans = ", ".join(f"{span.first} to {span.last}" for span in coverage.spans)
    return f"{spans}; last told {coverage.told_on}"


def ask_removal_unpaid(exam: Examination, book: Book, fnsku: str, since: date) -> None:
    """G4 for removals: a payment for one names no order, so it may be for any of the FNSKU.

    Under which reason the report tells it was not seen yet: what no other reason explains may be it.
    """
    question = "Has it been paid for?"
    payments = [
        payment
        for payment in book.ask(paid_for_item, fnsku)
        if payment.ref.day >= since and not payment.reversal and _may_be_removal(payment)
    ]
    if payments:
        if any("REMOVAL" in code(payment.reason) for payment in payments):
            answer = "a removal of this FNSKU was paid for since; the payment does not say which"
        else:
            answer = (
                f"reimbursement {payments[0].reimbursement_id} for this FNSKU ({payments[0].reason}) "
                "may be for it"
            )
        flip = "The case log of that payment, which names the removal order."
        exam.doubt(question, answer, *(exam.saw(one.ref) for one in payments), flip=flip)
    else:
        answer = "no reimbursement of this FNSKU that may be for a removal"
        exam.passed(question, answer, flip="A reimbursement for a removal of this FNSKU.")


def _may_be_removal(line: Reimbursement) -> bool:
    """True where a payment is for a removal, or its reason leaves open what it is for and it names no order."""
    reason = code(line.reason)
    explained = line.order_id is not None or reason in {*WAREHOUSE, *AFTER_ORDER, *SERVICE}
    return "REMOVAL" in reason or not (explained or "INBOUND" in reason)


def seen_payments(book: Book) -> Evidence:
    """What the reimbursements reports speak for, as evidence that none of them names a unit."""
    return covered(book, REIMBURSEMENTS)


# --- the answer -------------------------------------------------------------------------------


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
    if exam.final is None:
        exam.assume(NO_OPEN_CASE)
    verdict, reason = exam.outcome()
    window = exam.window if exam.window_firm else None
    versions = exam.window.versions if exam.window else ()
    rules = sorted(exam.rules.values(), key=lambda rule: rule not in versions)
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
        opens_next=window.opens_next(exam.as_of) if window and verdict == "waiting" else None,
        amount_expected=expected,
        amount_paid=paid,
        amount_open=_open(verdict, expected, paid),
        rule_ids=tuple(rule.id for rule in rules),
        rule_evidence=weakest(rules),
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
