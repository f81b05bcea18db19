"""The vocabulary: each name has one kind, and a term is told as its kind is."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ledger.rulebook import TERMS, Cap, Rule, UnreadableRulebook, read_series, shipped
from ledger.rulebook.terms import MisstatedTerm, read_term
from ledger.values import Money
from tests.ledger.rulebook.test_rule import rule
from tests.ledger.rulebook.test_rulebook import FILE, SERIES


def stating(**terms: Any) -> Rule:
    """A rule that states these terms."""
    return rule(terms={name: read_term(name, told) for name, told in terms.items()})


@pytest.mark.parametrize(
    ("name", "told", "kept"),
    [
        ("respond_hours", 24, 24),
        ("late_pct", 0, 0),
        ("binding", False, False),
        ("on_miss", "Amazon refunds", "Amazon refunds"),
        ("categories", ["toys", "books"], ("toys", "books")),
        ("return_until", date(2026, 1, 31), "2026-01-31"),
        ("return_until", "2026-01-31", "2026-01-31"),
        ("threshold", {"EUR": "25.00"}, {"EUR": "25.00"}),
    ],
)
def test_a_term_is_kept_as_its_kind(name: str, told: object, kept: object) -> None:
    assert read_term(name, told) == kept


@pytest.mark.parametrize(
    ("name", "told", "says"),
    [
        ("respond_hours", "24", "not a whole number from 0 up"),
        ("respond_hours", -1, "not a whole number"),
        ("respond_hours", 24.0, "not a whole number"),
        ("respond_hours", True, "not a whole number"),
        ("binding", 0, "not true or false"),
        ("on_miss", "  ", "not text in quotes"),
        ("on_miss", ["x"], "not text in quotes"),
        ("categories", "toys", "not a list of texts"),
        ("categories", [], "not a list of texts"),
        ("categories", ["toys", 1], "not a list of texts"),
        ("return_until", "31 January", "not a day without quotes"),
        ("return_until", 2026, "not a day"),
        ("threshold", 25, "not amounts by currency"),
        ("threshold", {}, "not amounts by currency"),
        ("threshold", {"EUR": 25}, "not amounts by currency"),
        ("threshold", {"EUR": "25.001"}, "not amounts by currency"),
        ("threshold", {"ZZZ": "25.00"}, "not amounts by currency"),
        ("reply_hours", 24, "no such term"),
    ],
)
def test_a_term_of_another_kind_is_refused(name: str, told: object, says: str) -> None:
    with pytest.raises(MisstatedTerm, match=says) as refused:
        read_term(name, told)

    assert refused.value.advice.endswith(".")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('respond_hours = "24"', "field 'terms.respond_hours': not a whole number from 0 up"),
        ("reply_hours = 24", "field 'terms.reply_hours': no such term"),
        ("return_until = 1", "field 'terms.return_until': not a day without quotes"),
    ],
)
def test_a_file_with_a_wrong_term_says_where_what_and_how(line: str, says: str) -> None:
    with pytest.raises(UnreadableRulebook) as refused:
        read_series(FILE, f"{SERIES}\n[rules.terms]\n{line}\n".encode())

    told = line.partition("= ")[2].strip('"')
    assert str(refused.value) == f"{FILE}: x.window.US.1, {says} (found '{told}')"
    assert refused.value.advice()


def test_terms_that_are_no_table_are_refused() -> None:
    with pytest.raises(UnreadableRulebook, match="field 'terms'"):
        read_series(FILE, f"{SERIES}\nterms = 3\n".encode())


def test_each_kind_has_its_reader() -> None:
    told = stating(
        respond_hours=24,
        binding=False,
        on_miss="Amazon refunds",
        categories=["toys"],
        return_until=date(2026, 1, 31),
        threshold={"EUR": "25.00"},
    )

    assert told.number("respond_hours") == 24
    assert told.flag("binding") is False
    assert told.text("on_miss") == "Amazon refunds"
    assert told.words("categories") == ("toys",)
    assert told.day("return_until") == date(2026, 1, 31)
    assert told.money("threshold", "EUR") == Money.of("25.00", "EUR")
    assert told.money("threshold", "SEK") is None
    assert told.states("binding")
    assert not told.states("wait_hours")


def test_fields_of_their_own_are_read_by_the_same_readers() -> None:
    told = rule(
        automatic=True,
        settlement_codes=("CLAWBACK",),
        basis="sourcing_cost",
        per_unit_cap=Cap(amount="5000.00", currency="USD"),
    )

    assert told.number("window_end_days") == 20
    assert told.flag("automatic")
    assert told.words("settlement_codes") == ("CLAWBACK",)
    assert told.text("basis") == "sourcing_cost"
    assert told.day("effective_from") == date(2024, 1, 1)
    assert told.money("per_unit_cap", "USD") == Money.of("5000", "USD")
    assert told.money("per_unit_cap", "EUR") is None
    assert told.states("window_end_days")
    assert not told.states("window_end_months")
    assert not told.states("basis_excludes")


@pytest.mark.parametrize(
    ("reader", "name"),
    [
        ("number", "wait_hours"),
        ("number", "binding"),
        ("number", "window_end_months"),
        ("flag", "respond_hours"),
        ("text", "respond_hours"),
        ("words", "wait_hours"),
        ("day", "wait_hours"),
    ],
)
def test_reading_what_a_rule_does_not_state_is_a_mistake_of_ours(reader: str, name: str) -> None:
    with pytest.raises(KeyError, match=rf"x\.window\.US\.1 states no \w+ called {name}"):
        getattr(stating(respond_hours=24, binding=False), reader)(name)


def test_an_amount_that_is_not_stated_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError, match="called cap"):
        rule().money("cap", "EUR")


def test_every_word_is_used_and_explained() -> None:
    used = {name for found in shipped().rules for name in found.terms}

    assert used == set(TERMS)
    for name, term in TERMS.items():
        assert term.meaning, name
        assert bool(term.unit) == (term.kind == "number"), name


def test_a_term_has_no_name_that_a_field_has() -> None:
    """Both are read by name: one name must have one meaning."""
    assert set(TERMS).isdisjoint(Rule.__struct_fields__)


UNITS = {
    "hours": "_hours",
    "days": "_days",
    "calendar days": "_days",
    "business days": "_business_days",
    "months": "_months",
    "years": "_years",
    "per cent": "_pct",
}


def test_a_number_has_its_unit_in_its_name() -> None:
    for name, term in TERMS.items():
        if term.unit in UNITS:
            assert UNITS[term.unit].strip("_") in name, name


def test_what_the_shipped_rules_state_is_of_the_kind_that_the_vocabulary_tells() -> None:
    for found in shipped().rules:
        for name, kept in found.terms.items():
            assert read_term(name, kept) == kept, (found.id, name)
