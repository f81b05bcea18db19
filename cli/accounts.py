"""Several accounts, one after the other: one that cannot be read stops no other, and is not passed over in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from cli.session import Session
from ledger.errors import StoreTrouble

T = TypeVar("T")


def of_each(
    session: Session,
    accounts: Sequence[str],
    work: Callable[[str], Iterable[T]],
    *,
    at_once: bool = False,
    in_trouble: Callable[[str, StoreTrouble], T] | None = None,
) -> Iterator[T]:
    """What comes of each account, whole or not at all; with at_once while it is made, as far as it goes.

    Of several, one in trouble stops no other. Unless the answer tells of it, by what in_trouble makes, it is
    said at the end, and the command ends 1; where all of them are in trouble, there is no answer.
    """
    for account in accounts:
        session.accounts.append(account)
        try:
            yield from work(account) if at_once else list(work(account))
        except StoreTrouble as trouble:
            if len(accounts) > 1:
                trouble.name_account(account)
            if len(accounts) == len(session.left_out) + 1 and (
                in_trouble is None or not accounts[1:]
            ):
                raise
            if in_trouble is None:
                session.leave_out(account, trouble)
            else:
                yield in_trouble(account, trouble)
