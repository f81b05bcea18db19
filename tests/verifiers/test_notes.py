"""The signatures on notes: Go, OpenSSL and `cryptography` accept ours, and refuse what was altered."""

from __future__ import annotations

import base64
import binascii
import subprocess
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger import verify
from ledger.store.notes import new_signer
from tests.verifiers.tools import Go, program

SIGNER = new_signer()
VKEY = str(SIGNER.key)
TEXT = f"{SIGNER.key.name}\n7\n{base64.b64encode(bytes(32)).decode()}\n"
NOTE = SIGNER.sign(TEXT)
ENDORSEMENT = SIGNER.sign(f"returns-ledger.key/1\n{SIGNER.key.name}\n{VKEY}\n")


def altered() -> list[str]:
    """The note with each of its characters changed, left out and doubled.

    Of its last letters base64 leaves a few bits unused, which some readers do not look at: a note that
    differs in them alone says the same.
    """
    changed = []
    for place, letter in enumerate(NOTE):
        other = "A" if letter != "A" else "B"
        changed.append(NOTE[:place] + other + NOTE[place + 1 :])
        changed.append(NOTE[:place] + NOTE[place + 1 :])
        if not letter.isspace():
            changed.append(NOTE[:place] + letter + NOTE[place:])
    return [note for note in changed if told(note) != told(NOTE)]


def told(note: str) -> tuple[str, bytes | None]:
    """The text and the bytes of the signature."""
    text, _, signature = note.rpartition(" ")
    try:
        return text, base64.b64decode(signature.rstrip("\n"), validate=True)
    except binascii.Error:
        return text, None


def holds(note: str) -> bool:
    try:
        verify.expect_signed(verify.note_of(note.encode()), verify.key_of(VKEY), "it")
    except verify.Refused:
        return False
    return True


def test_verify_py_accepts_ours_and_refuses_every_altered_one() -> None:
    assert holds(NOTE)
    assert holds(ENDORSEMENT)
    assert [note for note in altered() if holds(note)] == []


def test_go_accepts_our_notes_and_refuses_every_altered_one(go: Go) -> None:
    asked = [NOTE, ENDORSEMENT, *altered()]
    answers = go.answers({"kind": "note", "vkey": VKEY, "note": note} for note in asked)

    assert answers[:2] == [True, True]
    assert set(answers[2:]) == {False}


def test_go_and_verify_py_read_the_same_keys(go: Go) -> None:
    wrong = [VKEY[:-4], VKEY.replace("+", "-"), VKEY.replace("returns", "return"), VKEY[1:], ""]
    answers = go.answers({"kind": "note", "vkey": key, "note": NOTE} for key in [VKEY, *wrong])
    ours = []
    for key in [VKEY, *wrong]:
        try:
            ours.append(verify.key_of(key).text == VKEY)
        except verify.Refused:
            ours.append(False)

    assert answers == [True, *[False] * len(wrong)]
    assert answers == ours


def test_a_note_with_signatures_of_others_is_still_ours(go: Go) -> None:
    witness = new_signer("witness.example")
    both = NOTE + witness.sign(TEXT).rpartition("\n\n")[2]

    assert holds(both)
    assert go.answers([{"kind": "note", "vkey": VKEY, "note": both}]) == [True]


def parts(note: str) -> tuple[bytes, bytes]:
    """What is signed, and the 64 bytes of the signature."""
    text, _, line = note.rpartition("\n\n")
    return f"{text}\n".encode(), base64.b64decode(line.split()[-1])[4:]


def test_cryptography_accepts_our_signature_and_refuses_another_text() -> None:
    text, signature = parts(NOTE)
    key = Ed25519PublicKey.from_public_bytes(SIGNER.key.public)

    key.verify(signature, text)
    with pytest.raises(InvalidSignature):
        key.verify(signature, text.replace(b"7", b"8"))


@pytest.mark.parametrize(
    ("text", "code"), [(TEXT, 0), (TEXT.replace("7", "8"), 1)], ids=["ours", "another"]
)
def test_openssl_accepts_our_signature_and_refuses_another_text(
    text: str, code: int, tmp_path: Path
) -> None:
    openssl = program("openssl", "openssl")
    _, signature = parts(NOTE)
    # An Ed25519 key in DER is these twelve bytes and the key (RFC 8410).
    der = bytes.fromhex("302a300506032b6570032100") + SIGNER.key.public
    (tmp_path / "key.der").write_bytes(der)
    (tmp_path / "text").write_text(text)
    (tmp_path / "signature").write_bytes(signature)
    asked = "-verify -rawin -pubin -keyform DER -inkey key.der -in text -sigfile signature"
    done = subprocess.run(
        [openssl, "pkeyutl", *asked.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == code, done.stderr
