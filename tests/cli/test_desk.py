"""The desk: what is recorded, once, by whom and when; what follows from it; what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.terminal import Said, environment, imported, typed
from tests.story import ORDER as SOLD
from tests.story import sold

ORDER = "302-1234567-1234567"
FIELDS = [
    "account",
    "command",
    "id",
    "state",
    "position",
    "stream",
    "event",
    "occurred_at",
    "recorded_at",
    "actor",
    "summary",
    "name",
    "cautions",
    "due",
]


def told(order: str = ORDER, *options: str, sku: str = "MUG", price: str = "49.90 EUR") -> Said:
    """An order that the seller tells of, placed early in November."""
    fixed = ("--sku", sku, "--price", price, "--marketplace", "DE", "--at", "2026-11-02")
    said = typed("order", "tell", order, *fixed, *options)
    assert said.code == 0, said.err
    return said


def events(order: str = ORDER) -> list[str]:
    return [row["event"] for row in typed("story", order).rows]


# --- what is recorded -------------------------------------------------------------------------


def test_a_row_says_what_was_recorded_and_where() -> None:
    row = told().row

    assert list(row) == FIELDS
    assert row["account"] == "default"
    assert row["command"] == "order tell"
    assert (row["state"], row["event"]) == ("recorded", "OrderTold")
    assert (row["stream"], row["position"]) == (f"order/{ORDER}", 3)
    assert (row["occurred_at"], row["actor"]) == ("2026-11-02", "seller")
    assert row["recorded_at"].startswith("2026-11-20T12:00:00")
    assert "1 unit of MUG for 49.90 EUR in DE" in row["summary"]
    assert row["summary"] == typed("story", ORDER).row["summary"]


def test_what_is_not_dated_happened_now() -> None:
    told()

    assert typed("order", "deliver", ORDER).row["occurred_at"] == "2026-11-20T12:00:00Z"


@pytest.mark.parametrize(
    ("typed_at", "kept"),
    [
        ("2026-11-05", "2026-11-05"),
        ("2026-11-05T09:30:00Z", "2026-11-05T09:30:00Z"),
        ("2026-11-05T09:30:00+02:00", "2026-11-05T07:30:00Z"),
    ],
)
def test_a_day_stays_a_day_and_a_moment_is_kept_in_utc(typed_at: str, kept: str) -> None:
    told()

    assert typed("order", "deliver", ORDER, "--at", typed_at).row["occurred_at"] == kept


@pytest.mark.parametrize("typed_at", ["yesterday", "2026-11-05T09:30:00", "2026-13-01", ""])
def test_a_moment_without_sense_or_zone_is_a_usage_error(typed_at: str) -> None:
    assert typed("order", "deliver", ORDER, "--at", typed_at).code == 2


def test_who_records_is_named_or_set() -> None:
    told()
    with environment(RETURNS_LEDGER_ACTOR="service"):
        assert typed("order", "deliver", ORDER).row["actor"] == "service"
        named = typed("note", ORDER, "the box was open", "--actor", "warehouse").row

    assert named["actor"] == "warehouse"


def test_the_first_order_begins_the_account() -> None:
    said = told(ORDER, "--account", "northwind")

    assert said.row["account"] == "northwind"
    assert [row["event"] for row in typed("story", "account").rows] == [
        "AccountOpened",
        "RulebookAdopted",
    ]


def test_no_account_is_begun_for_what_is_refused() -> None:
    said = typed(
        *("order", "tell", ORDER, "--sku", "MUG", "--price", "49.90 EUR", "--marketplace", "DE"),
        *("--at", "2027-01-01"),
    )

    assert said.code == 1
    assert typed("account", "list").rows == []


def test_another_account_than_one_there_is_is_refused() -> None:
    told()

    assert typed("order", "deliver", ORDER, "--account", "elsewhere").code == 1


# --- once -------------------------------------------------------------------------------------


def test_a_command_sent_twice_under_one_id_is_recorded_once() -> None:
    told()
    first = typed("order", "deliver", ORDER, "--id", "d-1").row
    later = datetime(2026, 11, 21, tzinfo=UTC)
    second = typed("order", "deliver", ORDER, "--id", "d-1", clock=lambda: later).row

    assert (first["state"], second["state"]) == ("recorded", "repeated")
    assert first["position"] == second["position"]
    assert first["occurred_at"] == second["occurred_at"]
    assert events() == ["OrderTold", "OrderDelivered"]


def test_another_deed_under_a_used_id_is_refused() -> None:
    told()
    typed("order", "deliver", ORDER, "--id", "d-1")
    said = typed("order", "deliver", ORDER, "--proof", "gps", "--id", "d-1")

    assert said.code == 1
    assert "says something else" in said.err
    assert events() == ["OrderTold", "OrderDelivered"]


def test_without_an_id_each_command_has_its_own() -> None:
    told()
    ids = {typed("note", ORDER, "the box was open").row["id"] for _ in range(2)}

    assert len(ids) == 2
    assert events() == ["OrderTold", "NoteAdded", "NoteAdded"]


# --- a try ------------------------------------------------------------------------------------


def test_a_try_says_what_would_be_and_changes_nothing(tmp_path: Path) -> None:
    told()
    picture = tmp_path / "scratch.jpg"
    picture.write_bytes(b"a picture")
    typed("return", "receive", ORDER)
    before = events()
    rows = typed(
        *("return", "grade", ORDER, "--condition", "used", "--evidence", picture, "--dry-run")
    ).rows

    assert [row["event"] for row in rows] == ["EvidenceAttached", "UnitGraded"]
    assert {row["state"] for row in rows} == {"rehearsed"}
    assert {row["position"] for row in rows} == {row["recorded_at"] for row in rows} == {None}
    assert events() == before
    assert typed("evidence", "list", ORDER).rows == []


def test_a_try_begins_no_account() -> None:
    said = typed(
        *("order", "tell", ORDER, "--sku", "MUG", "--price", "49.90 EUR", "--marketplace", "DE"),
        "--dry-run",
    )

    assert said.row["state"] == "rehearsed"
    assert typed("account", "list").rows == []


def test_a_try_is_refused_as_the_command_would_be() -> None:
    told()

    tried = typed("return", "receive", ORDER, "--quantity", "2", "--dry-run")
    done = typed("return", "receive", ORDER, "--quantity", "2")

    assert (tried.code, done.code) == (1, 1)
    assert tried.err == done.err


# --- what goes without saying -----------------------------------------------------------------


def test_the_only_sku_need_not_be_named() -> None:
    told()

    assert "1 unit of MUG" in typed("return", "request", ORDER).row["summary"]


def test_of_several_skus_one_must_be_named() -> None:
    told()
    told(sku="CUP")
    said = typed("return", "request", ORDER)

    assert said.code == 1
    assert "the order has several SKUs" in said.err
    assert "→ Say which one with --sku: MUG, CUP." in said.err
    assert typed("return", "request", ORDER, "--sku", "CUP").code == 0


def test_the_sku_of_an_order_that_a_report_tells_is_known(tmp_path: Path) -> None:
    imported(tmp_path / "files", sold(SOLD, "2026-11-01"))

    assert "of SKU-1" in typed("return", "request", SOLD, "--at", "2026-11-10").row["summary"]


def test_an_order_that_nobody_knows_is_refused_with_the_way_out() -> None:
    told()
    said = typed("return", "receive", "302-9999999-9999999")

    assert said.code == 1
    assert "nothing is known of this order" in said.err
    assert "`returns-ledger order tell 302-9999999-9999999" in said.err


def test_what_is_no_order_id_is_refused() -> None:
    told()

    assert "this is no order id (found '302')" in typed("order", "deliver", "302").err


@pytest.mark.parametrize(
    ("amount", "said"),
    [("10", "10.00 EUR"), ("10.5 EUR", "10.50 EUR"), ("10.50 eur", "10.50 EUR")],
)
def test_an_amount_without_a_currency_is_in_that_of_the_order(amount: str, said: str) -> None:
    told()
    typed("return", "receive", ORDER)
    row = typed(
        "refund", "give", ORDER, "--by", "seller", "--trigger", "manual", "--amount", amount
    ).row

    assert said in row["summary"]


@pytest.mark.parametrize("amount", ["ten", "-1", "10 QQQ", "10,50", "", "10.505 EUR", "EUR 10"])
def test_what_is_no_amount_is_a_usage_error(amount: str) -> None:
    told()
    give = ("refund", "give", ORDER, "--by", "seller", "--trigger", "manual")

    assert typed(*give, f"--amount={amount}").code == 2


def test_a_currency_without_so_many_decimals_is_refused() -> None:
    told()
    give = ("refund", "give", ORDER, "--by", "seller", "--trigger", "manual")
    said = typed(*give, "--amount", "10.505")

    assert said.code == 1
    assert "EUR has fewer decimals than that" in said.err


def test_an_amount_of_nothing_in_particular_needs_its_currency() -> None:
    said = typed("product", "cost", "MUG", "3.20")

    assert said.code == 1
    assert "→ Write the currency behind the amount: '3.20 EUR'." in said.err


# --- what is due next -------------------------------------------------------------------------


def test_a_command_says_what_is_due_next_until_when_and_by_which_rule() -> None:
    typed(
        *("order", "tell", ORDER, "--sku", "MUG", "--price", "24.99 USD", "--marketplace", "US"),
        *("--at", "2026-11-02"),
    )
    (due,) = typed("return", "request", ORDER, "--out-of-policy").row["due"]

    assert due["what"] == "answer the return request"
    assert due["due_at"] == "2026-11-21T12:00:00Z"
    assert due["rule_ids"] == ["ret.authorization.US.1"]
    assert typed("return", "authorize", ORDER).row["due"] == []


def test_what_is_not_certain_has_a_question_and_no_day() -> None:
    told()
    due = typed("message", "received", ORDER).row["due"]

    assert [one["due_at"] for one in due if one["state"] == "review"] != []
    assert all(one["due_at"] is None and one["question"] for one in due if one["state"] == "review")


def test_a_table_says_it_all_in_words(tmp_path: Path) -> None:
    told()
    shown = typed("return", "request", ORDER, "--format", "table").out

    assert shown.startswith("Recorded\n")
    assert "The buyer asked to return 1 unit of MUG" in shown
    assert "\nDue next\n" in shown
    assert shown.endswith(f"→ Everything recorded of it: `returns-ledger story {ORDER}`.\n")


def test_a_refund_is_named_and_the_way_to_its_remedy_is_shown() -> None:
    told()
    typed("return", "receive", ORDER)
    give = (
        "refund",
        "give",
        ORDER,
        "--by",
        "amazon",
        "--trigger",
        "first_scan",
        "--amount",
        "49.90",
    )
    rehearsed = typed(*give, "--dry-run").row
    said = typed(*give, "--format", "table").out

    assert rehearsed["name"] is None, "the name is the entry's, which has no place yet"
    assert " R-" in said
    assert f"`returns-ledger remedy {ORDER}`" in said


def test_json_names_the_schema_and_csv_the_fields() -> None:
    told()

    answered = typed("order", "deliver", ORDER, "--format", "json").json
    assert answered["schema"] == "returns-ledger/order/1"
    assert [row["event"] for row in answered["rows"]] == ["OrderDelivered"]
    assert list(typed("note", ORDER, "the box was open", "--format", "csv").cells[0]) == FIELDS


# --- what is refused --------------------------------------------------------------------------


def test_a_refusal_names_what_decides_and_nothing_is_recorded() -> None:
    told()
    said = typed("return", "receive", ORDER, "--quantity", "2")

    assert said.code == 1
    assert "(entry 3)" in said.err
    assert "→ " in said.err
    assert events() == ["OrderTold"]


def test_a_refund_is_told_whole_or_in_parts_and_not_both() -> None:
    told()
    give = ("refund", "give", ORDER, "--by", "seller", "--trigger", "manual")

    assert typed(*give).code == 2
    assert typed(*give, "--amount", "10", "--part", "item=10").code == 2
    assert typed(*give, "--part", "item=10", "--part", "item=5").code == 2
    assert typed(*give, "--part", "item=10", "--part", "shipping=1 USD").code == 2
    assert typed(*give, "--part", "postage=1").code == 2
    assert typed(*give, "--part", "10").code == 2
    assert events() == ["OrderTold"]


def test_the_same_refund_again_is_recorded_only_where_it_is_meant() -> None:
    told()
    give = ("refund", "give", ORDER, "--by", "seller", "--trigger", "manual", "--amount", "10")
    typed(*give)

    assert typed(*give).code == 1
    assert typed(*give, "--again").code == 0


@pytest.mark.parametrize("command", ["threat", "abuse"])
def test_a_buyers_words_are_taken_with_the_message_only(command: str) -> None:
    told()
    said = typed("message", command, ORDER, "--text", "I am not happy at all")

    assert said.code == 2
    assert "a buyer's words are not taken here" in said.err
    assert "message received ORDER --text" in said.err
    assert "not happy" not in said.err


def test_terms_that_say_nothing_are_a_usage_error() -> None:
    assert typed("terms", "returns", "--marketplace", "DE").code == 2


# --- messages and claims ----------------------------------------------------------------------


def test_the_only_message_that_waits_is_the_one_answered() -> None:
    told()
    typed("message", "received", ORDER, "--message", "one")
    typed("message", "received", ORDER, "--message", "quiet", "--no-answer-needed")
    assert typed("message", "answered", ORDER, "--automatic").row["name"] == "one"
    assert typed("message", "answered", ORDER).row["name"] == "one"
    assert "no message waits" in typed("message", "answered", ORDER).err

    typed("message", "received", ORDER, "--message", "two")
    typed("message", "received", ORDER, "--message", "three")
    assert "--message: two, three" in typed("message", "answered", ORDER).err


def test_a_message_may_be_about_no_order() -> None:
    told()
    row = typed("message", "received", "--topic", "question").row

    assert row["stream"] == "account"
    assert typed("message", "answered").row["name"] == row["name"]


def test_a_name_that_is_made_is_the_same_whenever_the_command_is_sent() -> None:
    told()
    first = typed("message", "received", ORDER, "--id", "one").row
    again = typed("message", "received", ORDER, "--id", "one").row

    assert again["state"] == "repeated"
    assert first["name"] == again["name"]
    assert first["name"].startswith("M-")


def refunded_by_amazon() -> None:
    told()
    give = (
        "refund",
        "give",
        ORDER,
        "--by",
        "amazon",
        "--trigger",
        "first_scan",
        "--amount",
        "49.90",
    )
    assert typed(*give).code == 0


def test_a_claim_is_one_from_draft_to_payment() -> None:
    refunded_by_amazon()
    drafted = typed("claim", "draft", ORDER, "--door", "safe_t", "--amount", "49.90").row
    filed = typed("claim", "file", ORDER, "--door", "safe_t", "--amount", "49.90").row

    assert drafted["name"].startswith("C-")
    assert filed["name"] == drafted["name"]
    assert "(SAFE-T)" in filed["summary"]
    for step in (
        ("asked",),
        ("answer",),
        ("decide", "--outcome", "granted", "--amount", "49.90"),
        ("paid", "--amount", "49.90"),
    ):
        said = typed("claim", step[0], ORDER, *step[1:])
        assert said.code == 0, said.err
        assert said.row["name"] == filed["name"]


def test_a_claim_is_named_where_there_are_several_or_none() -> None:
    refunded_by_amazon()
    assert "there is no claim about it" in typed("claim", "asked", ORDER).err

    typed("claim", "file", ORDER, "one", "--door", "safe_t")
    typed("claim", "file", ORDER, "two", "--door", "a_to_z")
    assert "Say which one: one, two." in typed("claim", "asked", ORDER).err


def test_an_a_to_z_claim_is_the_buyers() -> None:
    told()

    assert typed("claim", "file", ORDER, "--door", "a_to_z").row["summary"].startswith("The buyer")


def test_a_claim_says_what_is_claimed() -> None:
    told()
    said = typed("claim", "file", ORDER)

    assert said.code == 2
    assert "--finding" in said.err
    assert typed("claim", "file", ORDER, "--type", "nonsense").code == 2
    assert typed("claim", "file", ORDER, "--finding", "F-NONSENSE").code == 1


def test_a_claim_takes_over_what_its_finding_says(demo: Path, demo_day: str) -> None:
    found = typed("audit", "--verdict", "ready", "--as-of", demo_day).rows
    finding = next(row for row in found if row["order_id"])
    file = (
        *("claim", "file", finding["order_id"], "--finding", finding["finding_id"]),
        *("--at", demo_day, "--id", "c-1"),
    )
    first = typed(*file).row
    again = typed(*file).row

    assert again["state"] == "repeated"
    assert first["name"] == again["name"]
    assert f"{finding['amount_open']} {finding['currency']}" in first["summary"]
    assert f"({finding['claim_type'].replace('_', ' ')}, FBA)" in first["summary"]


def test_what_was_wrong_is_taken_back_and_stays() -> None:
    told()
    wrong = typed("order", "deliver", ORDER, "--at", "2026-11-05").row["position"]
    assert typed("correct", ORDER, str(wrong), "--why", "another order").code == 0

    assert events() == ["OrderTold", "OrderDelivered", "EntryCorrected"]
    assert typed("correct", "account", "1", "--why", "x").code == 1


# --- nothing personal -------------------------------------------------------------------------

PERSONAL = "call Mr. Smith at +1 202 555 0143"


def test_what_is_personal_is_refused_or_blotted_out() -> None:
    told()
    refused = typed("note", ORDER, PERSONAL)
    kept = typed("note", ORDER, PERSONAL, "--redact").row

    assert refused.code == 1
    assert "Smith" not in refused.err
    assert kept["summary"] == "Note: call Mr. [redacted] at [redacted]"
    assert kept["cautions"] == ["what is most likely personal was blotted out: name, phone number"]
    assert "Smith" not in typed("story", ORDER).out


@pytest.mark.parametrize(
    "arguments",
    [
        ("return", "wrong-item", ORDER, "--arrived", PERSONAL),
        ("hold", "place", ORDER, "--why", PERSONAL),
        ("return", "authorize", ORDER, "--approver", PERSONAL),
        ("note", ORDER, "the box was open", "--actor", "anna@example.com"),
        ("note", ORDER, "the box was open", "--id", "anna@example.com"),
    ],
    ids=lambda value: " ".join(value[:2]) + value[-2],
)
def test_no_text_of_the_desk_may_be_personal(arguments: tuple[str, ...]) -> None:
    told()
    typed("return", "receive", ORDER)
    said = typed(*arguments)

    assert said.code == 1
    assert "personal" in said.err
    assert "Smith" not in said.err + said.out
    assert "anna" not in said.err + said.out
