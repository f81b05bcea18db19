"""Changes to bytes: every byte flipped in turn, and whatever else happens to files."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

Change = Callable[[bytearray, random.Random], None]


def _place(data: bytearray, dice: random.Random) -> int:
    return dice.randrange(len(data)) if data else 0


def _span(data: bytearray, dice: random.Random) -> tuple[int, int]:
    start = _place(data, dice)
    return start, min(len(data), start + dice.choice((1, 2, 16, 100, 512, 4096)))


def _set(data: bytearray, dice: random.Random) -> None:
    data[_place(data, dice)] = dice.choice((0, 10, 34, 48, 255, dice.randrange(256)))


def _delete(data: bytearray, dice: random.Random) -> None:
    start, end = _span(data, dice)
    del data[start:end]


def _insert(data: bytearray, dice: random.Random) -> None:
    start = _place(data, dice)
    data[start:start] = dice.randbytes(dice.choice((1, 2, 16, 4096)))


def _truncate(data: bytearray, dice: random.Random) -> None:
    del data[_place(data, dice) :]


def _zero(data: bytearray, dice: random.Random) -> None:
    start, end = _span(data, dice)
    data[start:end] = bytes(end - start)


def _noise(data: bytearray, dice: random.Random) -> None:
    start, end = _span(data, dice)
    data[start:end] = dice.randbytes(end - start)


def _repeat(data: bytearray, dice: random.Random) -> None:
    start, end = _span(data, dice)
    data[end:end] = data[start:end]


def _swap(data: bytearray, dice: random.Random) -> None:
    """Two pieces of the same length, as two pages of a database."""
    size = dice.choice((1, 16, 512, 4096))
    blocks = len(data) // size
    if blocks < 2:
        return
    one, other = (place * size for place in dice.sample(range(blocks), 2))
    kept = data[one : one + size]
    data[one : one + size] = data[other : other + size]
    data[other : other + size] = kept


def _append(data: bytearray, dice: random.Random) -> None:
    data += dice.choice((b"\n", b"\x00", b" ", bytes(data), dice.randbytes(100)))


def _two_flips(data: bytearray, dice: random.Random) -> None:
    for _ in range(2):
        data[_place(data, dice)] ^= 1 << dice.randrange(8)


CHANGES: Mapping[str, Change] = {
    "a byte set": _set,
    "bytes deleted": _delete,
    "bytes inserted": _insert,
    "cut off": _truncate,
    "zeros written": _zero,
    "noise written": _noise,
    "bytes repeated": _repeat,
    "pieces swapped": _swap,
    "bytes appended": _append,
    "two bits flipped": _two_flips,
}
FLIP = "a byte flipped"
STRIDE = 7919
"""A prime: steps of it reach every byte, and are spread over the file as long as they have not."""


def mutated(data: bytes, number: int, dice: random.Random) -> tuple[str, bytes]:
    """What is changed, and the bytes then: of five changes four flip the next byte in turn."""
    changed = bytearray(data)
    turn, rest = divmod(number, 5)
    if rest < 4 and data:
        flipped = turn * 4 + rest
        changed[flipped * STRIDE % len(data)] ^= 1 << (flipped // len(data) + flipped) % 8
        return FLIP, bytes(changed)
    kind = dice.choice(list(CHANGES))
    if data:
        CHANGES[kind](changed, dice)
    return kind, bytes(changed)
