"""The rulebook: what it refuses, what it answers, how it is kept."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import LedgerError, UnknownThing
from ledger.rulebook import Rulebook, UnreadableRulebook, load, read_series, shipped
from tests.ledger.rulebook.test_rule import rule

FILE = "x.window.US.toml"

SERIES = """\
series = "x.window.US"

[[rules]]
id = "x.window.US.1"
title = "A window"
marketplaces = ["US"]
programmes = ["FBA"]
claim_types = ["customer_return"]
effective_from = 2024-01-01
effective_to = 2025-01-01
announced_on = "2023-11"
status = "superseded"
version_selected_by = "claim_submitted_at"
clock_from = "customer_refund_or_replacement_date"
window_start_days = 10
window_end_days = 20
per_unit_cap = { amount = "5000.00", currency = "USD" }
sources = ["https://example.com/"]
evidence = "A"
verified = true
first_hand = true
"""


def written(folder: Path, text: str, file: str = FILE) -> Path:
    (folder / file).write_text(text, "utf-8")
    return folder


# --- reading --------------------------------------------------------------------------------------


def test_a_folder_of_series_files_is_a_rulebook(tmp_path: Path) -> None:
    book = load(written(tmp_path, SERIES))

    assert [found.id for found in book.rules] == ["x.window.US.1"]
    assert book.rule("x.window.US.1").series == "x.window.US"
    assert book.families == ("x.window",)


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    assert load(written(tmp_path, "# Notes", "README.md")).rules == ()


def line(field: str) -> str:
    return next(found for found in SERIES.splitlines() if found.startswith(f"{field} ="))


BROKEN: tuple[tuple[str, str, str], ...] = (
    ("effective_to", "effective_to = 2023-12-31", "field 'effective_to': not after effective_from"),
    ("effective_to", "effective_to = 2024-01-01", "field 'effective_to': not after effective_from"),
    ("effective_to", 'effective_to = "soon"', "field 'effective_to'"),
    ("effective_to", "", "field 'effective_to': a superseded rule needs its end"),
    ("announced_on", 'announced_on = "autumn"', "field 'announced_on': neither a month nor a day"),
    ("announced_on", 'announced_on = "2023-13"', "field 'announced_on'"),
    ("title", "", "field 'title': Object missing required field"),
    ("title", "title = 1", "field 'title'"),
    ("title", 'colour = "red"', "field 'colour': Object contains unknown field"),
    ("title", 'series = "x.window.US"', "field 'series': told once"),
    ("id", 'id = "y.window.US.1"', "field 'id': not the series and a version"),
    ("id", 'id = "x.window.US"', "field 'id': not the series and a version"),
    ("id", 'id = "x.window.US."', "field 'id': not the series and a version"),
    ("id", 'id = "x.window.US.1.2"', "field 'id': not the series and a version"),
    ("id", "", "a rule without an id, field 'id'"),
    ("marketplaces", 'marketplaces = ["XX"]', "field 'marketplaces': no store is called XX"),
    ("marketplaces", "marketplaces = []", "field 'marketplaces': holds in no store"),
    ("status", 'status = "maybe"', "field 'status'"),
    ("version_selected_by", 'version_selected_by = "mood"', "field 'version_selected_by'"),
    ("clock_from", 'clock_from = "birthday"', "field 'clock_from'"),
    ("clock_from", "", "field 'clock_from': missing"),
    ("window_start_days", "", "field 'window_start_days': missing"),
    ("window_start_days", "window_start_days = -1", "field 'window_start_days': less than nothing"),
    ("window_start_days", "window_start_days = 21", "field 'window_end_days': before window_start"),
    ("window_end_days", "hard_stop_months = 18", "field 'hard_stop_from': missing"),
    (
        "window_end_days",
        'hard_stop_from = "removed_from_network_date"',
        "field 'hard_stop_months': missing",
    ),
    ("per_unit_cap", 'per_unit_cap = { amount = "0.001", currency = "USD" }', "'per_unit_cap'"),
    ("per_unit_cap", 'per_unit_cap = { amount = "5", currency = "ZZZ" }', "'per_unit_cap'"),
    ("per_unit_cap", "per_unit_cap = { amount = 5 }", "field 'per_unit_cap.amount'"),
    ("sources", 'sources = ["somebody said so"]', "field 'sources': not a web address"),
    ("evidence", 'evidence = "Z"', "field 'evidence'"),
    ("evidence", 'evidence = "C"', "field 'verified': evidence C does not verify it"),
    ("sources", 'sources = ["https://a.example and more"]', "field 'sources': not a web address"),
    ("title", 'precedence = "first"', "field 'precedence'"),
    ("title", 'announced_for = "later"', "field 'announced_for'"),
    ("title", 'lost_clock_from = "birthday"', "field 'lost_clock_from'"),
    ("series", 'series = "y.window.US"', "field 'series': not the name of the file"),
    ("series", "", "field 'series'"),
    ("series", "series = ", "not TOML"),
    ("series", 'series = "x.window.US"\nregion = "NA"', "field 'region'"),
)


@pytest.mark.parametrize(("field", "instead", "says"), BROKEN)
def test_a_broken_file_says_which_field_and_what_to_do(
    tmp_path: Path, field: str, instead: str, says: str
) -> None:
    folder = written(tmp_path, SERIES.replace(line(field), instead))

    with pytest.raises(LedgerError) as refused:
        load(folder)

    assert says in str(refused.value)
    assert refused.value.file == FILE
    assert refused.value.advice().endswith(".")


def test_a_refusal_reads_as_where_what_and_what_was_found(tmp_path: Path) -> None:
    folder = written(tmp_path, SERIES.replace("2025-01-01", "2023-12-31"))

    with pytest.raises(UnreadableRulebook) as refused:
        load(folder)

    assert str(refused.value) == (
        "x.window.US.toml: x.window.US.1, field 'effective_to': "
        "not after effective_from (2024-01-01) (found '2023-12-31')"
    )


def test_a_file_in_another_encoding_is_refused() -> None:
    with pytest.raises(UnreadableRulebook, match="not UTF-8"):
        read_series(FILE, SERIES.replace("A window", "Über").encode("cp1252"))


# --- versions beside one another ------------------------------------------------------------------


def test_versions_that_overlap_are_refused() -> None:
    earlier = rule(effective_to=date(2025, 1, 2))
    later = rule(id="x.window.US.2", effective_from=date(2025, 1, 1))

    with pytest.raises(
        UnreadableRulebook, match=r"US\.2, field 'effective_from': overlaps x\.window\.US\.1"
    ):
        Rulebook([later, earlier])


@pytest.mark.parametrize("start", [None, date(2026, 1, 1)])
def test_a_version_without_an_end_leaves_no_room_for_another(start: date | None) -> None:
    with pytest.raises(UnreadableRulebook, match="overlaps"):
        Rulebook([rule(), rule(id="x.window.US.2", effective_from=start)])


def test_two_series_of_one_family_may_not_both_hold_in_a_store() -> None:
    region: dict[str, Any] = {"series": "x.window.EU", "id": "x.window.EU.1"}

    with pytest.raises(UnreadableRulebook, match="overlaps"):
        Rulebook([rule(), rule(**region, marketplaces=("DE", "US"))])
    assert Rulebook([rule(), rule(**region, marketplaces=("DE",))]).rules


def test_a_version_that_never_came_into_force_overlaps_nothing() -> None:
    never = rule(id="x.window.US.1x", status="never_in_force", effective_from=date(2024, 6, 1))
    book = Rulebook([rule(), never])

    on = date(2024, 7, 1)
    assert book.in_force("x.window", "US", on) == rule()
    assert book.postponed("x.window", "US", on) == never
    assert book.postponed("x.window", "US", date(2024, 5, 31)) is None
    assert Rulebook([never]).in_force("x.window", "US", on) is None


def test_a_version_that_never_came_into_force_has_the_day_announced_for_it() -> None:
    with pytest.raises(UnreadableRulebook, match="field 'effective_from': an announced rule"):
        Rulebook([rule(status="never_in_force", effective_from=None)])


def test_an_overlay_lies_over_the_version_that_holds_otherwise() -> None:
    overlay = rule(
        id="x.window.US.0may",
        precedence="overlay",
        effective_from=date(2024, 5, 1),
        effective_to=date(2024, 6, 1),
    )
    book = Rulebook([rule(), overlay])

    days = (date(2024, 4, 30), date(2024, 5, 1), date(2024, 5, 31), date(2024, 6, 1))
    assert [book.in_force("x.window", "US", on) for on in days] == [
        rule(),
        overlay,
        overlay,
        rule(),
    ]
    assert book.holding("x", "US", date(2024, 5, 1)) == (overlay, rule())


def test_two_overlays_may_not_overlap() -> None:
    overlay = rule(id="x.window.US.0a", precedence="overlay")

    with pytest.raises(UnreadableRulebook, match=r"US\.0b, field 'effective_from': overlaps"):
        Rulebook([rule(), overlay, rule(id="x.window.US.0b", precedence="overlay")])


def test_a_version_replaced_on_an_unknown_day_gives_way_to_any_other() -> None:
    """It is known to be replaced: it can overlap, and it is named only where nothing else holds."""
    old = rule(status="superseded_date_unknown")
    new = rule(id="x.window.US.2", effective_from=date(2025, 1, 1))
    book = Rulebook([new, old])

    before, after = date(2024, 7, 1), date(2025, 1, 1)
    assert (book.in_force("x.window", "US", before), book.holding("x", "US", before)) == (
        old,
        (old,),
    )
    assert (book.in_force("x.window", "US", after), book.holding("x", "US", after)) == (
        new,
        (new,),
    )
    assert book.history("x.window.US") == (old, new)


def test_a_rule_for_all_stores_holds_in_each() -> None:
    everywhere = rule(marketplaces=("ALL",))
    book = Rulebook([everywhere])

    on = date(2024, 7, 1)
    for store in ("US", "SE", "ALL"):
        assert everywhere.holds_in(store)
        assert book.in_force("x.window", store, on) == everywhere
        assert book.holding("x.window", store, on) == (everywhere,)
    assert not rule().holds_in("SE")
    with pytest.raises(UnreadableRulebook, match="overlaps"):
        Rulebook([everywhere, rule(series="x.window.DE", id="x.window.DE.1", marketplaces=("DE",))])


def test_holding_asks_below_a_name_and_not_beside_it() -> None:
    beside = rule(series="x.windows.US", id="x.windows.US.1")
    book = Rulebook([rule(), beside])

    on = date(2024, 7, 1)
    assert book.holding("x.window", "US", on) == (rule(),)
    assert book.holding("x.window.US", "US", on) == (rule(),)
    assert book.holding("x", "US", on) == (rule(), beside)
    assert book.holding("x.win", "US", on) == ()
    assert book.holding("x", "DE", on) == ()
    assert book.holding("x", "US", date(2023, 12, 31)) == ()


def test_holding_leaves_out_what_never_came_into_force() -> None:
    never = rule(id="x.window.US.1x", status="never_in_force")

    assert Rulebook([never]).holding("x", "US", date(2024, 7, 1)) == ()
    assert Rulebook([never]).history("x.window.US") == (never,)


def test_one_day_has_rules_of_every_precedence_in_their_order() -> None:
    found = shipped().holding("ret", "DE", date(2025, 11, 10))

    windows = [r.id for r in found if "return_window" in r.claim_types]
    assert windows == [
        "ret.holiday.2025.DE-IT.14day_categories",
        "ret.holiday.2025.EU.default",
        "ret.window.DEIT_electronics.1",
        "ret.window.DEIT_more.1",
        "ret.window.EU.1",
    ]
    assert [found.rank for found in found] == sorted(found.rank for found in found)


def test_a_rule_whose_start_was_moved_is_postponed_until_it_starts() -> None:
    moved = rule(announced_for=date(2023, 11, 1))
    book = Rulebook([moved])

    days = (date(2023, 10, 31), date(2023, 11, 1), date(2023, 12, 31), date(2024, 1, 1))
    told = [book.postponed("x.window", "US", on) for on in days]
    assert told == [None, moved, moved, None]


def test_versions_picked_by_different_facts_are_refused() -> None:
    later = rule(
        id="x.window.US.2", effective_from=date(2025, 1, 1), version_selected_by="loss_event_date"
    )

    with pytest.raises(UnreadableRulebook, match="field 'version_selected_by'"):
        Rulebook([rule(effective_to=date(2025, 1, 1)), later])


def test_an_id_is_used_once() -> None:
    with pytest.raises(UnreadableRulebook, match="field 'id': used twice"):
        Rulebook([rule(), rule(title="Another")])


# --- asking ---------------------------------------------------------------------------------------


def test_a_rule_nobody_knows_is_an_error_that_names_it() -> None:
    with pytest.raises(UnknownThing, match=r"no such rule \(found 'fba\.nothing\.US\.1'\)"):
        shipped().rule("fba.nothing.US.1")


def test_versions_come_earliest_first() -> None:
    ids = [found.id[-4:] for found in shipped().versions("fba.customer_return.window", "US")]

    assert ids == ["US.1", "US.2", "US.3"]


# --- keeping --------------------------------------------------------------------------------------


@given(st.randoms(use_true_random=False))
def test_the_digest_does_not_depend_on_the_order_of_the_rules(shuffling: random.Random) -> None:
    rules = list(shipped().rules)
    shuffling.shuffle(rules)

    assert Rulebook(rules).digest == shipped().digest


def test_the_digest_does_not_depend_on_the_order_of_the_fields(tmp_path: Path) -> None:
    head, _, body = SERIES.partition("[[rules]]\n")
    turned = "\n".join([head, "[[rules]]", *reversed(body.splitlines())])

    digests = [Rulebook(read_series(FILE, text.encode())).digest for text in (SERIES, turned)]
    assert digests[0] == digests[1]


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Another"},
        {"window_end_days": 21},
        {"verified": False},
        {"effective_to": date(2030, 1, 1)},
    ],
)
def test_any_change_changes_the_digest(changed: dict[str, Any]) -> None:
    assert Rulebook([rule(**changed)]) != Rulebook([rule()])


def test_a_kept_rulebook_comes_back_as_it_was() -> None:
    again = Rulebook.from_json(shipped().to_json())

    assert again.rules == shipped().rules
    assert (again.digest, again.to_json()) == (shipped().digest, shipped().to_json())
    assert (again == shipped(), hash(again) == hash(shipped())) == (True, True)
    assert again != "a rulebook"
    assert repr(again) == f"Rulebook({len(again.rules)} rules, {again.digest[:12]})"


def test_a_rulebook_kept_before_rules_had_terms_comes_back_as_it_was() -> None:
    """Its digest is its name in the log: a field that is new must not show where it is not told."""
    kept = (Path(__file__).parent / "kept-before-terms.json").read_bytes()
    book = Rulebook.from_json(kept)

    assert book.to_json() == kept
    assert book.digest == "e501de79922b18aaa372028ab3c5c32ccda1bdcda2ce8ab78057ba1d3ca541cd"
    assert [found.terms for found in book.rules] == [{}] * 5
    assert {found.precedence for found in book.rules} == {"store"}


def test_a_kept_rulebook_with_words_of_another_day_can_still_be_read() -> None:
    """The vocabulary is checked where a file is read, not where a kept rulebook is."""
    book = Rulebook([rule(terms={"a_word_of_old": 3})])

    assert Rulebook.from_json(book.to_json()).rules[0].number("a_word_of_old") == 3


@pytest.mark.parametrize(
    "kept", [b"", b"{}", b"[]", b"\xff", b'{"rules": [{}]}', shipped().to_json()[:-1]]
)
def test_a_damaged_kept_rulebook_is_refused(kept: bytes) -> None:
    with pytest.raises(UnreadableRulebook, match="not a kept rulebook"):
        Rulebook.from_json(kept)
