"""Amazon's own promise: the return window of the store or of a category, and its extension before Christmas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from ledger import desk, gates
from ledger.events.terms import Trait
from ledger.policy import Examination
from ledger.rights.right import (
    Basis,
    Right,
    ask_days,
    ask_delivered,
    ask_order,
    last_day,
    span_of,
)
from ledger.rulebook import Rule

WINDOW: Final = "ret.window"
HOLIDAY: Final = "ret.holiday"
CATEGORIES: Final = "categories"
SHORT_CATEGORIES: Final = "14day_categories"
EXCLUDING: Final[dict[Trait, str]] = {
    "amazon_device": "Amazon devices",
    "renewed": "Amazon Renewed",
}
"""What the seller says of a product, by what the rules call products that they do not hold for."""


def window(basis: Basis) -> Right:
    """Until when Amazon lets a buyer send it back, whatever the reason."""
    exam = Examination("return_window", basis.day)
    what = "may return it within Amazon's window"
    if not ask_order(exam, basis):
        return Right(kind="window", what=what, exam=exam)
    rules = _window_rules(basis)
    standard = _standard(rules)
    if standard is None:
        answer = f"no return window of Amazon's is known for {basis.store}"
        exam.doubt("Which window does Amazon grant?", answer, flip=gates.RULE_FOUND)
        return Right(kind="window", what=what, exam=exam)
    _ask_returnable(exam, basis)
    possible = _possible(basis, rules)
    if len(possible) > 1:
        return _by_an_unknown_category(basis, exam, possible)
    (rule,) = possible
    evidence = exam.by(rule)
    _say_category(exam, basis, rule, standard)
    gates.ask_rule(exam, "Is that rule certain?", rule)
    last, surely = ask_days(exam, basis, rule, evidence)
    return Right(
        kind="window",
        what=what,
        exam=exam,
        since=basis.delivered_on,
        last=last,
        surely=surely,
        surely_by=rule,
        gives="no reason is needed",
    )


def transition(basis: Basis) -> Right | None:
    """A category's window was shortened, and for a while requests by the longer one were still taken."""
    rules = _window_rules(basis)
    possible = _possible(basis, rules) if rules else []
    if len(possible) != 1 or not possible[0].states("transition_until") or not basis.delivered:
        return None
    rule = possible[0]
    days = rule.number("transition_days")
    end = rule.day("transition_until")
    last = min(basis.delivered.day + timedelta(days=days), end)
    shortened = last_day(rule, basis.delivered.day)
    if shortened is None or last <= shortened:
        return None
    exam = Examination("return_window", basis.day)
    ask_order(exam, basis)
    evidence = exam.by(rule)
    ask_delivered(exam, basis, None)
    answer = f"yes, online, for {days} days from delivery and until {end} at the latest"
    question = "Was the longer window still taken when this one began?"
    if rule.sure:
        exam.passed(question, answer, evidence, flip="A rule with another transition.")
    else:
        gates.ask_rule(exam, question, rule)
    return Right(
        kind="transition",
        what="may still ask online by the window before",
        exam=exam,
        since=basis.delivered.day,
        last=last,
        surely=last if rule.sure else None,
        surely_by=rule,
        gives="no reason is needed",
    )


def holiday(basis: Basis) -> Right | None:
    """What is bought before Christmas may be returned longer; None where nothing of it is told for the day."""
    rules = _holiday_rules(basis)
    if not rules:
        return _untold_holiday(basis)
    exam = Examination("holiday_extension", basis.day)
    what = "may return it within the holiday extension"
    ask_order(exam, basis)
    _ask_returnable(exam, basis)
    possible = _holidays_for(basis, rules)
    if len(possible) > 1:
        return _by_an_unknown_holiday(basis, exam, possible)
    rule = possible[0]
    evidence = exam.by(rule)
    product = rule.text("product").replace("_", " ") if rule.states("product") else "default"
    answer = f"yes, the rule for {product} products"
    exam.passed("Was it bought before Christmas?", answer, evidence, flip="Another day of order.")
    gates.ask_rule(exam, "Is that rule certain?", rule)
    if not basis.product and any(_product_of(one) == "apple" for one in rules):
        exam.assume("Apple did not make it: the seller has not described the product.")
    last, surely = _later(exam, basis, rule)
    return Right(
        kind="holiday",
        what=what,
        exam=exam,
        since=basis.delivered_on,
        last=last,
        surely=surely,
        surely_by=rule,
        gives="no reason is needed",
    )


# --- which window -----------------------------------------------------------------------------


def _window_rules(basis: Basis) -> tuple[Rule, ...]:
    if basis.store is None or basis.placed is None:
        return ()
    return basis.book.rulebook.holding(WINDOW, basis.store, basis.placed.day)


def _standard(rules: Sequence[Rule]) -> Rule | None:
    return next((rule for rule in rules if not rule.states(CATEGORIES)), None)


def _possible(basis: Basis, rules: Sequence[Rule]) -> list[Rule]:
    """The rule that holds for the product; several where its category is not known."""
    standard = _standard(rules)
    by_category = [rule for rule in rules if rule.states(CATEGORIES) and not _excluded(basis, rule)]
    if basis.category is None:
        return [*by_category, *([standard] if standard else [])]
    named = [rule for rule in by_category if basis.category in rule.words(CATEGORIES)]
    return (named or ([standard] if standard else []))[:1]


def _excluded(basis: Basis, rule: Rule) -> bool:
    """True where the seller says that the product is one for which the rule does not hold."""
    left_out = rule.words("excluded_products") if rule.states("excluded_products") else ()
    return any(basis.has(trait) and name in left_out for trait, name in EXCLUDING.items())


def _say_category(exam: Examination, basis: Basis, rule: Rule, standard: Rule) -> None:
    question = "Which window does Amazon grant?"
    evidence = exam.by(rule)
    if rule is standard:
        answer = f"the store's: {span_of(rule)}"
        exam.passed(question, answer, evidence, flip="A rule for the product's category.")
        return
    answer = f"{span_of(rule)} for {basis.category}, not the store's {span_of(standard)}"
    exam.passed(question, answer, evidence, flip="Another category of the product.")


def _ask_returnable(exam: Examination, basis: Basis) -> None:
    if basis.has("non_returnable"):
        answer = "the seller describes the product as one that Amazon takes no return of"
        flip = "`returns-ledger product describe` without non_returnable."
        exam.doubt("Does Amazon take returns of the product?", answer, flip=flip)


def _by_an_unknown_category(basis: Basis, exam: Examination, possible: Sequence[Rule]) -> Right:
    """The window depends on the category: what holds surely is the shortest of them."""
    held = exam.open_question() is None
    evidence = [exam.by(rule) for rule in possible]
    start = basis.delivered_on or basis.reached_no_sooner
    shortest = _shortest(possible, start)
    words = " or ".join(dict.fromkeys(span_of(rule) for rule in possible))
    surely = last_day(shortest, start) if held and shortest and start else None
    answer = f"which category is the product? By it the window is {words}"
    answer += f"; it lasts at least to {surely}" if surely else ""
    flip = f"`returns-ledger product describe {basis.sku} --category ...`."
    exam.doubt("Which window does Amazon grant?", answer, *evidence, flip=flip)
    if basis.delivered is not None:
        ask_delivered(exam, basis, None)
    return Right(
        kind="window",
        what="may return it within Amazon's window",
        exam=exam,
        since=basis.delivered_on,
        surely=surely,
        surely_by=shortest,
    )


def _shortest(rules: Sequence[Rule], start: date | None) -> Rule | None:
    """The rule that ends first; None where one of them is not certain, or nothing can be counted."""
    if start is None or not all(rule.sure for rule in rules):
        return None
    return min(rules, key=lambda rule: last_day(rule, start) or date.max)


# --- before Christmas -------------------------------------------------------------------------


def _holiday_rules(basis: Basis) -> list[Rule]:
    """The extensions for the day of the order; one whose dates are of the shipping is asked by that day."""
    if basis.store is None or basis.placed is None:
        return []
    book = basis.book.rulebook
    rules = [
        rule
        for rule in book.holding(HOLIDAY, basis.store, basis.placed.day)
        if not rule.states("dates_are_of")
    ]
    sent = _sent_on(basis) or basis.placed.day
    rules += [
        rule
        for rule in book.holding(HOLIDAY, basis.store, sent)
        if rule.states("dates_are_of") and rule not in rules
    ]
    return rules


def _sent_on(basis: Basis) -> date | None:
    told = desk.dispatched(basis.case, basis.sku)
    if told is not None:
        return told[0].day
    return next((one.ref.day for one in basis.case.shipments if one.sku == basis.sku), None)


def _product_of(rule: Rule) -> str:
    return rule.text("product") if rule.states("product") else "default"


def _holidays_for(basis: Basis, rules: Sequence[Rule]) -> list[Rule]:
    """The extension for the product; several where its category is not known."""
    named = {_product_of(rule): rule for rule in rules}
    if basis.has("apple") and "apple" in named:
        return [named["apple"]]
    default = [rule for rule in rules if _product_of(rule) == "default"] or list(rules)
    short = named.get(SHORT_CATEGORIES)
    if short is None:
        return default[:1]
    windows = _possible(basis, _window_rules(basis))
    shortened = [rule for rule in windows if rule.states(CATEGORIES)]
    if len(windows) > 1:
        return [short, *default[:1]]
    in_list = not short.states(CATEGORIES) or basis.category in short.words(CATEGORIES)
    return [short] if shortened and in_list else default[:1]


def _untold_holiday(basis: Basis) -> Right | None:
    """In a year of which no rule tells, what was bought in the season may have been extended, or not."""
    if basis.store is None or basis.placed is None:
        return None
    day = basis.placed.day
    rulebook = basis.book.rulebook
    here = rulebook.below(HOLIDAY, basis.store)
    if any(rule.effective_from and rule.effective_from.year == day.year for rule in here):
        return None
    elsewhere = (rule for rule in rulebook.rules if f"{rule.series}.".startswith(f"{HOLIDAY}."))
    if not any(_in_season(rule, day) for rule in here or elsewhere):
        return None
    exam = Examination("holiday_extension", basis.day)
    answer = (
        f"no rule tells of the extension of {day.year} in {basis.store}, or that there was none"
    )
    exam.doubt("Was it bought before Christmas?", answer, flip=gates.RULE_FOUND)
    return Right(
        kind="holiday",
        what="may return it within the holiday extension",
        exam=exam,
        since=basis.delivered_on,
    )


def _in_season(rule: Rule, day: date) -> bool:
    """True on the days of the year on which an extension was for what was bought, in its own year."""
    if rule.effective_from is None or rule.effective_to is None:
        return False
    first, last = rule.effective_from, rule.effective_to - timedelta(days=1)
    return (first.month, first.day) <= (day.month, day.day) <= (last.month, last.day)


def _by_an_unknown_holiday(basis: Basis, exam: Examination, possible: Sequence[Rule]) -> Right:
    evidence = [exam.by(rule) for rule in possible]
    surely = None
    if exam.open_question() is None:
        surely = min(rule.day("return_until") for rule in possible)
    answer = "which category is the product? The day until which it may be returned differs"
    answer += f"; it lasts at least to {surely}" if surely else ""
    flip = f"`returns-ledger product describe {basis.sku} --category ...`."
    exam.doubt("Which extension holds for the product?", answer, *evidence, flip=flip)
    return Right(
        kind="holiday",
        what="may return it within the holiday extension",
        exam=exam,
        since=basis.delivered_on,
        surely=surely,
        surely_by=next((rule for rule in possible if surely == rule.day("return_until")), None)
        if surely
        else None,
    )


def _later(exam: Examination, basis: Basis, rule: Rule) -> tuple[date | None, date | None]:
    """The later of the extension's day and the normal window; nothing is told by a rule that is not certain."""
    if exam.open_question() is not None:
        return None, None
    until = rule.day("return_until")
    normal = _possible(basis, _window_rules(basis))
    if not rule.flag("later_wins") or len(normal) != 1:
        return until, until
    delivered = ask_delivered(exam, basis, until)
    if delivered is None:
        return None, until
    question = "Which is later, the extension's day or the normal window?"
    if not normal[0].sure:
        gates.ask_rule(exam, question, normal[0])
        return None, until
    by_window = last_day(normal[0], delivered) or until
    evidence = [exam.by(rule), exam.by(normal[0])]
    answer = f"{max(until, by_window)}: the later of {until} and {by_window}"
    exam.passed(question, answer, *evidence, flip="Another day of delivery.")
    return max(until, by_window), max(until, by_window)
