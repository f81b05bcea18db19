"""Signed notes (C2SP): a text under an Ed25519 signature, as Go's sumdb and every witness reads them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Final, NamedTuple

from ledger.store.proofs import base64_of

ED25519: Final = b"\x01"
"""The kind of signature, as a verifier key says it."""
KEY_ID_BYTES: Final = 4
PUBLIC_BYTES: Final = 32
SECRET_BYTES: Final = 32
ORIGIN_PREFIX: Final = "returns-ledger/"
_SIGNATURE: Final = re.compile("— ([^ +]+) ([A-Za-z0-9+/]+={0,2})")


class VerifierKey(NamedTuple):
    """What a stranger needs to check a signature: `NAME+ID+BASE64`."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes by which a signature says whose it is."""
        told = self.name.encode() + b"\n" + ED25519 + self.public
        return sha256(told).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64_of(ED25519 + self.public)}"

    @classmethod
    def read(cls, text: str) -> VerifierKey:
        """The key that is written down; raises ValueError where it is none."""
        name, _, rest = text.partition("+")
        told_id, _, told_key = rest.partition("+")
        try:
            kind_and_key = base64.b64decode(told_key, validate=True)
        except binascii.Error as error:
            raise ValueError(f"no verifier key: {text}") from error
        key = cls(name, kind_and_key[1:])
        if kind_and_key[:1] != ED25519 or len(key.public) != PUBLIC_BYTES:
            raise ValueError(f"no verifier key of Ed25519: {text}")
        if key.key_id.hex() != told_id:
            raise ValueError(f"the verifier key does not have the id that it tells: {text}")
        return key


class Signer(NamedTuple):
    """A key that signs."""

    key: VerifierKey
    secret: bytes

    def sign(self, text: str) -> str:
        """The text as a signed note; it ends in a line feed and has no blank line at its end."""
        assert text[-1:] == "\n" != text[-2:-1], "a note ends in one line feed"
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        signature = Ed25519PrivateKey.from_private_bytes(self.secret).sign(text.encode())
        return f"{text}\n— {self.key.name} {base64_of(self.key.key_id + signature)}\n"

    @property
    def is_whole(self) -> bool:
        """True where the secret belongs to the public key."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        public = Ed25519PrivateKey.from_private_bytes(self.secret).public_key()
        return public.public_bytes_raw() == self.key.public


def new_signer(name: str | None = None) -> Signer:
    """A key of one's own; the first one of a log gives the log its name."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    made = Ed25519PrivateKey.generate()
    public = made.public_key().public_bytes_raw()
    return Signer(VerifierKey(name or origin_of(public), public), made.private_bytes_raw())


def origin_of(public: bytes) -> str:
    """The name of a log, by its first public key: whoever has the name can tell that key."""
    return ORIGIN_PREFIX + sha256(public).hexdigest()[:32]


class BadNote(ValueError):
    """A text that is no signed note, or that none of the keys has signed."""


def text_of(note: str, keys: Iterable[VerifierKey]) -> str:
    """The text of a note that one of the keys has signed; raises BadNote otherwise."""
    return opened(note, keys)[0]


def opened(note: str, keys: Iterable[VerifierKey]) -> tuple[str, VerifierKey]:
    """The text of a note, and which of the keys signed it; raises BadNote where none did."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    text, blank, signatures = note.rpartition("\n\n")
    text += "\n"
    if not blank or not signatures.endswith("\n"):
        raise BadNote("this is no signed note")
    known = {(key.name, key.key_id): key for key in keys}
    for key, signature in [_signature(line, known) for line in signatures[:-1].split("\n")]:
        if key is None:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
        except InvalidSignature:
            raise BadNote(f"the signature of {key.name} is not of this text") from None
        return text, key
    raise BadNote("none of the known keys has signed it")


def _signature(
    line: str, known: dict[tuple[str, bytes], VerifierKey]
) -> tuple[VerifierKey | None, bytes]:
    told = _SIGNATURE.fullmatch(line)
    if told is None:
        raise BadNote("a line of signatures is not written as one")
    try:
        decoded = base64.b64decode(told[2], validate=True)
    except binascii.Error:
        raise BadNote("a signature is not written in base64") from None
    return known.get((told[1], decoded[:KEY_ID_BYTES])), decoded[KEY_ID_BYTES:]


# --- checkpoints ------------------------------------------------------------------------------


class Checkpoint(NamedTuple):
    """What a log was at a size, signed: whoever keeps it can tell later whether it only grew."""

    origin: str
    size: int
    root: bytes
    note: str
    """The signed note; empty where it is not signed yet."""

    @property
    def text(self) -> str:
        """What is signed (C2SP tlog-checkpoint)."""
        return f"{self.origin}\n{self.size}\n{base64_of(self.root)}\n"

    @classmethod
    def read(cls, note: str) -> Checkpoint:
        """The checkpoint that a note tells, its signature not looked at; raises BadNote if none."""
        lines = note.partition("\n\n")[0].split("\n")
        try:
            size, root = int(lines[1]), base64.b64decode(lines[2], validate=True)
        except (IndexError, ValueError) as error:
            raise BadNote("this is no checkpoint") from error
        if len(root) != PUBLIC_BYTES or str(size) != lines[1] or size < 0:
            raise BadNote("this is no checkpoint")
        return cls(lines[0], size, root, note)
