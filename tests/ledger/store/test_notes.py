"""Signed notes and checkpoints are written and read as C2SP and Go's sumdb have them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.store.notes import (
    BadNote,
    Checkpoint,
    Signer,
    VerifierKey,
    new_signer,
    opened,
    origin_of,
    text_of,
)

# The key and the note of the documentation of golang.org/x/mod/sumdb/note.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_NOTE = (
    f"{GO_TEXT}\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ONE, OTHER = new_signer(), new_signer()


def test_a_note_that_go_signed_is_read() -> None:
    key = VerifierKey.read(GO_KEY)

    assert GO_TEXT == text_of(GO_NOTE, [key])
    assert GO_KEY == str(key)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1))
def test_what_was_signed_is_read_back(line: str) -> None:
    note = ONE.sign(f"{line}\n")

    assert (f"{line}\n", ONE.key) == opened(note, [OTHER.key, ONE.key])


def test_the_same_text_has_the_same_signature() -> None:
    """Nothing is drawn, so that an export can be made again to the same bytes."""
    assert ONE.sign("a\n") == ONE.sign("a\n")


@pytest.mark.parametrize(
    ("note", "why"),
    [
        (ONE.sign("one\n").replace("one", "two", 1), "not of this text"),
        (OTHER.sign("one\n"), "none of the known keys"),
        ("one\n", "no signed note"),
        (ONE.sign("one\n").rstrip("\n"), "no signed note"),
        (ONE.sign("one\n") + "anything\n", "not written as one"),
        (ONE.sign("one\n").replace("=\n", "\n"), "base64"),
    ],
    ids=["another text", "another key", "no note", "cut off", "more behind it", "no base64"],
)
def test_a_note_that_nobody_signed_is_refused(note: str, why: str) -> None:
    with pytest.raises(BadNote, match=why):
        text_of(note, [ONE.key])


@pytest.mark.parametrize(
    "text",
    [
        "name",
        "name+00000000+AAAA",
        str(ONE.key)[:-4],
        str(ONE.key).replace("+", "+0", 1),
        GO_KEY.replace("c74f20a3", "c74f20a4"),
    ],
    ids=["a name", "short", "cut off", "another id", "the id of another"],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="verifier key"):
        VerifierKey.read(text)


def test_a_log_is_named_after_its_first_key() -> None:
    assert origin_of(ONE.key.public) == ONE.key.name
    assert ONE.key.name == new_signer(ONE.key.name).key.name


def test_a_secret_is_known_to_belong_to_its_key() -> None:
    assert ONE.is_whole
    assert not Signer(ONE.key, OTHER.secret).is_whole


def test_a_checkpoint_is_three_lines() -> None:
    made = Checkpoint("returns-ledger/abc", 7, b"\0" * 32, "")

    assert made.text == "returns-ledger/abc\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    note = ONE.sign(made.text)
    assert made._replace(note=note) == Checkpoint.read(note)


@pytest.mark.parametrize(
    "note",
    ["", "a\n", "a\n1\n", "a\n01\nAAAA\n\n", "a\n-1\nAAAA\n\n", "a\n1\nAAAA\n\n", "a\nb\nc\n\n"],
)
def test_what_is_no_checkpoint_is_refused(note: str) -> None:
    with pytest.raises(BadNote, match="no checkpoint"):
        Checkpoint.read(note)
