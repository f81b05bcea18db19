"""Letters: what the typefaces lack is written by its number, and nothing can hide or steer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.dossier.letters import NARROW, SOFT, as_set, breakable, letters, shown
from cli.dossier.parts import column, table
from cli.dossier.setting import set_as_pdf

MOMENT = "2026-11-20T12:00:00Z"


def page(text: str) -> dict[str, Any]:
    """As little of a dossier as the template sets, with a text everywhere."""
    row = table([column(text, "1fr")], [[text], [[text, text]]])
    question = {
        "number": "1",
        "question": text,
        "mark": "✓",
        "said": "passed",
        "answer": text,
        "decided": [{"name": text, "text": text, "sources": [text]}],
        "flip": text,
    }
    parts: list[Any] = [
        {"text": text},
        {"heading": text},
        {"pairs": [[text, text], [text, {"text": text, "as": "mono"}]]},
        row,
        {"boxed": text, "title": text},
        {"letter": text, "subject": text},
        {"code": text},
        {"questions": [question], "lang": "en"},
    ]
    return {
        "lang": "sv",
        "paper": "a4",
        "page": "{page} / {pages}",
        "contents": "Contents",
        "kind": "A kind",
        "title": text or "t",
        "author": text,
        "claim": text,
        "keywords": [text],
        "date": [2026, 11, 20],
        "running": [text, text],
        "points": [[text, text]],
        "prepared": text,
        "notes": [text],
        "sections": [{"title": text or "t", "parts": parts, "together": False}],
    }


@pytest.mark.parametrize(
    "text",
    [
        '#panic(1) $x$ \\ *bold* _it_ @ref <label> = head #include "/etc/passwd"',
        "שלום עולם",
        "مرحبا",
        "你好世界 🎁",
        "\u202eevil\u202c \ue000 \ufeff \x00\x07 \ufffe",
        "A" * 400,
        "0" * 5000,
        "ﷺ" * 40,
    ],
)
def test_whatever_is_told_can_be_set(text: str) -> None:
    assert set_as_pdf(page(text), [], MOMENT).startswith(b"%PDF")


def test_letters_that_the_typefaces_lack_are_written_by_their_number() -> None:
    assert "a [U+4F60 597D] b" == shown("a 你好 b")
    assert "[U+202E]evil" == shown("\u202eevil")
    assert "Å, ß, ✓, ≤, שלום" == shown("Å, ß, ✓, ≤, שלום")


def test_a_sealed_value_is_named_and_not_shown() -> None:
    token = "sealed:" + "Ab-_" * 12

    assert "by [sealed], and [sealed]" == shown(f"by {token}, and {token}")


@given(st.text())
def test_no_letter_steers_the_line(text: str) -> None:
    assert all(ord(letter) in letters() or letter == "\n" for letter in shown(text))


@given(st.text())
def test_what_can_be_broken_says_the_same(text: str) -> None:
    plain = text.replace(SOFT, "")

    assert plain == breakable(plain).replace(SOFT, "")


def test_no_id_of_amazons_is_broken_and_a_long_sku_is() -> None:
    for name in ("114-6120653-9998402", "X00PY0VTDX", "LPNBN0000000001", "amzn1:crow:4j27Mz"):
        assert name == breakable(name, NARROW)
    longest = max(breakable("S" * 200, NARROW).split(SOFT), key=len)
    assert len(longest) <= NARROW


def test_what_fits_a_line_is_broken_in_a_table_only() -> None:
    told = as_set({"pairs": [["a" * 64]], "rows": [["a" * 64]]})

    assert "a" * 64 == told["pairs"][0][0]
    assert SOFT in told["rows"][0][0]


def test_a_digest_is_never_broken() -> None:
    told = {"text": "0" * 64, "as": "digest"}

    assert told == as_set(told)


def test_every_letter_that_is_said_to_be_there_is() -> None:
    """All of them at once: the typesetter refuses a letter that it has no shape for."""
    ordered = [chr(letter) for letter in sorted(letters())]
    lines = ["".join(ordered[at : at + 64]) for at in range(0, len(ordered), 64)]

    assert set_as_pdf(page("\n".join(lines)), [], MOMENT)
