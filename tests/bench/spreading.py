"""Chance whose ids never repeat, however many sellers throw: numbers counted up, spread by a permutation."""

from __future__ import annotations

from collections import Counter
from typing import Final

from cli.demo.world import ALPHABET, CAPITALS, Dice

_PRIME: Final = 2**127 - 1
"""Shares no factor with any of the spaces, so multiplying by it only changes the order of their numbers."""
_SHORT: Final = 8
"""An id of so few digits is given out seldom, and its space is small."""


class SpreadDice(Dice):
    """The dice of one share of a large seller: its ids look like Amazon's, and no other share has them.

    Nothing is remembered but counters, so a billion ids take no memory.
    """

    __slots__ = ("_given", "_seed", "_share")

    def __init__(self, seed: int, share: int) -> None:
        super().__init__(f"returns-ledger bench {seed} {share}")
        self._seed, self._share = seed, share
        self._given: Counter[tuple[str, int]] = Counter()

    def digits(self, length: int) -> str:
        """A number of this many digits, the first not zero, never given twice."""
        least = 10 ** (length - 1)
        return str(least + self._next("digits", length, 9 * least))

    def word(self, length: int) -> str:
        """Letters and digits as Amazon mixes them in its ids, never given twice."""
        return _spelled(self._next("word", length, len(ALPHABET) ** length), length, ALPHABET)

    def capitals(self, length: int) -> str:
        """Capitals and digits, never given twice."""
        return _spelled(self._next("capitals", length, len(CAPITALS) ** length), length, CAPITALS)

    def order_id(self, prefix: str = "11") -> str:
        """An order id that nothing else in this world has."""
        number = self._next(prefix, 15, 5 * 10**14)
        return f"{prefix}{number // 10**14}-{number // 10**7 % 10**7:07d}-{number % 10**7:07d}"

    def _next(self, kind: str, length: int, space: int) -> int:
        each = 64 if length < _SHORT else 20_000
        given = self._given[kind, length]
        self._given[kind, length] += 1
        number = self._share * each + given
        assert given < each, "a share has no more ids of a kind"
        assert number < space
        return (number * _PRIME + self._seed * 0x9E37_79B9_7F4A_7C15) % space


def _spelled(number: int, length: int, letters: str) -> str:
    spelled = []
    for _ in range(length):
        number, place = divmod(number, len(letters))
        spelled.append(letters[place])
    return "".join(spelled)
