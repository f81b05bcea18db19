"""Every form of the desk: it covers its event, and says the same on a command line and in a batch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click
import msgspec
import pytest

from cli.desk.form import Form, params_of
from cli.desk.lines import form_of, names
from ledger.event import Deed
from ledger.events import EVENT_TYPES
from tests.cli.terminal import HEAVY, typed
from tests.cli.test_main import modules_imported

FORMS = {name: form_of(name) for name in names()}
every_form = pytest.mark.parametrize("command", FORMS)
ORDER = "302-1234567-1234567"


def test_everything_that_a_seller_may_tell_has_one_form() -> None:
    recorded = [form.records for form in FORMS.values()]
    deeds = [kind for kind in EVENT_TYPES if issubclass(kind, Deed)]

    assert sorted(kind.__name__ for kind in recorded) == sorted(kind.__name__ for kind in deeds)


def param_of(form: Form, field: str) -> click.Parameter:
    """What fills in a field of the form's event."""
    (how,) = [how for name, how, _ in form.typed() if name == field]
    (param,) = [one for one in params_of(form) if one.name == form.option_of(field, how)]
    return param


@every_form
def test_every_field_of_the_event_can_be_filled_in(command: str) -> None:
    form = FORMS[command]
    fields = {field.name for field in msgspec.structs.fields(form.records)} - {"order_id"}
    filled = {name for name, _, _ in form.typed() if param_of(form, name).name}

    assert filled | set(form.without) == fields
    assert not form.without or form.finish or form.files


@every_form
def test_the_words_to_choose_from_are_those_of_the_event(command: str) -> None:
    form = FORMS[command]
    for name, _, told in form.typed():
        words = literals(told.type)
        chosen = param_of(form, name).type
        if words:
            assert isinstance(chosen, click.Choice)
            assert list(chosen.choices) == words


def literals(kind: Any) -> list[str]:
    """The words that a type allows, wherever in it they stand."""
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    return [word for part in get_args(kind) for word in literals(part)]


@every_form
def test_every_option_says_what_it_is(command: str) -> None:
    unsaid = [
        param.name
        for param in params_of(FORMS[command])
        if isinstance(param, click.Option) and not param.hidden and not param.help
    ]

    assert unsaid == []


@pytest.mark.parametrize(
    "arguments", [("return", "grade"), ("claim", "file"), ("evidence", "save"), ("batch",)], ids=str
)
def test_help_of_a_form_imports_nothing_that_takes_long(arguments: tuple[str, ...]) -> None:
    assert modules_imported(*arguments, "--help") & HEAVY == set()


# --- the same in both ways --------------------------------------------------------------------

LIFE: tuple[tuple[str, list[str], dict[str, Any]], ...] = (
    (
        "order tell",
        [
            "--sku",
            "MUG",
            "--price",
            "50 EUR",
            "--shipping",
            "5",
            "--marketplace",
            "DE",
            "--quantity",
            "3",
            "--asin",
            "B000000001",
            "--programme",
            "FBM",
        ],
        {
            "sku": "MUG",
            "price": "50 EUR",
            "shipping": "5",
            "marketplace": "DE",
            "quantity": 3,
            "asin": "B000000001",
            "programme": "FBM",
        },
    ),
    (
        "order dispatch",
        [
            "--carrier",
            "DHL",
            "--tracking",
            "00340",
            "--claims-protected",
            "--not-on-time",
            "--postage",
            "4.10",
            "--deliver-by",
            "2026-11-06",
        ],
        {
            "carrier": "DHL",
            "tracking": "00340",
            "claims_protected": True,
            "on_time": False,
            "postage": "4.10",
            "deliver_by": "2026-11-06",
        },
    ),
    ("order deliver", ["--proof", "gps"], {"proof": "gps"}),
    (
        "return request",
        ["--reason", "CR-DEFECTIVE", "--rma", "D1", "--out-of-policy", "--cross-border"],
        {"reason": "CR-DEFECTIVE", "rma": "D1", "out_of_policy": True, "cross_border": True},
    ),
    ("return offer", ["--option", "domestic-address"], {"option": "domestic_address"}),
    (
        "return authorize",
        ["--goodwill", "--approver", "head of service"],
        {"goodwill": True, "approver": "head of service"},
    ),
    (
        "return label",
        ["--payer", "seller", "--kind", "own_domestic", "--cost", "4.10 EUR"],
        {"payer": "seller", "kind": "own_domestic", "cost": "4.10 EUR"},
    ),
    ("return scan", ["--carrier", "DHL"], {"carrier": "DHL"}),
    ("return receive", ["--scan-wrong"], {"scan_wrong": True}),
    (
        "return grade",
        [
            "--condition",
            "as-new",
            "--serial",
            "S1",
            "--serial-sent",
            "S1",
            "--grams",
            "300",
            "--grams-sent",
            "310",
            "--plate",
            "LPN1",
            "--evidence",
            "scratch.jpg",
        ],
        {
            "condition": "as_new",
            "serial": "S1",
            "serial_sent": "S1",
            "grams": 300,
            "grams_sent": 310,
            "plate": "LPN1",
            "evidence": ["scratch.jpg"],
        },
    ),
    ("return damage", ["--by", "buyer"], {"by": "buyer"}),
    (
        "return investigate",
        ["--cause", "carrier_outbound", "--carrier", "DHL"],
        {"cause": "carrier_outbound", "carrier": "DHL"},
    ),
    (
        "refund give",
        ["--by", "seller", "--trigger", "manual", "--part", "item=10", "--part", "shipping=1.50"],
        {"by": "seller", "trigger": "manual", "part": ["item=10", "shipping=1.50"]},
    ),
    ("refund fee", ["--amount", "2", "--reason", "late"], {"amount": "2", "reason": "late"}),
    (
        "refund concession",
        [
            "--kind",
            "voucher",
            "--amount",
            "3",
            "--why",
            "a scratch",
            "--approver",
            "head of service",
        ],
        {"kind": "voucher", "amount": "3", "why": "a scratch", "approver": "head of service"},
    ),
    ("refund replacement", ["--cost", "4"], {"cost": "4"}),
    (
        "message received",
        ["--topic", "return", "--no-answer-needed"],
        {"topic": "return", "no_answer_needed": True},
    ),
    ("message received", ["--message", "m-2"], {"message": "m-2"}),
    ("message answered", [], {}),
    ("message threat", [], {}),
    ("message abuse", ["--channel", "seller_support"], {"channel": "seller_support"}),
    ("claim draft", ["c-1", "--door", "safe_t"], {"claim": "c-1", "door": "safe_t"}),
    (
        "claim file",
        ["--door", "a_to_z", "--amount", "11.50"],
        {"door": "a_to_z", "amount": "11.50"},
    ),
    (
        "evidence attach",
        ["scratch.jpg", "--kind", "photo"],
        {"files": ["scratch.jpg"], "kind": "photo"},
    ),
    ("note", ["the box was open"], {"text": "the box was open"}),
    ("hold place", ["--why", "a claim is open"], {"why": "a claim is open"}),
    ("hold release", ["--why", "it was paid"], {"why": "it was paid"}),
    (
        "product describe",
        ["MUG", "--category", "kitchen", "--trait", "renewed", "--trait", "free-return"],
        {"sku": "MUG", "category": "kitchen", "trait": ["renewed", "free_return"]},
    ),
    ("product cost", ["MUG", "3.20 EUR"], {"sku": "MUG", "amount": "3.20 EUR"}),
    (
        "terms returns",
        ["--window-days", "40", "--free-returns"],
        {"window_days": 40, "free_returns": True},
    ),
    (
        "terms returnless",
        ["small", "--max-price", "10", "--marketplace", "DE"],
        {"name": "small", "max_price": "10", "marketplace": ["DE"]},
    ),
    ("terms contact", ["--way", "email", "--way", "phone"], {"way": ["email", "phone"]}),
)


TELL = (
    "order tell",
    ["--sku", "MUG", "--price", "24.99", "--marketplace", "US"],
    {"sku": "MUG", "price": "24.99", "marketplace": "US"},
)
CLAIMED: tuple[tuple[str, list[str], dict[str, Any]], ...] = (
    TELL,
    ("return withdraw", [], {}),
    (
        "return label",
        ["--payer", "seller", "--kind", "own-domestic"],
        {"payer": "seller", "kind": "own_domestic"},
    ),
    ("return lost", ["--carrier", "UPS"], {"carrier": "UPS"}),
    (
        "claim file",
        ["lost-1", "--door", "carrier", "--amount", "24.99", "--case", "77"],
        {"claim": "lost-1", "door": "carrier", "amount": "24.99", "case": "77"},
    ),
    ("claim asked", ["--due", "2026-11-18"], {"due": "2026-11-18"}),
    ("claim answer", ["--evidence", "scratch.jpg"], {"evidence": ["scratch.jpg"]}),
    ("claim decide", ["--outcome", "denied"], {"outcome": "denied"}),
    ("claim appeal", ["--late"], {"late": True}),
    (
        "claim appeal-decided",
        ["lost-1", "--outcome", "granted", "--amount", "24.99"],
        {"claim": "lost-1", "outcome": "granted", "amount": "24.99"},
    ),
    ("claim paid", ["--amount", "24.99"], {"amount": "24.99"}),
    ("claim reversed", ["--amount", "24.99"], {"amount": "24.99"}),
)
DECLINED: tuple[tuple[str, list[str], dict[str, Any]], ...] = (
    TELL,
    ("return request", ["--out-of-policy"], {"out_of_policy": True}),
    (
        "return decline",
        ["--rule", "ret.window.US.1", "--why", "too late", "--against-advice"],
        {"rule": "ret.window.US.1", "why": "too late", "against_advice": True},
    ),
    ("return override", [], {}),
    ("return receive", [], {}),
    ("return wrong-item", ["--arrived", "a cup"], {"arrived": "a cup"}),
)
LIVES = {ORDER: LIFE, "114-2222222-2222222": CLAIMED, "114-3333333-3333333": DECLINED}


def test_every_form_is_tried_in_both_ways() -> None:
    tried = {command for life in LIVES.values() for command, _, _ in life}

    assert set(FORMS) - tried == {"removal receive", "correct"}, "which need a report and an entry"


@pytest.mark.parametrize("order", LIVES)
def test_a_line_of_a_batch_says_what_the_command_line_says(
    order: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under one id both are one event: another event under that id would be refused."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scratch.jpg").write_bytes(b"a picture")
    lines = []
    for number, (command, options, fields) in enumerate(LIVES[order]):
        subject = FORMS[command].subject
        shared = ["--id", f"n-{number}", "--at", f"2026-11-{5 + number // 3:02}"]
        said = typed(*command.split(), *([order] if subject else []), *options, *shared)
        assert said.code == 0, f"{command}: {said.err}"
        assert {row["state"] for row in said.rows} == {"recorded"}, command
        about = {subject: order} if subject else {}
        lines.append({"command": command, "id": shared[1], "at": shared[3], **about, **fields})
    (tmp_path / "batch.ndjson").write_text("".join(f"{json.dumps(line)}\n" for line in lines))

    again = typed("batch", "batch.ndjson")

    assert again.err == ""
    assert {row["state"] for row in again.rows} == {"repeated"}
    assert [row["command"] for row in again.rows] == [command for command, _, _ in LIVES[order]]
