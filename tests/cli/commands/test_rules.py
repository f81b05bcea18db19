"""The rules: listed, searched, explained, corrected, dropped, and as they were known once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.rulebook import EVIDENCE_MEANS, Rulebook, shipped
from tests.cli.terminal import Said, typed

US = "fba.customer_return.window.US"
OWN = f"""\
[[rules]]
id = "{US}.4"
like = "{US}.3"
title = "A refunded return may be claimed from day 60 to day 75"
window_end_days = 75
effective_from = 2026-09-01
sources = ["https://example.com/notice"]
evidence = "A"
verified = true

[[rules]]
id = "fba.valuation.pre_order.US.2"
verified = false
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "my-rules.toml"
    file.write_text(OWN, "utf-8")
    return file


def begun(account: str = "northwind") -> None:
    assert typed("account", "add", account, "--region", "NA").code == 0


def rows(*arguments: str | Path) -> list[dict[str, Any]]:
    said = typed("rules", *arguments)
    assert said.code == 0, said.err
    return said.rows


def ids(*arguments: str | Path) -> list[str]:
    return [row["id"] for row in rows(*arguments)]


# --- list and search --------------------------------------------------------------------------


def test_without_an_account_the_programs_rules_are_listed_with_source_and_evidence() -> None:
    told = rows("list")

    assert [rule.id for rule in shipped().rules] == [row["id"] for row in told]
    for row, rule in zip(told, shipped().rules, strict=True):
        assert tuple(row["sources"]) == rule.sources
        assert (row["evidence"], row["verified"], row["sure"]) == (
            rule.evidence,
            rule.verified,
            rule.sure,
        )
        assert bool(row["why_unsure"]) is not rule.sure


def test_filters_narrow_the_list() -> None:
    rules = shipped().rules

    assert [f"{US}.{number}" for number in (1, 2, 3)] == ids("list", "--family", US)
    assert [rule.id for rule in rules if rule.holds_in("SE")] == ids("list", "--marketplace", "se")
    assert [r.id for r in rules if "FBM" in r.programmes] == ids("list", "--programme", "fbm")
    assert [r.id for r in rules if not r.sure] == ids("list", "--unsure")
    assert [f"{US}.2"] == ids("list", "--family", US, "--on", "2024-10-22")
    assert [f"{US}.3"] == ids("list", "--family", US, "--on", "2024-10-23")


def test_what_never_came_into_force_was_in_force_on_no_day() -> None:
    assert "fba.valuation.pre_order.US.1x" not in ids("list", "--on", "2025-03-15")
    assert "fba.valuation.pre_order.US.1x" in ids("list")


def test_a_beginning_that_other_notices_contradict_is_told() -> None:
    (row,) = (
        row
        for row in typed("rules", "on", "2026-08-12", "dpp.version", "--marketplace", "SE").rows
        if row["id"] == "dpp.version.4"
    )

    assert row["why"] == (
        "it had not begun: it holds from 2026-08-25, though other notices say 2026-08-11"
    )


def test_words_are_found_in_titles_notes_terms_and_meanings() -> None:
    assert ["fba.customer_return.window.CA.1"] == ids("search", "Canadian")
    assert "msg.sla.US.1" in ids("search", "within which the seller answers")
    assert "msg.sla.US.1" in ids("search", "respond_hours", "WEEKENDS")
    assert [] == ids("search", "canadian", "weekends")


@pytest.mark.parametrize("wide", ["80", "120", "200"])
def test_a_table_shows_the_source_and_the_evidence_of_every_rule(
    wide: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", wide)
    shown = typed("rules", "list", "--family", "msg", "--format", "table").out

    assert "A, verified" in shown
    assert "sellercentral.amazon" in "".join(shown.split())
    assert EVIDENCE_MEANS["A"] in " ".join(shown.split())
    assert shown.splitlines()[-1].startswith("→ One of them with its history: `returns-ledger")


# --- show -------------------------------------------------------------------------------------


def test_a_rule_is_shown_with_all_it_states_and_the_history_of_its_series() -> None:
    (row,) = rows("show", "fba.valuation.pre_order.US.2")
    facts = {(fact["fact"], fact["rule_id"][-2:]): fact["day"] for fact in row["history"]}

    assert "the day of the loss or damage" == row["selected_by_means"]
    assert {
        ("never in force", "1x"): "2025-03-10",
        ("in force", ".2"): "2025-03-31",
        ("superseded", ".1"): "2025-03-31",
    }.items() <= facts.items()
    assert row["question"] is None
    assert {"name", "value", "unit", "meaning"} == set(row["stated"][0])


def test_a_series_and_a_family_are_shown_version_by_version() -> None:
    assert [f"{US}.1", f"{US}.2", f"{US}.3"] == ids("show", US)
    assert {f"{US}.1", "fba.customer_return.window.EU.1"} < set(
        ids("show", "fba.customer_return.window")
    )


def test_a_rule_that_is_not_sure_says_why_and_what_to_settle() -> None:
    shown = typed("rules", "show", "fba.customer_return.window.CA.1", "--format", "table").out
    said = " ".join(shown.split())

    assert (
        "Nothing may rest on it: it is assumed from another store's rule, or another year's; it is not verified "
        "(one weak source, or our inference). To settle: Where does Amazon say so of this store?"
    ) in said
    assert "Evidence D: one weak source, or our inference; not verified." in said
    assert "Claims and firm dates may rest on it" not in said


def test_a_rule_that_never_held_is_not_said_to_have_held() -> None:
    shown = typed("rules", "show", "fba.valuation.pre_order.US.1x", "--format", "table").out

    assert "It was announced for 2025-03-10 and never came into force, in US" in shown
    assert "It holds" not in shown


def test_an_unknown_name_is_an_error_that_names_the_nearest() -> None:
    said = typed("rules", "show", "fba.customer_return.windw.US.3")

    assert said.code == 1
    assert f"{US}.3" in said.err


@pytest.mark.parametrize("form", ["table", "json", "ndjson", "csv"])
@pytest.mark.parametrize(
    "question",
    [
        ("list", "--family", US),
        ("search", "canadian"),
        ("show", f"{US}.3"),
        ("on", "2024-10-23", US, "--marketplace", "US"),
    ],
    ids=lambda question: question[0],
)
def test_every_answer_has_every_format(question: tuple[str, ...], form: str) -> None:
    said = typed("rules", *question, "--format", form)

    assert (said.code, said.err) == (0, "")
    assert said.out
    if form == "csv":
        assert said.out.startswith("id,title,effective_from")
    if form == "json":
        assert said.json["schema"] == f"returns-ledger/rules-{question[0]}/1"


# --- on a day ---------------------------------------------------------------------------------


def on(day: str, name: str, marketplace: str) -> dict[str, tuple[bool, str]]:
    told = rows("on", day, name, "--marketplace", marketplace)
    return {row["id"]: (row["holds"], row["why"]) for row in told}


def test_it_says_which_version_holds_and_why_each_other_does_not() -> None:
    found = on("2025-03-15", "fba.valuation.pre_order", "US")

    assert found["fba.valuation.pre_order.US.1"] == (
        True,
        "it began on an unknown day and ends on 2025-03-31",
    )
    assert found["fba.valuation.pre_order.US.1x"] == (
        False,
        "it was announced for 2025-03-10 and never came into force",
    )
    assert found["fba.valuation.pre_order.US.2"][1].startswith(
        "it had not begun: it holds from 2025-03-31"
    )
    assert "not in US" in found["fba.valuation.pre_order.EU.2"][1]


@pytest.mark.parametrize(
    ("day", "version"), [("2024-10-22", "2"), ("2024-10-23", "3"), ("2024-10-24", "3")]
)
def test_the_day_of_the_change_belongs_to_the_new_version(day: str, version: str) -> None:
    found = on(day, US, "US")

    assert [f"{US}.{version}"] == [name for name, (holds, _) in found.items() if holds]
    assert (
        "it had ended: 2024-10-23 is the first day on which it no longer held"
        == (on("2024-10-23", US, "US")[f"{US}.2"][1])
    )


def test_an_overlay_comes_before_what_it_lies_over() -> None:
    found = on("2020-05-15", "safet.window.US", "US")

    assert found["safet.window.US.0covid"][0]
    assert "it lies over what holds otherwise" in found["safet.window.US.0covid"][1]
    assert found["safet.window.US.1"] == (
        False,
        "safet.window.US.0covid lies over it on that day (overlay)",
    )


def test_several_that_hold_stand_in_their_precedence() -> None:
    told = rows("on", "2025-11-15", "ret", "--marketplace", "DE")
    holding = [row for row in told if row["holds"]]
    held = {r.id for r in shipped().holding("ret", "DE", date(2025, 11, 15))}

    assert held == {row["id"] for row in holding}
    assert list(range(1, len(holding) + 1)) == [row["place"] for row in holding]
    ranks = [shipped().rule(row["id"]).rank for row in holding]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) > 1


def test_the_fact_that_picks_the_version_is_named() -> None:
    shown = typed("rules", "on", "2024-10-23", US, "--marketplace", "US", "--format", "table").out

    assert f"{US}.3 holds in US on 2024-10-23\n" in shown
    assert "The version is picked by the day on which the claim is filed.\n" in shown


def test_where_no_version_is_known_it_says_so() -> None:
    said = typed("rules", "on", "2025-01-01", US, "--marketplace", "JP", "--format", "table")

    assert said.code == 0
    assert f"No rule of {US} is known in JP on 2025-01-01" in said.out


def test_a_store_and_a_day_must_be_named() -> None:
    assert typed("rules", "on", "2025-01-01", US).code == 2
    assert typed("rules", "on", "soon", US, "--marketplace", "US").code == 2


# --- the seller's own -------------------------------------------------------------------------


def entries() -> int:
    count: int = typed("account", "list").row["entries"]
    return count


def adopts(file: Path, *options: str) -> Said:
    return typed("rules", "adopt", file, *options)


def test_adopting_records_and_everything_shows_what_is_ones_own(own: Path) -> None:
    begun()
    before = entries()
    said = adopts(own)

    assert (said.code, before + 1) == (0, entries())
    assert "Your own rules are in use in the ledger of northwind." in said.err
    assert [
        ("ended", f"{US}.3"),
        ("added", f"{US}.4"),
        ("corrected", "fba.valuation.pre_order.US.2"),
    ] == [(row["change"], row["id"]) for row in said.rows]
    assert {f"{US}.4", "fba.valuation.pre_order.US.2"} == {
        row["id"] for row in rows("list") if row["own"]
    }
    (shown,) = rows("show", f"{US}.4")
    assert shown["own"]
    assert ["https://example.com/notice"] == shown["sources"]
    assert [True] == [
        row["own"] for row in rows("on", "2026-09-01", US, "--marketplace", "US") if row["holds"]
    ]
    told = typed("rules", "show", f"{US}.4", "--format", "table").out
    assert "Your own: it stands in the file that you adopted." in told
    assert typed("rules", "own").rows == said.rows


def test_adopting_twice_records_once(own: Path) -> None:
    begun()
    adopts(own)
    before = entries()
    said = adopts(own)

    assert before == entries()
    assert "were in use already: nothing was recorded" in said.err


def test_a_trial_records_nothing_and_needs_no_account(own: Path) -> None:
    said = adopts(own, "--dry-run")

    assert (said.code, typed("account", "list").rows) == (0, [])
    assert f"{US}.4" in said.out
    begun()
    before = entries()
    assert adopts(own, "--dry-run").code == 0
    assert (before, []) == (entries(), rows("own"))


def test_adopting_begins_an_account_where_there_is_none(own: Path) -> None:
    said = adopts(own, "--account", "northwind")

    assert said.code == 0
    assert ["northwind"] == [row["account"] for row in typed("account", "list").rows]
    assert [f"{US}.4"] == [row["id"] for row in rows("own") if row["change"] == "added"]


def test_every_account_can_adopt_at_once(own: Path) -> None:
    begun("one")
    begun("two")
    said = adopts(own, "--account", "all")

    assert {"one", "two"} == {row["account"] for row in said.rows}
    assert rows("own", "--account", "two")


def test_a_bad_file_is_refused_whole_with_its_rule_field_value_and_advice(own: Path) -> None:
    begun()
    before = entries()
    own.write_text(OWN.replace("window_end_days = 75", 'window_end_days = "75"'), "utf-8")
    said = adopts(own)

    assert (said.code, said.out, before) == (1, "", entries())
    assert said.err == (
        f"error: my-rules.toml: {US}.4, field 'window_end_days': not a whole number (found '75')\n"
        "→ Write a whole number without quotation marks.\n"
    )


def test_a_file_that_is_not_there_is_a_usage_error() -> None:
    assert adopts(Path("nowhere.toml")).code == 2


def test_what_is_not_sure_in_ones_own_file_is_said(own: Path) -> None:
    shown = adopts(own, "--dry-run", "--format", "table").out

    assert "What rests on fba.valuation.pre_order.US.2 asks for a review: it is not sure." in shown


def test_dropping_goes_back_and_is_recorded(own: Path) -> None:
    begun()
    adopts(own)
    before = entries()
    said = typed("rules", "drop")

    assert (said.code, before + 1, []) == (0, entries(), rows("own"))
    assert f"{US}.4" not in ids("list")
    assert "hold in the ledger of northwind" in said.err
    assert f"{US}.4" in [row["id"] for row in said.rows]
    again = typed("rules", "drop")
    assert "nothing was recorded" in again.err
    assert before + 1 == entries()


def test_the_file_can_be_had_back_byte_for_byte(own: Path, tmp_path: Path) -> None:
    begun()
    adopts(own)
    typed("rules", "own", "--write", tmp_path / "again.toml")

    assert own.read_bytes() == (tmp_path / "again.toml").read_bytes()


def test_where_the_file_cannot_be_written_is_said(own: Path, tmp_path: Path) -> None:
    begun()
    adopts(own)
    for place in (tmp_path, tmp_path / "nowhere" / "again.toml"):
        said = typed("rules", "own", "--write", place)
        assert said.code == 1
        assert f"error: {place}: the rules cannot be written: " in said.err


def test_the_rules_are_those_known_at_the_moment(own: Path) -> None:
    begun()
    moment = typed("story", "account").rows[-1]["recorded_at"]
    adopts(own)

    assert [f"{US}.3"] == ids("list", "--family", US, "--on", "2026-10-01", "--known-at", moment)
    assert [f"{US}.4"] == ids("list", "--family", US, "--on", "2026-10-01")
    assert [] == rows("own", "--known-at", moment)


# --- what follows in the answers --------------------------------------------------------------


def test_an_audit_goes_by_ones_own_rules_from_then_on(demo: Path, own: Path, demo_day: str) -> None:
    def closes(*options: str) -> set[str]:
        told = typed("audit", "--as-of", demo_day, "--claim-type", "return_missing", *options).rows
        return {row["window_closes"] for row in told if row["rule_id"] == f"{US}.4"}

    moment = typed("story", "account").rows[-1]["recorded_at"]
    adopts(own)

    assert demo.is_dir()
    assert closes()
    assert not closes("--known-at", moment)
    verdicts = {
        row["verdict"]
        for row in typed("audit", "--as-of", demo_day, "--claim-type", "fc_lost").rows
        if "fba.valuation.pre_order.US.2" in row["rule_ids"]
    }
    assert not verdicts & {"ready", "underpaid"}


def test_an_explanation_names_a_rule_as_ones_own(demo: Path, own: Path, demo_day: str) -> None:
    adopts(own)
    told = typed("audit", "--as-of", demo_day, "--claim-type", "return_missing").rows
    finding = next(row["finding_id"] for row in told if row["rule_id"] == f"{US}.4")
    shown = typed("explain", finding, "--as-of", demo_day, "--format", "table").out

    assert demo.is_dir()
    assert "to day 75 (your own rule, in force, since 2026-09-01; evidence A" in " ".join(
        shown.split()
    )


def test_where_own_rules_do_not_fit_a_newer_programs_the_audit_says_so(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program is given rules in which the corrected one is no more."""
    begun()
    adopts(own)
    before = entries()
    newer = Rulebook(rule for rule in shipped().rules if rule.id != "fba.valuation.pre_order.US.2")
    with monkeypatch.context() as patched:
        patched.setattr("ledger.rulebook.shipped", lambda: newer)
        said = typed("audit")

    assert said.code == 0
    assert "the program brings new rules that your own do not fit" in said.err
    assert "what you adopted last still holds" in said.err
    assert "`returns-ledger rules drop`" in said.err
    assert f"{US}.4" in ids("list")
    assert before == entries()
