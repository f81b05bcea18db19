"""Other rules tried on the book: what changes, what it comes to, and that nothing is touched."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from cli.commands import whatif as asking
from ledger.case import Case
from ledger.rulebook import shipped
from ledger.values import Money
from projections import local
from tests.cli.terminal import Said, imported, typed
from tests.story import ORDER, ordered, requested, sold

US = "fba.customer_return.window.US"
SOURCE = 'sources = ["https://example.com/notice"]\nevidence = "A"\nverified = true\n'
SHORTER = f'[[rules]]\nid = "{US}.3"\nwindow_end_days = 75\n{SOURCE}'
DOUBTED = '[[rules]]\nid = "fba.valuation.post_order.ANY.1"\nverified = false\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "other.toml"


def whatif(file: Path, text: str, *options: str) -> dict[str, Any]:
    file.write_text(text, "utf-8")
    said = typed("whatif", "--rules", file, "--format", "json", *options)
    assert (said.code, said.err) == (0, "")
    told: dict[str, Any] = said.json
    return told


def bytes_of(folder: Path) -> dict[str, str]:
    """Every file of the home, but for the log lines of commands."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.parent.name != "log"
    }


# --- what changes -----------------------------------------------------------------------------


def side(row: dict[str, Any]) -> tuple[Any, ...]:
    """What an audit's row says, as far as it is compared."""
    return (
        row["verdict"],
        row["window_opens"],
        row["window_closes"],
        row["amount_open"],
        row["amount_expected"],
    )


def compared(told: dict[str, Any] | None) -> tuple[Any, ...] | None:
    if told is None:
        return None
    return tuple(told[name] for name in ("verdict", "opens", "closes", "amount", "expected"))


@pytest.mark.parametrize("text", [SHORTER, DOUBTED, SHORTER + DOUBTED])
def test_it_says_what_the_audit_says_before_and_would_say_after_adopting(
    demo: Path, file: Path, demo_day: str, text: str
) -> None:
    told = whatif(file, text, "--as-of", demo_day)
    before = {row["finding_id"]: row for row in typed("audit", "--as-of", demo_day).rows}
    assert typed("rules", "adopt", file).code == 0
    after = {row["finding_id"]: row for row in typed("audit", "--as-of", demo_day).rows}
    differing = {
        name: (side(before[name]), side(after[name]))
        for name in before
        if side(before[name]) != side(after[name])
    }

    assert demo.is_dir()
    assert differing
    assert set(before) == set(after)
    assert differing == {
        row["id"]: (compared(row["before"]), compared(row["after"]))
        for row in told["changes"]
        if row["kind"] == "claim"
    }
    assert sums(before.values()) == summed(told, "before")
    assert sums(after.values()) == summed(told, "after")


def sums(rows: Any) -> dict[tuple[str, str | None], tuple[int, str | None]]:
    counts: defaultdict[tuple[str, str | None], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        counts[row["verdict"], row["currency"] if row["amount_open"] else None].append(row)
    return {group: (len(found), total(found, group[1])) for group, found in counts.items()}


def total(rows: list[dict[str, Any]], currency: str | None) -> str | None:
    if currency is None:
        return None
    found = Money(0, currency)
    for row in rows:
        found += Money.of(row["amount_open"], currency)
    return found.text


def summed(told: dict[str, Any], when: str) -> dict[tuple[str, str | None], Any]:
    return {
        (row["verdict"], row["currency"]): (row[f"findings_{when}"], row[f"amount_{when}"])
        for row in told["sums"]
        if row[f"findings_{when}"]
    }


def test_what_differs_is_named(demo: Path, file: Path, demo_day: str) -> None:
    changed = {
        name
        for row in whatif(file, SHORTER + DOUBTED, "--as-of", demo_day)["changes"]
        for name in row["changed"]
    }

    assert demo.is_dir()
    assert {"verdict", "window"} <= changed
    assert changed <= {"verdict", "window", "amount", "appears", "disappears"}


def test_a_rule_below_verified_gives_nothing_that_is_ready(
    demo: Path, file: Path, demo_day: str
) -> None:
    """All rules doubted at once: whatever was ready asks for a review."""
    told = whatif(file, ALL_DOUBTED, "--as-of", demo_day)
    ready = [row for row in told["sums"] if row["verdict"] in ("ready", "underpaid")]

    assert demo.is_dir()
    assert any(row["findings_before"] for row in ready)
    assert not any(row["findings_after"] for row in ready)


CLOCK = "ret.refund_clock.US.2"


def received(folder: Path) -> None:
    """A seller's own return came back on 18 November: the buyer is to be refunded within 4 days."""
    imported(
        folder,
        ordered(ORDER, "2026-11-01", by="Merchant"),
        requested(ORDER, "2026-11-10", delivered="2026-11-18", tracking="1Z"),
    )


def refund_clock(told: dict[str, Any]) -> tuple[list[str], str | None, str | None]:
    (row,) = [
        one
        for one in told["changes"]
        if one["id"] == "refund_clock" and one["after"]["rule_ids"] == [CLOCK]
    ]
    assert ("duty", ORDER) == (row["kind"], row["order_id"])
    return row["changed"], row["before"]["closes"], row["after"]["closes"]


def test_a_deadline_that_changes_is_shown(file: Path, tmp_path: Path) -> None:
    received(tmp_path / "files")
    text = f'[[rules]]\nid = "{CLOCK}"\n{SOURCE}[rules.terms]\ndeadline_days = 9\n'

    assert (["window"], "2026-11-22", "2026-11-27") == refund_clock(
        whatif(file, text, "--as-of", "2026-11-20")
    )


def test_a_deadline_by_a_rule_that_is_not_verified_is_none(file: Path, tmp_path: Path) -> None:
    received(tmp_path / "files")
    doubt = SOURCE.replace("true", "false")
    text = f'[[rules]]\nid = "{CLOCK}"\n{doubt}[rules.terms]\ndeadline_days = 9\n'
    changed, before, after = refund_clock(whatif(file, text, "--as-of", "2026-11-20"))

    assert (["verdict", "window"], "2026-11-22", None) == (changed, before, after)


# --- which cases are asked --------------------------------------------------------------------

ALL_DOUBTED = "".join(f'[[rules]]\nid = "{one.id}"\nverified = false\n' for one in shipped().rules)


def test_orders_that_were_only_sold_are_not_judged(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[str] = []

    def noted(account: str, store: str | None, rules: str, case: Case, *about: Any) -> Any:
        judged.append(case.stream)
        return both(account, store, rules, case, *about)

    both = asking._both
    monkeypatch.setattr(asking, "_both", noted)
    received(tmp_path / "files")
    imported(tmp_path / "more", sold("114-0000009-0000009", "2026-11-02"))
    whatif(file, ALL_DOUBTED, "--as-of", "2026-11-20")

    assert [f"order/{ORDER}"] == [one for one in judged if one.startswith("order/")]


def test_what_the_seller_tells_of_a_sale_alone_gives_rights(file: Path, tmp_path: Path) -> None:
    """An order that he says was delivered, and of which nothing else is told than that it was sold."""
    imported(tmp_path / "files", ordered(ORDER, "2026-11-01", by="Merchant"))
    assert typed("order", "deliver", ORDER, "--at", "2026-11-05").code == 0
    told = whatif(file, ALL_DOUBTED, "--as-of", "2026-11-20")

    assert {("right", ORDER)} == {(row["kind"], row["order_id"]) for row in told["changes"]}


def test_several_processes_answer_as_one_does(
    demo: Path, file: Path, demo_day: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = whatif(file, SHORTER + DOUBTED, "--as-of", demo_day)
    for name in ("POOL_ENTRIES", "SHARE_STREAMS"):
        monkeypatch.setattr(local, name, 5)
    monkeypatch.setattr(local, "cores", lambda: 2)
    several = whatif(file, SHORTER + DOUBTED, "--as-of", demo_day)

    assert demo.is_dir()
    assert alone["changes"]
    assert alone == several


# --- from a day on ----------------------------------------------------------------------------


def windows(told: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (row["before"]["closes"], row["after"]["closes"])
        for row in told["changes"]
        if row["what"] == "return missing"
    }


def test_from_a_day_on_only_what_could_be_filed_since_changes(
    demo: Path, file: Path, demo_day: str
) -> None:
    whole = whatif(file, SHORTER, "--as-of", demo_day)
    since = whatif(file, SHORTER, "--as-of", demo_day, "--from", "2026-11-10")

    assert demo.is_dir()
    assert windows(since)
    assert windows(since) != windows(whole)
    for closed, closes in windows(since):
        assert "2026-11-09" <= closes < closed


def test_from_a_day_after_every_window_nothing_changes(
    demo: Path, file: Path, demo_day: str
) -> None:
    told = whatif(file, SHORTER, "--as-of", demo_day, "--from", "2030-01-01")
    shown = typed("whatif", "--rules", file, "--from", "2030-01-01", "--format", "table").out

    assert demo.is_dir()
    assert [] == told["changes"]
    assert all(row["difference"] in (None, "0.00") for row in told["sums"])
    assert "Every verdict, window and amount stays." in shown
    assert "Nothing was recorded." in shown


def test_the_rules_that_are_other_are_shown(demo: Path, file: Path) -> None:
    rules = whatif(file, SHORTER, "--from", "2026-11-10")["rules"]

    assert demo.is_dir()
    assert [("ended", "2026-11-10", None), ("added", None, "2026-11-10")] == [
        (
            row["change"],
            row["effective_to"],
            None if row["change"] == "ended" else row["effective_from"],
        )
        for row in rules
    ]


# --- one's own beneath ------------------------------------------------------------------------


def test_what_was_adopted_lies_beneath(demo: Path, file: Path, demo_day: str) -> None:
    file.write_text(SHORTER, "utf-8")
    typed("rules", "adopt", file)
    told = whatif(file, DOUBTED, "--as-of", demo_day)
    verdicts = {row["after"]["verdict"] for row in told["changes"]}

    assert demo.is_dir()
    assert {row["id"] for row in told["rules"]} == {f"{US}.3", "fba.valuation.post_order.ANY.1"}
    assert set() == {row["id"] for row in told["changes"] if "window" in row["changed"]} - {
        row["id"] for row in told["changes"] if row["before"]["verdict"] == "ready"
    }
    assert verdicts
    assert [] == whatif(file, SHORTER, "--as-of", demo_day)["changes"]


def test_it_goes_by_the_rules_and_facts_known_at_the_moment(
    demo: Path, file: Path, demo_day: str
) -> None:
    moment = typed("story", "account").rows[-1]["recorded_at"]
    before = whatif(file, SHORTER, "--as-of", demo_day, "--known-at", moment)
    typed("rules", "adopt", file)
    again = whatif(file, SHORTER, "--as-of", demo_day, "--known-at", moment)

    assert demo.is_dir()
    assert before["changes"] == again["changes"] != []
    assert [] == whatif(file, SHORTER, "--as-of", demo_day)["changes"]


# --- nothing is touched -----------------------------------------------------------------------


@pytest.mark.parametrize("options", [(), ("--from", "2026-11-01"), ("--as-of", "2026-11-20")])
def test_nothing_is_recorded_and_no_byte_of_the_store_changes(
    demo: Path, file: Path, options: tuple[str, ...]
) -> None:
    typed("audit")
    entries = typed("account", "list").row["entries"]
    before = bytes_of(demo / "accounts")
    whatif(file, SHORTER, *options)

    assert before
    assert before == bytes_of(demo / "accounts")
    assert entries == typed("account", "list").row["entries"]


# --- asking -----------------------------------------------------------------------------------


def test_it_can_be_narrowed(demo: Path, file: Path, demo_day: str) -> None:
    some = whatif(file, SHORTER, "--as-of", demo_day)["changes"][0]
    told = whatif(file, SHORTER, "--as-of", demo_day, "--order", some["order_id"] or some["stream"])
    elsewhere = whatif(file, SHORTER, "--as-of", demo_day, "--marketplace", "DE")

    assert demo.is_dir()
    assert some in told["changes"]
    assert {some["stream"]} == {row["stream"] for row in told["changes"]}
    assert ([], []) == (elsewhere["changes"], elsewhere["sums"])


def test_every_format_has_the_changes(demo: Path, file: Path, demo_day: str) -> None:
    changes = whatif(file, SHORTER, "--as-of", demo_day)["changes"]

    def asked(form: str) -> Said:
        return typed("whatif", "--rules", file, "--as-of", demo_day, "--format", form)

    assert demo.is_dir()
    assert changes == asked("ndjson").row["changes"]
    assert [row["id"] for row in changes] == [row["id"] for row in asked("csv").cells]
    shown = asked("table").out
    assert all(row["id"] in shown for row in changes)
    assert "→ Work by these rules: `returns-ledger rules adopt" in shown


def test_a_file_that_cannot_be_trusted_is_an_error(demo: Path, file: Path) -> None:
    file.write_text(SHORTER.replace("75", "-1"), "utf-8")
    said = typed("whatif", "--rules", file)

    assert demo.is_dir()
    assert (said.code, said.out) == (1, "")
    assert f"other.toml: {US}.3, field 'window_end_days'" in said.err
    assert typed("whatif").code == 2
