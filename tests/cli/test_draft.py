"""Texts say what the ledger knows, in three languages, and nothing else."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cli.drafting import (
    FACTS,
    GUARANTEE,
    LANGS,
    Lang,
    MissingFacts,
    about,
    facts_in,
    said_code,
    said_day,
    said_money,
    shipped_kinds,
    shipped_source,
    template,
    write,
)
from ledger.case import Case
from ledger.errors import LedgerError, UnknownThing
from ledger.event import Deed
from ledger.events.arrivals import DamageInvestigated, UnitGraded, UnitsReceived, WrongItemReceived
from ledger.events.claims import ClaimDecided, ClaimFiled
from ledger.events.deliveries import OrderDelivered, OrderTold
from ledger.events.keeping import EvidenceAttached
from ledger.events.refunds import (
    ConcessionGranted,
    RefundGiven,
    RefundPart,
    RestockingFeeApplied,
)
from ledger.events.requests import (
    DeclineOverridden,
    RequestReceived,
    ReturnDeclined,
    ReturnFirstScanned,
    ReturnLabelIssued,
)
from ledger.policy import Finding
from ledger.ruling import Ruling
from ledger.values import Money
from tests.cli.terminal import typed
from tests.story import ORDER, SKU, Story, begin

DAY = date(2026, 3, 20)
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
NOWHERE = Path("no-such-folder")
every_kind = pytest.mark.parametrize("kind", shipped_kinds())
every_lang = pytest.mark.parametrize("lang", LANGS)


def euros(amount: str) -> Money:
    return Money.of(amount, "EUR")


TOLD: tuple[tuple[str, Deed], ...] = (
    (
        "2026-03-01",
        OrderTold(
            order_id=ORDER, sku=SKU, asin="B000000001", marketplace="DE", price=euros("1249.90")
        ),
    ),
    ("2026-03-03", OrderDelivered(order_id=ORDER)),
    ("2026-03-05", RequestReceived(order_id=ORDER, sku=SKU, reason="CR-DEFECTIVE", rma_id="RMA-7")),
    (
        "2026-03-06",
        ReturnDeclined(order_id=ORDER, sku=SKU, rule_id="ret.window.EU.1", why="it came too late"),
    ),
    ("2026-03-06", DeclineOverridden(order_id=ORDER, sku=SKU)),
    (
        "2026-03-07",
        ReturnLabelIssued(
            order_id=ORDER,
            sku=SKU,
            payer="seller",
            kind="own_domestic",
            carrier="DHL",
            tracking="00340",
        ),
    ),
    ("2026-03-08", ReturnFirstScanned(order_id=ORDER, sku=SKU, carrier="DHL", tracking="00340")),
    (
        "2026-03-08",
        RefundGiven(
            order_id=ORDER,
            sku=SKU,
            by="amazon",
            trigger="first_scan",
            parts=(RefundPart("item", euros("1249.90")),),
        ),
    ),
    ("2026-03-10", UnitsReceived(order_id=ORDER, sku=SKU)),
    (
        "2026-03-10",
        WrongItemReceived(
            order_id=ORDER,
            sku=SKU,
            arrived="an empty carton",
            serial="S-2",
            license_plate="LPNRR000000001",
        ),
    ),
    (
        "2026-03-10",
        UnitGraded(order_id=ORDER, sku=SKU, condition="empty_box", serial="S-2", serial_sent="S-1"),
    ),
    ("2026-03-10", EvidenceAttached(digest=DIGEST, name="box.jpg", kind="photo", size=10)),
    ("2026-03-11", DamageInvestigated(order_id=ORDER, sku=SKU, cause="carrier_return")),
    (
        "2026-03-11",
        RestockingFeeApplied(
            order_id=ORDER, sku=SKU, amount=euros("250"), reason="late", evidence=(DIGEST,)
        ),
    ),
    (
        "2026-03-12",
        ConcessionGranted(
            order_id=ORDER, sku=SKU, kind="partial_refund", amount=euros("20"), why="goodwill"
        ),
    ),
    ("2026-03-12", ClaimFiled(claim="C-1", claim_type="safe_t", door="safe_t", case_id="1000")),
    ("2026-03-14", ClaimDecided(claim="C-1", outcome="denied")),
)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    story: Story = begin(tmp_path / "story", checked=False)
    for on, deed in TOLD:
        story.appends(f"order/{ORDER}", deed, occurred_at=on)
    found = story.recall(DAY).case(f"order/{ORDER}")
    story.close()
    return found


def finding_for(claim_type: str, **other: Any) -> Finding:
    told: dict[str, Any] = {
        "finding_id": "F-0123456789",
        "stream": f"order/{ORDER}",
        "marketplace": "DE",
        "programme": "FBM",
        "fnsku": "X000000001",
        "quantity": 1,
        "verdict": "ready",
        "reason": "every test passed and the window is open",
        "window_closes": date(2026, 4, 9),
        "amount_expected": euros("1249.90"),
        "amount_paid": euros("0"),
        "amount_open": euros("1249.90"),
        "standing": "open",
    }
    return Finding(claim_type=claim_type, **(told | other))


RIGHT = Ruling(
    policy="return_by",
    kind="right",
    stream=f"order/{ORDER}",
    marketplace="DE",
    what="may return it",
    state="ended",
    due_at="2026-03-04",
    reason="it ended on 2026-03-04",
)
WARRANTED = msgspec.structs.replace(RIGHT, policy="own_terms", what=GUARANTEE)


def text_of(kind: str, lang: Lang, case: Case, **other: Any) -> Any:
    found = template(kind, NOWHERE)
    findings = [finding_for(one, **other) for one in found.claim_types]
    meant = about(case, DAY, lang, found, findings=findings, rulings=[RIGHT, WARRANTED])
    return write(kind, found, meant)


@every_kind
@every_lang
def test_every_text_is_whole_where_everything_is_known(kind: str, lang: Lang, case: Case) -> None:
    written = text_of(kind, lang, case)

    assert written.left_out == ()
    assert written.cautions == ()
    assert "{" not in written.subject + written.body
    assert not any(line.startswith("?") for line in written.body.splitlines())
    assert "None" not in written.body
    assert written.characters == len(written.body) <= written.limit


@every_kind
def test_the_languages_of_a_text_tell_the_same_facts(kind: str) -> None:
    found = template(kind, NOWHERE)
    told = {
        lang: sorted(re.findall(r"\{\w+\}", found.text(lang).subject + found.text(lang).body))
        for lang in LANGS
    }

    assert told["sv"] == told["en"]
    assert told["de"] == told["en"]


@every_kind
def test_no_text_for_a_buyer_speaks_of_reviews(kind: str) -> None:
    found = template(kind, NOWHERE)
    if found.audience != "buyer":
        assert kind == "abuse_report" or not re.search("review", found.en.body, re.IGNORECASE)
        return
    told = " ".join(found.text(lang).subject + found.text(lang).body for lang in LANGS)

    assert not re.search(r"\breview|recension|omdöme|bewertung|feedback|stjärn|stern", told.lower())


def test_every_fact_is_told_by_some_text() -> None:
    """A fact that no template uses is still there for the seller's own; most are used."""
    used = {name for kind in shipped_kinds() for name in facts_in(template(kind, NOWHERE))}

    assert used <= set(FACTS)
    assert len(used) > 30


def test_days_and_amounts_are_written_as_the_language_writes_them() -> None:
    amount = Money.of("1249.90", "EUR")

    assert [said_day(DAY, lang) for lang in LANGS] == [
        "20 March 2026",
        "20 mars 2026",
        "20. März 2026",
    ]
    assert said_money(amount, "en") == "1,249.90 EUR"
    assert said_money(amount, "de") == "1.249,90 EUR"
    assert re.fullmatch(r"1\s249,90 EUR", said_money(amount, "sv") or "")
    assert said_money(Money.of("1200", "JPY"), "en") == "1,200 JPY"
    assert said_code("carrier_return", "de") == "ein Transportschaden auf dem Rückweg"
    assert said_code("SOME_NEW_CODE", "sv") == "SOME NEW CODE"


def test_a_claim_text_says_what_was_found(case: Case) -> None:
    body = text_of("safe_t_claim", "en", case).body

    assert "reimbursement of 1,249.90 EUR for order 114-0000001-0000001" in body
    assert "refunded the buyer 1,249.90 EUR on 8 March 2026 (refund at first scan)" in body
    assert "Instead of the item that was sent, this came back: an empty carton." in body
    assert f"- box.jpg (SHA-256 {DIGEST})" in body


def test_a_line_whose_fact_is_unknown_is_left_out(case: Case) -> None:
    case.deeds = [one for one in case.deeds if not isinstance(one[1], ReturnFirstScanned)]
    written = text_of("safe_t_claim", "en", case)

    assert written.left_out == ("scanned_on",)
    assert "scanned" not in written.body.replace("first scan", "")


def test_what_must_be_said_and_is_not_known_is_refused(case: Case) -> None:
    case.deeds = [one for one in case.deeds if not isinstance(one[1], RefundGiven)]

    with pytest.raises(MissingFacts) as refused:
        text_of("safe_t_claim", "en", case)
    assert "refunded, refunded on, trigger" in str(refused.value)
    assert "refund give ORDER" in refused.value.advice()


NOT_OVER: tuple[dict[str, Any], ...] = (
    {"question": "is it?"},
    {"state": "holds", "due_at": "2026-04-02"},
    {"due_at": "2026-03-05"},
)
"""A last day that is not certain; one to come; one on which the buyer asked just in time."""


@pytest.mark.parametrize("otherwise", NOT_OVER, ids=str)
def test_a_last_day_is_only_written_where_it_is_firm_and_was_missed(
    case: Case, otherwise: dict[str, Any]
) -> None:
    found = template("under_pressure", NOWHERE)
    rulings = [msgspec.structs.replace(RIGHT, **otherwise)]
    meant = about(case, DAY, "en", found, findings=[], rulings=rulings)
    written = write("under_pressure", found, meant)

    assert written.left_out == ("last_day",)
    assert "until" not in written.body


@every_lang
@pytest.mark.parametrize("otherwise", NOT_OVER, ids=str)
def test_nobody_is_told_that_his_time_is_over_while_it_may_last(
    case: Case, lang: Lang, otherwise: dict[str, Any]
) -> None:
    """Neither while the window is open, nor where an extension may hold that is not verified."""
    found = template("late_goodwill", NOWHERE)
    rulings = [msgspec.structs.replace(RIGHT, **otherwise)]
    meant = about(case, DAY, lang, found, findings=[], rulings=rulings)

    with pytest.raises(MissingFacts, match="last day"):
        write("late_goodwill", found, meant)


@pytest.mark.parametrize("otherwise", [None, {"question": "is it?"}, {"state": "holds"}], ids=str)
def test_a_guarantee_is_over_when_it_was_given_and_has_ended(
    case: Case, otherwise: dict[str, Any] | None
) -> None:
    found = template("after_the_guarantee", NOWHERE)
    rulings = [RIGHT, *([msgspec.structs.replace(WARRANTED, **otherwise)] if otherwise else [])]
    meant = about(case, DAY, "en", found, findings=[], rulings=rulings)

    with pytest.raises(MissingFacts, match="guarantee until"):
        write("after_the_guarantee", found, meant)


@pytest.mark.parametrize("verdict", ["waiting", "expired", "review", "not_claimable", "paid"])
def test_a_claim_that_is_not_ready_is_drafted_with_a_caution(case: Case, verdict: str) -> None:
    written = text_of("safe_t_claim", "en", case, verdict=verdict, reason="because")

    assert written.cautions == (f"F-0123456789 is {verdict}, do not file it as it stands: because",)


def test_nobody_is_told_that_a_return_is_allowed_before_it_is(case: Case) -> None:
    case.deeds = [one for one in case.deeds if not isinstance(one[1], DeclineOverridden)]

    with pytest.raises(MissingFacts, match="allowed on"):
        text_of("return_allowed", "en", case)


def test_a_claim_without_a_finding_is_refused(case: Case) -> None:
    found = template("fba_return_missing", NOWHERE)
    meant = about(case, DAY, "en", found, findings=[finding_for("fc_lost")], rulings=[])

    with pytest.raises(MissingFacts, match="finding units, claimed"):
        write("fba_return_missing", found, meant)


def test_a_refund_that_is_not_there_is_named(case: Case) -> None:
    with pytest.raises(UnknownThing, match="no such refund"):
        about(
            case,
            DAY,
            "en",
            template("safe_t_claim", NOWHERE),
            findings=[],
            rulings=[],
            refund="R-0",
        )


def test_your_own_template_is_used(tmp_path: Path, case: Case) -> None:
    source = shipped_source("we_are_here").replace("Hello,", "Good day,")
    (tmp_path / "we_are_here.toml").write_text(source, encoding="utf-8")
    found = template("we_are_here", tmp_path)
    meant = about(case, DAY, "en", found, findings=[], rulings=[])

    assert write("we_are_here", found, meant).body.startswith("Good day,")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("{order_id}", "{buyer_name}"), "names no fact"),
        (("audience =", "audiance ="), "not a template"),
        (('body = """', 'body = "'), "not a template"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    source = shipped_source("we_are_here").replace(*change)
    (tmp_path / "we_are_here.toml").write_text(source, encoding="utf-8")

    with pytest.raises(LedgerError, match=said):
        template("we_are_here", tmp_path)


def test_a_kind_that_is_not_there_is_named() -> None:
    said = typed("draft", "write", "love_letter", ORDER)

    assert said.code == 1
    assert "One of: a_to_z_appeal" in said.err


def test_the_command_writes_a_claim_of_the_demo(demo: Path, tmp_path: Path) -> None:
    out = tmp_path / "claim.txt"
    order = "114-6120653-9998402"
    arguments = ["draft", "write", "fba_return_missing", order, "--lang", "sv"]
    said = typed("--home", str(demo), *arguments, "--as-of", "2026-11-20", "-o", str(out))
    early = typed("--home", str(demo), *arguments, "--as-of", "2026-09-01", "--format", "json")

    assert said.code == 0, said.err
    assert "29,74 USD" in out.read_text(encoding="utf-8")
    assert early.code == 3
    assert "waiting" in early.err


def test_copying_a_template_never_overwrites(tmp_path: Path) -> None:
    first = typed("--home", str(tmp_path / "home"), "draft", "copy", "we_are_here")
    second = typed("--home", str(tmp_path / "home"), "draft", "copy", "we_are_here")
    listed = typed("--home", str(tmp_path / "home"), "draft", "list")

    assert first.code == 0, first.err
    assert second.code == 1
    assert [row["own"] for row in listed.rows if row["kind"] == "we_are_here"] == [True]
    assert len(listed.rows) == len(shipped_kinds())
