"""What a seller asks of the rules, answered in a sentence from the rulebook alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from ledger.rulebook import Rule, Rulebook, claim_window, clock_days
from ledger.rulebook.window import months_after
from ledger.values import Money

NOTHING = "no rule"


def said(rule: Rule, answer: str) -> str:
    """The answer with its rule; what is not verified is never said as if it were sure."""
    return f"{answer} ({rule.id})" if rule.sure else f"to be reviewed, perhaps {answer} ({rule.id})"


def the_rule(book: Rulebook, prefix: str, store: str, day: str) -> Rule | None:
    """The first of the rules that hold on that day."""
    holding = book.holding(prefix, store, date.fromisoformat(day))
    return holding[0] if holding else None


# --- which rule -----------------------------------------------------------------------------------


def which(book: Rulebook, series: str, store: str, day: str) -> str:
    """Which rule holds on that day."""
    holding = book.holding(series, store, date.fromisoformat(day))
    return " over ".join(rule.id for rule in holding) or NOTHING


def announced(book: Rulebook, rule_id: str) -> str:
    """When it was announced, for which day, and from when to when it held."""
    rule = book.rule(rule_id)
    words = [f"announced {rule.announced_on}"] if rule.announced_on else []
    if rule.announced_for:
        words.append(f"for {rule.announced_for}")
    came = "holds" if rule.ever_in_force else "never held, though meant"
    words.append(f"{came} from {rule.effective_from or 'a day not known'}")
    if rule.effective_to:
        words.append(f"to {rule.effective_to - timedelta(days=1)}")
    return " ".join(words)


def postponed(book: Rulebook, family: str, store: str, day: str) -> str:
    """Which rule had been announced for that day without holding on it."""
    rule = book.postponed(family, store, date.fromisoformat(day))
    return rule.id if rule else NOTHING


def other_start(book: Rulebook, family: str, store: str, day: str) -> str:
    """On which other day it starts, by other notices."""
    rule = the_rule(book, family, store, day)
    return said(rule, f"{rule.day('contradicted_start')}") if rule else NOTHING


# --- until when a claim is open ----------------------------------------------------------------------


def claim(book: Rulebook, family: str, store: str, **facts: str) -> str:
    """On which days it may be claimed."""
    window = claim_window(
        book, family, store, {fact: date.fromisoformat(day) for fact, day in facts.items()}
    )
    if window is None:
        return NOTHING
    return "; ".join(
        said(piece.rule, f"{piece.first} to {piece.last or 'no known end'}")
        for piece in window.pieces
    )


def stands(book: Rulebook, family: str, store: str, day: str, **facts: str) -> str:
    """How the claim stands on that day."""
    asked = date.fromisoformat(day)
    window = claim_window(
        book, family, store, {fact: date.fromisoformat(told) for fact, told in facts.items()}
    )
    rule = window.cite(asked) if window else None
    return said(rule, window.state(asked)) if window and rule else NOTHING


def once_more(book: Rulebook, prefix: str, store: str, term: str, done: int) -> str:
    """Whether it may be done once more after so many times."""
    rule = the_rule(book, prefix, store, "2026-11-01")
    if rule is None:
        return NOTHING
    return said(rule, "yes" if done < rule.number(term) else "no")


def listed(book: Rulebook, prefix: str, store: str, day: str, field: str) -> str:
    """What is demanded, left out, or named."""
    rule = the_rule(book, prefix, store, day)
    return said(rule, "; ".join(rule.words(field))) if rule else NOTHING


def worded(book: Rulebook, prefix: str, store: str, day: str, field: str) -> str:
    """What the rule says in words."""
    rule = the_rule(book, prefix, store, day)
    return said(rule, rule.text(field)) if rule else NOTHING


# --- until when to act ------------------------------------------------------------------------------


def hours_later(book: Rulebook, prefix: str, store: str, moment: str, term: str) -> str:
    """Until which hour, counted from that moment."""
    rule = the_rule(book, prefix, store, moment[:10])
    if rule is None:
        return NOTHING
    until = datetime.fromisoformat(moment) + timedelta(hours=rule.number(term))
    return said(rule, until.isoformat(" ", "minutes"))


def days_later(book: Rulebook, prefix: str, store: str, day: str, term: str) -> str:
    """Until which day, counted from that one."""
    rule = the_rule(book, prefix, store, day)
    if rule is None:
        return NOTHING
    return said(rule, f"{date.fromisoformat(day) + timedelta(days=rule.number(term))}")


def business_days_later(book: Rulebook, prefix: str, store: str, day: str, term: str) -> str:
    """Until which day, weekends not counted."""
    rule = the_rule(book, prefix, store, day)
    if rule is None:
        return NOTHING
    until = date.fromisoformat(day)
    for _ in range(rule.number(term)):
        until += timedelta(days=1)
        while until.weekday() > 4:
            until += timedelta(days=1)
    return said(rule, f"{until}")


def months_later(book: Rulebook, prefix: str, store: str, day: str, term: str) -> str:
    """Until which day, months after that one."""
    rule = the_rule(book, prefix, store, day)
    if rule is None:
        return NOTHING
    return said(rule, f"{months_after(date.fromisoformat(day), rule.number(term))}")


def years_later(book: Rulebook, prefix: str, store: str, day: str, term: str) -> str:
    """Until which day, years after that one."""
    rule = the_rule(book, prefix, store, day)
    if rule is None:
        return NOTHING
    return said(rule, f"{months_after(date.fromisoformat(day), 12 * rule.number(term))}")


def long_enough(book: Rulebook, prefix: str, term: str, number: int) -> str:
    """Whether it reaches the least that is demanded."""
    rule = the_rule(book, prefix, "US", "2026-11-01")
    if rule is None:
        return NOTHING
    return said(rule, "yes" if number >= rule.number(term) else "no")


def invoice(book: Rulebook, dated: str, day: str) -> str:
    """Whether an invoice of that day is young enough to tell a sourcing cost by."""
    rule = the_rule(book, "fba.sourcing_cost.resubmit", "US", day)
    if rule is None:
        return NOTHING
    age = (date.fromisoformat(day) - date.fromisoformat(dated)).days
    return said(rule, "yes" if age <= rule.number("invoice_max_age_days") else "no")


# --- a buyer's rights ---------------------------------------------------------------------------------


def return_by(
    book: Rulebook,
    store: str,
    category: str,
    ordered: str,
    delivered: str,
    *,
    requested: str | None = None,
) -> str:
    """From when to when the buyer may return it, by Amazon's rules."""
    day = date.fromisoformat(ordered)
    window = _window_of(book.holding("ret.window", store, day), category)
    days = clock_days(window, {"delivery_date": date.fromisoformat(delivered)})
    assert days is not None
    last = _in_transition(window, delivered, requested) or days.last
    assert last is not None
    holiday = _holiday_of(book.holding("ret.holiday", store, day), window, category)
    if holiday and holiday.flag("later_wins") and holiday.day("return_until") > last:
        until = holiday.day("return_until")
        return f"{days.first} to {said(holiday, str(until))}, later than {said(window, str(last))}"
    return f"{days.first} to {said(window, str(last))}"


def _window_of(windows: Iterable[Rule], category: str) -> Rule:
    """The first window that names no categories, or this one."""
    return next(
        rule
        for rule in windows
        if not rule.states("categories") or category in rule.words("categories")
    )


def _in_transition(window: Rule, delivered: str, requested: str | None) -> date | None:
    """The last day by the terms before, for a request made while they were still taken."""
    if requested is None or not window.states("transition_until"):
        return None
    if date.fromisoformat(requested) > window.day("transition_until"):
        return None
    return date.fromisoformat(delivered) + timedelta(days=window.number("transition_days"))


def _holiday_of(holidays: tuple[Rule, ...], window: Rule, category: str) -> Rule | None:
    """The extension for the group of products that the item is in."""
    shortened = window.states("categories")
    group = "14day_categories" if shortened else "apple" if category == "apple" else "default"
    return next((rule for rule in holidays if rule.text("product") == group), None)


def by_law(book: Rulebook, series: str, store: str, bought: str, delivered: str) -> str:
    """From when to when the law gives the right."""
    rule = the_rule(book, series, store, bought)
    days = clock_days(rule, {"delivery_date": date.fromisoformat(delivered)}) if rule else None
    return said(rule, f"{days.first} to {days.last}") if rule and days else NOTHING


def not_told(book: Rulebook, series: str, store: str, bought: str, delivered: str) -> str:
    """Until when a buyer may withdraw who was not told of the right."""
    rule = the_rule(book, series, store, bought)
    days = clock_days(rule, {"delivery_date": date.fromisoformat(delivered)}) if rule else None
    if rule is None or days is None or days.last is None:
        return NOTHING
    return said(rule, f"{months_after(days.last, rule.number('not_informed_extra_months'))}")


# --- money -------------------------------------------------------------------------------------------


def share(
    book: Rulebook, prefix: str, store: str, day: str, term: str, price: str, currency: str
) -> str:
    """How much of the price that is."""
    rule = the_rule(book, prefix, store, day)
    if rule is None:
        return NOTHING
    minor = Money.of(price, currency).minor * rule.number(term) // 100
    return said(rule, f"{Money(minor, currency)}")


def fee_kept(book: Rulebook, store: str, day: str, referral_fee: str, currency: str) -> str:
    """How much of the referral fee Amazon keeps when the order is refunded."""
    rule = the_rule(book, "fee.refund_admin", store, day)
    if rule is None:
        return NOTHING
    minor = Money.of(referral_fee, currency).minor * rule.number("pct_of_referral_fee") // 100
    cap = rule.money("cap", currency)
    kept = Money(minor, currency)
    return said(rule, f"{min(kept, cap) if cap else kept}")


def at_most(
    book: Rulebook, prefix: str, store: str, day: str, term: str, value: str, currency: str
) -> str:
    """How much of that value is paid, or charged, at most."""
    rule = the_rule(book, prefix, store, day)
    if rule is None or not rule.states(term):
        return NOTHING
    cap = rule.money(term, currency)
    asked = Money.of(value, currency)
    return said(rule, f"{min(asked, cap) if cap else asked}")


def photo_needed(book: Rulebook, day: str, kept_pct: int) -> str:
    """Whether keeping that share demands a photograph."""
    rule = the_rule(book, "ret.restocking", "US", day)
    if rule is None:
        return NOTHING
    return said(rule, "yes" if kept_pct >= rule.number("photo_required_from_pct") else "no")


def late_fee(book: Rulebook, day: str, days_late: int, price: str) -> str:
    """How much Amazon charges a buyer whose return is so late."""
    rule = the_rule(book, "ret.buyer_fees", "US", day)
    if rule is None:
        return NOTHING
    early = days_late <= rule.number("late_fee_first_days")
    pct = rule.number("late_fee_first_pct" if early else "late_fee_after_pct")
    return said(rule, f"{Money(Money.of(price, 'USD').minor * pct // 100, 'USD')}")


def postage(book: Rulebook, day: str, days_since_delivery: int) -> str:
    """Who bears the way out when a German buyer changed their mind so late."""
    rule = the_rule(book, "ret.postage", "DE", day)
    if rule is None:
        return NOTHING
    if days_since_delivery <= rule.number("outbound_first_days"):
        return said(rule, rule.text("buyer_reason_outbound"))
    if days_since_delivery <= rule.number("outbound_last_days"):
        return said(rule, rule.text("buyer_reason_outbound_late"))
    return said(rule, "not told")


def from_abroad(book: Rulebook, rule_id: str, requested: str, price: str, currency: str) -> str:
    """Whether Amazon refunds this return from another country without the goods."""
    rule = book.rule(rule_id)
    threshold = rule.money("threshold", currency)
    day = date.fromisoformat(requested)
    if threshold is None or not rule.covers(day):
        return NOTHING
    item = Money.of(price, currency)
    low = item <= threshold if rule.flag("threshold_inclusive") else item < threshold
    return said(rule, "yes" if low else "no")


def must_offer(
    book: Rulebook, series: str, store: str, requested: str, price: str, currency: str
) -> str:
    """Whether the buyer abroad of such an item must be offered a way to return it."""
    rule = the_rule(book, series, store, requested)
    above = rule.money("threshold_above", currency) if rule else None
    if rule is None or above is None:
        return NOTHING
    return said(rule, "yes" if Money.of(price, currency) > above else "no")
