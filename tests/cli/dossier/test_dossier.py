"""`dossier`: what it holds, what it refuses, and that it is the same each time."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Final

import pytest

from cli.demo import REPORTS
from ledger.store import log
from ledger.store.proofs import Lines
from tests.cli.commands.test_remedy import lamp
from tests.cli.dossier.reading import dossier, printed, run, verified
from tests.cli.terminal import typed
from tests.story import ORDER

MISSING = "F-BE8C49C137"
"""A return that never came back, for which all is there."""
MISSING_ORDER = "114-6120653-9998402"
SPRING = "2026-03-11"


def test_a_claim_that_nothing_speaks_against_is_made_and_verifies(
    demo: Path, tmp_path: Path
) -> None:
    made = dossier(MISSING, tmp_path)
    row = made.said.row

    assert (0, "fba", True, "29.74") == (
        made.said.code,
        row["kind"],
        row["ok"],
        row["amount_open"],
    )
    assert "VERIFIED" in verified(made.path, tmp_path)


def test_the_pages_have_every_part_in_its_order(demo: Path, tmp_path: Path) -> None:
    text = dossier(MISSING, tmp_path).text
    parts = (
        "Amazon refunded the buyer of order 114-6120653-9998402.",
        "1 Identifiers",
        "2 Timeline",
        "3 Calculation",
        "4 The rules in force",
        "5 How it was judged",
        "6 Not already paid",
        "7 Exhibits",
        "8 Earlier claims",
        "9 Eligibility checklist",
        "10 Draft text",
        "11 Assumptions",
        "12 Verification",
    )
    told = [text.rindex(part) for part in parts]

    assert sorted(told) == told
    for fact in ("FW-LANTERN", "B0FFYUSJZC", "fba.customer_return.window.US.3", "no row"):
        assert fact in text
    assert "29.74 USD" in text


def test_each_fact_has_three_dates_and_its_row(demo: Path, tmp_path: Path) -> None:
    text = dossier(MISSING, tmp_path).text
    told = text[text.rindex("2 Timeline") : text.rindex("3 Calculation")]

    for date in ("23 Jul 2026", "29 Jul 2026", "20 Nov 2026"):
        assert date in told
    assert "24058977287.txt" in told
    assert "row 71" in told


def test_made_again_it_has_the_same_bytes(demo: Path, tmp_path: Path) -> None:
    first = dossier(MISSING, tmp_path, name="one.zip")
    again = dossier(MISSING, tmp_path, name="two.zip")

    assert first.path.read_bytes() == again.path.read_bytes()


def test_the_pdf_is_whole_tagged_and_made_to_be_kept(demo: Path, tmp_path: Path) -> None:
    made = dossier(MISSING, tmp_path)
    pdf = made.file("dossier.pdf")
    place = tmp_path / "d.pdf"
    place.write_bytes(pdf)
    told = run("pdfinfo", str(place)).decode()

    run("qpdf", "--check", str(place))
    for fact in ("Tagged:          yes", "Title:           Claim dossier: 114-6120653-9998402"):
        assert fact in told
    assert b"<pdfaid:part>3</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf


# --- what it refuses --------------------------------------------------------------------------


def test_what_guard_speaks_against_is_refused_with_every_check(tmp_path: Path) -> None:
    lamp(tmp_path, graded=False)
    made = dossier(ORDER, tmp_path, on=SPRING)

    assert 1 == made.said.code
    assert not made.path.exists()
    assert "✗ Are the facts certain?" in made.said.err
    assert "--despite" in made.said.err


def test_with_a_reason_it_is_made_and_the_reason_is_printed(tmp_path: Path) -> None:
    lamp(tmp_path, graded=False)
    made = dossier(ORDER, tmp_path, "--despite", "The photos follow on Monday.", on=SPRING)

    assert 3 == made.said.code
    assert "The photos follow on Monday." == made.manifest["question"]["despite"]
    assert "The photos follow on Monday." in made.text
    failed = len([one for one in made.said.row["failed"] if "text" not in one])
    assert f"{failed} of 11 checks speak against filing it." in made.text


def test_a_reason_of_nothing_is_none(tmp_path: Path) -> None:
    lamp(tmp_path)

    assert 2 == dossier(ORDER, tmp_path, "--despite", " ", on=SPRING).said.code


def test_a_shipment_to_amazon_is_refused_as_no_report_tells_of_it(tmp_path: Path) -> None:
    lamp(tmp_path)
    made = dossier(ORDER, tmp_path, "--kind", "inbound", on=SPRING)

    assert 1 == made.said.code
    assert "no report of shipments to Amazon" in made.said.err


def test_an_order_without_a_claim_says_which_doors_there_are(demo: Path, tmp_path: Path) -> None:
    made = dossier(MISSING_ORDER, tmp_path, "--kind", "safe-t")

    assert 1 == made.said.code
    assert "Amazon fulfilled the order" in made.said.err


def test_a_finding_of_another_kind_is_refused(demo: Path, tmp_path: Path) -> None:
    made = dossier(MISSING, tmp_path, "--kind", "removal")

    assert (1, True) == (made.said.code, "--kind fba" in made.said.err)


@pytest.mark.parametrize("name", ["F-0000000000", "111-0000000-0000000"])
def test_what_nobody_knows_is_refused(demo: Path, tmp_path: Path, name: str) -> None:
    assert 1 == dossier(name, tmp_path).said.code


def test_what_is_there_is_not_overwritten(demo: Path, tmp_path: Path) -> None:
    (tmp_path / "d.zip").write_text("mine")

    assert 1 == dossier(MISSING, tmp_path).said.code
    assert "mine" == (tmp_path / "d.zip").read_text()


def test_a_text_that_the_form_does_not_take_is_told_and_refuses_nothing(
    demo: Path, tmp_path: Path
) -> None:
    made = dossier(MISSING, tmp_path, "--limit", "100")

    assert (3, ["Can the text be written?"]) == (made.said.code, made.said.row["failed"])
    assert "characters, and the form takes 100: it must be shortened" in made.text
    assert "Nothing speaks against filing it." in made.text


def test_a_claim_of_unknown_worth_is_made_without_a_text(demo: Path, tmp_path: Path) -> None:
    made = dossier("F-50CC202351", tmp_path)

    assert (3, None) == (made.said.code, made.said.row["characters"])
    assert "The amount is for Amazon to state" in made.text
    assert "draft.txt" not in made.names


def test_what_is_to_be_copied_from_the_pages_has_no_hidden_letters(
    demo: Path, tmp_path: Path
) -> None:
    made = dossier(MISSING, tmp_path)
    text = printed(made.file("dossier.pdf"))
    key = made.file("keys.txt").decode().strip()

    assert made.manifest["log"]["origin"] in text
    assert made.manifest["log"]["root"] in text
    assert key.split("+", 2)[2] in text


# --- exhibits ---------------------------------------------------------------------------------


def test_an_order_is_meant_by_its_id_and_the_index_names_every_exhibit(
    demo: Path, tmp_path: Path
) -> None:
    made = dossier(MISSING_ORDER, tmp_path)
    rows = list(csv.DictReader(io.StringIO(made.file("index.csv").decode())))

    assert MISSING == made.said.row["finding_id"]
    assert len(rows) == made.said.row["exhibits"]
    for row in rows:
        data = made.file(row["file"])
        assert (row["sha256"], int(row["bytes"])) == (sha256(data).hexdigest(), len(data))


def test_of_a_report_only_its_header_and_the_orders_rows_are_there(
    demo: Path, tmp_path: Path
) -> None:
    made = dossier(MISSING, tmp_path)
    parts = [name for name in made.names if name.startswith("exhibits/")]

    assert parts
    for name in parts:
        header, *lines = made.file(name).splitlines()
        assert b"order-id" in header
        assert lines
        assert all(MISSING_ORDER.encode() in line for line in lines)


def test_the_tree_over_a_reports_lines_is_made_once_for_all_its_rows(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bytes] = []

    def noted(data: bytes) -> Lines:
        made.append(data)
        return Lines(data)

    monkeypatch.setattr(log, "Lines", noted)
    dossier(MISSING, tmp_path)

    assert len(made) > 1
    assert len(set(made)) == len(made)


def test_of_a_report_that_is_sealed_as_a_whole_no_row_is_shown(tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    shutil.copytree(REPORTS, folder)
    orders = folder / "54990238830.txt"
    orders.write_bytes(orders.read_bytes().replace(b"Lantern", b"sealed:x Lantern", 1))
    assert 0 == typed("import", folder, "--marketplace", "US", "-q").code
    made = dossier(MISSING, tmp_path)

    assert (0, 1) == (made.said.code, made.said.row["sealed"])
    assert not any("all-orders" in name for name in made.names)
    assert "54990238830.txt" in made.text
    assert "VERIFIED" in verified(made.path, tmp_path)


def test_a_settlement_tells_a_refund_in_several_rows_and_all_are_there(
    demo: Path, tmp_path: Path
) -> None:
    made = dossier(MISSING, tmp_path)
    refund = made.file("exhibits/04-settlement.txt").splitlines()[1:]

    assert {b"Refund"} == {line.split(b"\t")[6] for line in refund}
    assert 5 == len(refund)


def test_a_report_that_would_show_a_payment_is_there_whole_with_what_it_does_not_hold(
    demo: Path, tmp_path: Path
) -> None:
    made = dossier(MISSING, tmp_path)
    claims = json.loads(made.file("claims.json"))

    assert 3 == len(claims)
    for claim in claims:
        whole = made.file(f"originals/{claim['report']}")
        assert [MISSING_ORDER] == claim["absent"]
        assert MISSING_ORDER.encode() not in whole
        assert len(whole.splitlines()) > 2


def test_that_nothing_came_back_is_shown_by_the_returns_reports(demo: Path, tmp_path: Path) -> None:
    text = dossier(MISSING, tmp_path).text
    told = text[text.rindex("Not come back") : text.rindex("7 Exhibits")]

    assert 2 == told.count("FBA customer returns report")
    assert 2 == told.count("no row")


def test_what_the_rule_asks_for_is_shown_by_an_exhibit(demo: Path, tmp_path: Path) -> None:
    text = dossier(MISSING, tmp_path).text
    told = text[text.rindex("What the rule asks to be shown") : text.rindex("8 Earlier claims")]

    assert "customer returns report row or its absence Exhibit 6, Exhibit 7" in told
    assert "reimbursement report shows no prior payment Exhibit 5" in told
    assert "refund or replacement event by amazon Exhibit 4" in told
    assert "missing" not in told


def test_what_was_attached_is_there_byte_for_byte(tmp_path: Path) -> None:
    lamp(tmp_path)
    made = dossier(ORDER, tmp_path, on=SPRING)

    assert 0 == made.said.code
    assert b"front.jpg" == made.file("exhibits/01-front.jpg")
    assert b"label.jpg" == made.file("exhibits/02-label.jpg")
    assert "Photo: front.jpg" in made.text


def test_a_denial_that_was_attached_is_quoted_word_for_word(tmp_path: Path) -> None:
    lamp(tmp_path)
    filed = ("claim", "file", ORDER, "C-1", "--door", "safe-t", "--case", "7001")
    said = typed(*filed, "--at", "2026-03-11")
    assert said.code == 0, said.err
    words = "We reviewed your claim.\n#panic(1) It does not qualify: $x$ \\ *now*."
    (tmp_path / "denial.txt").write_text(words)
    attach = ("evidence", "attach", ORDER, tmp_path / "denial.txt", "--kind", "claim-text")
    said = typed(*attach, "--claim", "C-1", "--at", "2026-03-14")
    assert said.code == 0, said.err
    said = typed("claim", "decide", ORDER, "C-1", "--outcome", "denied", "--at", "2026-03-14")
    assert said.code == 0, said.err
    made = dossier(ORDER, tmp_path, "--despite", "we appeal", on="2026-03-15")

    assert 3 == made.said.code
    assert "It does not qualify: $x$ \\ *now*." in made.text
    assert "#panic(1)" in made.text
    assert "Appeal of SAFE-T claim 7001" in made.file("draft.txt").decode()


# --- what is personal -------------------------------------------------------------------------


PLATES: Final = "112-3603874-5848242"
"""An order whose reports tell who bought it."""
PERSONS: Final = (b"Fictus Pretend", b"973 Nowhere Lane")


def test_nothing_personal_is_in_the_pack(demo: Path, tmp_path: Path) -> None:
    made = dossier(PLATES, tmp_path)
    clear = clear_in(demo)

    assert 0 == made.said.code, made.said.err
    assert PERSONS[0].decode() in clear
    for name in made.names:
        data = made.file(name)
        assert [words for words in clear if words.encode() in data] == [], name
    assert [words for words in clear if words in made.text] == []


def clear_in(home: Path) -> list[str]:
    """What the order's reports tell of persons: names, streets, addresses, telephone numbers."""
    said = typed("--home", home, "story", PLATES, "--reveal", "--format", "json")
    told = said.json["rows"]
    words = " ".join(row["summary"] for row in told if row["event"] == "PersonalTold")
    fields = ("buyer-name", "buyer-email", "buyer-phone-number", "ship-address-1", "recipient-name")
    found = [re.search(rf"{field}: ([^:]+?)\.(?: |$)", words) for field in fields]
    return [one[1] for one in found if one is not None]


def test_what_was_asked_for_is_revealed_and_the_access_is_logged(
    demo: Path, tmp_path: Path
) -> None:
    made = dossier(PLATES, tmp_path, "--reveal")
    told = typed("--home", demo, "privacy", "log").rows

    assert PERSONS[0].decode() in made.text
    assert "was revealed on purpose" in made.text
    assert PERSONS[0] not in made.file("entries.ndjson")
    assert "dossier --reveal" in {row["why"] for row in told}
    assert {PLATES} == {row["subject"].removeprefix("order/") for row in told}


def test_a_file_that_is_personal_is_named_and_handed_out_only_when_asked_for(
    tmp_path: Path,
) -> None:
    lamp(tmp_path)
    letter = tmp_path / "letter.txt"
    letter.write_text("From Fictus Pretend")
    said = typed("evidence", "attach", ORDER, letter, "--personal", "--at", "2026-03-10")
    assert said.code == 0, said.err
    kept = dossier(ORDER, tmp_path, on=SPRING)
    open_ = dossier(ORDER, tmp_path, "--reveal", on=SPRING, name="open.zip")

    assert (1, 0) == (kept.said.row["sealed"], open_.said.row["sealed"])
    assert [] == [name for name in kept.names if b"Fictus" in kept.file(name)]
    assert b"From Fictus Pretend" == open_.file("exhibits/03-personal.txt")
    assert "VERIFIED" in verified(open_.path, tmp_path)


# --- kinds and languages ----------------------------------------------------------------------


def a_to_z(folder: Path) -> str:
    """An A-to-z claim that was granted to the buyer and charged to the seller."""
    lamp(folder)
    decided = ("claim", "decide", ORDER, "AZ-1", "--outcome", "granted", "--amount", "100.00")
    told = [
        ("order", "deliver", ORDER, "--proof", "signature", "--at", "2026-02-25"),
        ("claim", "file", ORDER, "AZ-1", "--door", "a-to-z", "--by", "buyer", "--at", "2026-03-02"),
        (*decided, "--funded-by", "seller", "--at", "2026-03-08"),
    ]
    for words in told:
        said = typed(*words)
        assert said.code == 0, said.err
    return ORDER


@pytest.mark.parametrize(
    ("target", "kind", "says"),
    [
        (MISSING, "fba", "FBA reimbursement claim"),
        ("F-50CC202351", "fba", "FNSKU X00PY0VTDX"),
        ("F-F446B6181A", "fba", "FW-CLOCK"),
        ("F-44C70D728A", "removal", "Removal order claim"),
        ("F-78438821DF", "reversal", "Dispute of a reversal"),
    ],
)
def test_each_kind_is_found_from_the_finding(
    demo: Path, tmp_path: Path, target: str, kind: str, says: str
) -> None:
    made = dossier(target, tmp_path, "--despite", "to see it")

    assert kind == made.said.row["kind"], made.said.err
    assert says.lower() in made.text.lower()
    assert "VERIFIED" in verified(made.path, tmp_path)


def test_an_order_that_the_seller_sent_makes_a_safe_t_dossier(tmp_path: Path) -> None:
    lamp(tmp_path)
    made = dossier(ORDER, tmp_path, on=SPRING)

    assert "safe-t" == made.said.row["kind"]
    for words in ("SAFE-T claim", "multiple clear photos", "Exhibit 1", "S-1"):
        assert words in made.text
    assert "VERIFIED" in verified(made.path, tmp_path)


def test_an_a_to_z_claim_makes_an_appeal_that_says_what_is_wanted(tmp_path: Path) -> None:
    order = a_to_z(tmp_path)
    made = dossier(order, tmp_path, "--kind", "a-to-z", "--despite", "to see it", on=SPRING)

    assert "a-to-z" == made.said.row["kind"], made.said.err
    assert "the claim not count towards our order defect rate" in made.text


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("sv", ("Tidslinje", "Gällande regler", "29,74 USD", "till och med 20 november 2026")),
        ("de", ("Zeitlicher Ablauf", "Die geltenden Regeln", "29,74 USD", "bis 20. November 2026")),
    ],
)
def test_it_speaks_the_language_of_the_store(
    demo: Path, tmp_path: Path, lang: str, words: tuple[str, ...]
) -> None:
    made = dossier(MISSING, tmp_path, "--lang", lang)

    assert lang == made.manifest["question"]["lang"]
    for one in words:
        assert one in made.text


def test_on_another_day_it_is_another_dossier(demo: Path, tmp_path: Path) -> None:
    made = dossier(MISSING, tmp_path, on="2026-11-21")

    assert (1, True) == (made.said.code, "the last day to file was 2026-11-20" in made.said.err)
