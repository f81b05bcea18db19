"""One question of a seller's, and the answer that the sources give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ledger.rulebook import Rulebook


class Asked(NamedTuple):
    """A question, the answer that must be given, and how it is worked out."""

    question: str
    expected: str
    answer: Callable[[Rulebook], str]


def asked(
    question: str, expected: str, how: Callable[..., str], *about: Any, **facts: str
) -> Asked:
    """The question, answered by `how` from what it is about and the facts that it gives."""

    def answer(book: Rulebook) -> str:
        return how(book, *about, **facts)

    return Asked(question, expected, answer)
