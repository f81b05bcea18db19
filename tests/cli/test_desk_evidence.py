"""Evidence: files that are kept once, byte for byte, and come back as they were."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.cli.terminal import typed

ORDER = "302-1234567-1234567"
PICTURE = b"\x89PNG\r\n\x1a\n a scratch \x00\xff"
DIGEST = hashlib.sha256(PICTURE).hexdigest()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture of a unit that has come back."""
    fixed = ("--sku", "MUG", "--price", "49.90 EUR", "--marketplace", "DE", "--at", "2026-11-02")
    typed("order", "tell", ORDER, *fixed)
    typed("return", "receive", ORDER, "--at", "2026-11-10")
    path = tmp_path / "scratch.PNG"
    path.write_bytes(PICTURE)
    return path


def test_a_file_comes_back_byte_for_byte(picture: Path, tmp_path: Path) -> None:
    attached = typed("evidence", "attach", ORDER, picture, "--sku", "MUG").row
    saved = tmp_path / "again.png"

    assert attached["name"] == DIGEST
    assert typed("evidence", "save", DIGEST[:10], "-o", saved).code == 0
    assert saved.read_bytes() == PICTURE


def test_what_is_there_is_not_overwritten(picture: Path) -> None:
    typed("evidence", "attach", ORDER, picture)
    said = typed("evidence", "save", DIGEST, "-o", picture)

    assert said.code == 1
    assert "it cannot be written: File exists" in said.err


@pytest.mark.parametrize("begins", ["0000", "", "not hexadecimal"])
def test_a_file_that_is_not_kept_cannot_be_had(picture: Path, tmp_path: Path, begins: str) -> None:
    typed("evidence", "attach", ORDER, picture)

    assert "no such file is kept" in typed("evidence", "save", begins, "-o", tmp_path / "x").err


def test_the_list_says_what_each_file_is(picture: Path, tmp_path: Path) -> None:
    paper = tmp_path / "papers.pdf"
    paper.write_bytes(b"%PDF")
    typed("evidence", "attach", ORDER, picture, paper, "--claim", "c-1")
    rows = typed("evidence", "list", ORDER).rows

    assert [(row["name"], row["kind"], row["size"], row["claim"]) for row in rows] == [
        ("scratch.PNG", "photo", len(PICTURE), "c-1"),
        ("papers.pdf", "other", 4, "c-1"),
    ]
    assert rows[0]["digest"] == DIGEST
    assert typed("evidence", "list", "302-9999999-9999999").code == 1


def test_several_files_sent_twice_under_one_id_are_attached_once(
    picture: Path, tmp_path: Path
) -> None:
    paper = tmp_path / "papers.pdf"
    paper.write_bytes(b"%PDF")
    attach = ("evidence", "attach", ORDER, picture, paper, "--id", "e-1")

    assert [row["state"] for row in typed(*attach).rows] == ["recorded", "recorded"]
    assert [row["state"] for row in typed(*attach).rows] == ["repeated", "repeated"]
    assert len(typed("evidence", "list", ORDER).rows) == 2


def test_a_deed_brings_its_evidence_along(picture: Path) -> None:
    rows = typed("return", "grade", ORDER, "--condition", "used", "--evidence", picture).rows

    assert [row["event"] for row in rows] == ["EvidenceAttached", "UnitGraded"]
    assert rows[0]["name"] == DIGEST
    assert "1 file shows it" in rows[1]["summary"]


def test_a_file_that_is_attached_already_is_not_attached_again(picture: Path) -> None:
    typed("evidence", "attach", ORDER, picture)
    grade = ("return", "damage", ORDER, "--by", "buyer", "--evidence")

    assert [row["event"] for row in typed(*grade, picture).rows] == ["DamageReported"]
    assert [row["event"] for row in typed(*grade, DIGEST).rows] == ["DamageReported"]
    assert [row["event"] for row in typed(*grade, DIGEST.upper()).rows] == ["DamageReported"]


def test_one_picture_named_twice_is_attached_once(picture: Path) -> None:
    damage = ("return", "damage", ORDER, "--by", "buyer")
    rows = typed(*damage, "--evidence", picture, "--evidence", picture).rows

    assert [row["event"] for row in rows] == ["EvidenceAttached", "DamageReported"]


def test_what_is_refused_leaves_no_evidence_behind(picture: Path) -> None:
    damage = ("return", "damage", ORDER, "--by", "buyer", "--quantity", "9")
    said = typed(*damage, "--evidence", picture)

    assert said.code == 1
    assert typed("evidence", "list", ORDER).rows == []


def test_a_deed_with_evidence_sent_again_adds_nothing(picture: Path) -> None:
    grade = ("return", "grade", ORDER, "--condition", "used", "--evidence", picture, "--id", "g-1")
    typed(*grade)
    rows = typed(*grade).rows

    assert [(row["event"], row["state"]) for row in rows] == [("UnitGraded", "repeated")]


@pytest.mark.parametrize("given", ["nowhere.jpg", "ff" * 31])
def test_what_is_no_file_is_a_usage_error(picture: Path, given: str) -> None:
    damage = ("return", "damage", ORDER, "--by", "buyer", "--evidence", given)

    assert typed(*damage).code == 2


def test_the_sha_256_of_a_file_that_nobody_attached_is_refused(picture: Path) -> None:
    said = typed("return", "damage", ORDER, "--by", "buyer", "--evidence", "ff" * 32)

    assert said.code == 1
    assert "no file with this SHA-256 is kept" in said.err


def test_an_invoice_is_kept_as_one(picture: Path) -> None:
    rows = typed("product", "cost", "MUG", "3.20 EUR", "--invoice", picture).rows

    assert "(invoice," in rows[0]["summary"]
    assert [row["stream"] for row in rows] == ["account", "account"]
    assert typed("evidence", "list", "account").rows[0]["digest"] == DIGEST


def test_the_text_of_a_claim_is_kept_as_one(picture: Path, tmp_path: Path) -> None:
    text = tmp_path / "claim.txt"
    text.write_text("We ask for a reimbursement.")
    rows = typed("claim", "draft", ORDER, "--door", "safe_t", "--text", text).rows

    assert "(claim text," in rows[0]["summary"]
    assert rows[1]["event"] == "ClaimDrafted"
