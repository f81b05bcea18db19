"""How a value becomes a token, and how keys lie wrapped under other keys: AES-256-GCM and RFC 3394."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import re
from array import array
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
WRAPPED_BYTES: Final = KEY_BYTES + 8
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
HASH_BYTES: Final = 32

PREFIX: Final = "sealed:"
"""How every token begins."""
TOKEN: Final = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{38,}}")
"""A token, wherever it stands: 28 bytes of nonce and tag are the least."""


class Damaged(ValueError):
    """What was wrapped or sealed is not what it was, or was sealed under another key."""


def is_token(text: str) -> bool:
    """True where a text is a sealed value, and nothing else."""
    return text.startswith(PREFIX) and TOKEN.fullmatch(text) is not None


def derived(key: bytes, purpose: bytes) -> bytes:
    """A key of its own for one purpose, from which nobody finds the key that it is made of."""
    return hmac.digest(key, b"returns-ledger/1 " + purpose, "sha256")


# --- tokens -----------------------------------------------------------------------------------


def cipher(key: bytes) -> AESGCM:
    """The cipher of one data key; the library is only loaded where something is sealed or opened."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def sealed_many(values: Iterable[tuple[AESGCM, bytes, bytes]]) -> list[str]:
    """The tokens of values, each given with its cipher and context: nonce, ciphertext and tag.

    The nonces are drawn, so no two tokens are alike.
    """
    values = list(values)
    drawn = os.urandom(NONCE_BYTES * len(values))
    told = []
    for number, (under, value, context) in enumerate(values):
        nonce = drawn[number * NONCE_BYTES : (number + 1) * NONCE_BYTES]
        lies = nonce + under.encrypt(nonce, value, context)
        told.append(binascii.b2a_base64(lies, newline=False))
    # Written for addresses, and without what fills up the last three bytes, all of them together.
    together = b"\n".join(told).translate(_FOR_URLS, b"=").decode("ascii")
    return [PREFIX + one for one in together.split("\n")] if told else []


_FOR_URLS: Final = bytes.maketrans(b"+/", b"-_")


def opened(under: AESGCM, token: str, context: bytes) -> bytes:
    """The value of a token; raises Damaged where key, context or token is another."""
    from cryptography.exceptions import InvalidTag

    told = _bytes_of(token)
    try:
        return under.decrypt(told[:NONCE_BYTES], told[NONCE_BYTES:], context)
    except InvalidTag:
        raise Damaged("it does not open") from None


def _bytes_of(token: str) -> bytes:
    if not is_token(token):
        raise Damaged("this is no sealed value")
    text = token.removeprefix(PREFIX)
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise Damaged("this is no sealed value") from None


# --- RFC 3394, for many keys at once ----------------------------------------------------------

_CHECK: Final = bytes.fromhex("a6a6a6a6a6a6a6a6")
_HALF: Final = 8
_ROUNDS: Final = 6


def wrapped(under: bytes, keys: Sequence[bytes]) -> list[bytes]:
    """Each key wrapped under another as RFC 3394 says.

    The blocks of all keys go through the cipher together, so that 100,000 keys take a blink and not seconds.
    """
    if not keys:
        return []
    encrypt = _Blocks(under, encrypting=True)
    first, rest = array("Q", _CHECK * len(keys)), _columns(keys)
    for number in range(_ROUNDS * len(rest)):
        column = number % len(rest)
        done = encrypt(first, rest[column])
        first, rest[column] = _counted(done[0::2], number + 1), done[1::2]
    return _rows([first, *rest])


def unwrapped(under: bytes, told: Sequence[bytes]) -> list[bytes]:
    """The keys that were wrapped; raises Damaged where one was not wrapped under this key."""
    if not told:
        return []
    decrypt = _Blocks(under, encrypting=False)
    first, *rest = _columns(told)
    for number in reversed(range(_ROUNDS * len(rest))):
        column = number % len(rest)
        done = decrypt(_counted(first, number + 1), rest[column])
        first, rest[column] = done[0::2], done[1::2]
    if not hmac.compare_digest(first.tobytes(), _CHECK * len(told)):
        raise Damaged("a key is damaged, or was wrapped under another")
    return _rows(rest)


class _Blocks:
    """The bare cipher over pairs of halves, a block for each key."""

    def __init__(self, under: bytes, *, encrypting: bool) -> None:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        made = Cipher(algorithms.AES(under), modes.ECB())  # noqa: S305  RFC 3394 is made of it
        self._context = made.encryptor() if encrypting else made.decryptor()

    def __call__(self, left: array[int], right: array[int]) -> array[int]:
        blocks = array("Q", bytes(16 * len(left)))
        blocks[0::2], blocks[1::2] = left, right
        return array("Q", self._context.update(blocks.tobytes()))


def _counted(column: array[int], number: int) -> array[int]:
    """Each half with the number of the step in it."""
    step = number.to_bytes(_HALF, "big") * len(column)
    mixed = int.from_bytes(column.tobytes(), "big") ^ int.from_bytes(step, "big")
    return array("Q", mixed.to_bytes(len(step), "big"))


def _columns(rows: Sequence[bytes]) -> list[array[int]]:
    width = len(rows[0])
    assert all(len(row) == width for row in rows), "keys of one length at a time"
    assert width % _HALF == 0, "keys are whole halves of blocks"
    joined = array("Q", b"".join(rows))
    return [joined[place :: width // _HALF] for place in range(width // _HALF)]


def _rows(columns: Sequence[array[int]]) -> list[bytes]:
    width, count = len(columns), len(columns[0])
    joined = array("Q", bytes(_HALF * width * count))
    for place, column in enumerate(columns):
        joined[place::width] = column
    told = joined.tobytes()
    return [told[at : at + _HALF * width] for at in range(0, len(told), _HALF * width)]
