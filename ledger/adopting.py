"""Work by the seller's own rules, or by those alone that come with the program: recorded, never overwritten."""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from ledger.errors import ConcurrentChange, LedgerError
from ledger.event import ACCOUNT_STREAM, Entry, Source
from ledger.events.account import RulebookAdopted
from ledger.recall import adopted
from ledger.rulebook import Rulebook, UnreadableRulebook
from ledger.rulebook.own import Merged, merge
from ledger.store import Log

OWN: Final = "your own rules"
"""What the seller's file is called once the log keeps it: its name is not kept."""
_ATTEMPTS: Final = 20


class Adoption(msgspec.Struct, frozen=True, kw_only=True):
    """A rulebook about to be adopted, and the files that are kept with it."""

    event: RulebookAdopted
    originals: tuple[bytes, ...]


class StaleRules(LedgerError):
    """The program brings new rules, into which the seller's own cannot be put."""


def next_adoption(
    log: Log, last: RulebookAdopted | None, shipped: Rulebook
) -> tuple[Adoption | None, StaleRules | None]:
    """What the account is to adopt now that the program comes with these rules; None where it is up to date.

    The seller's own rules are put into the new ones. Where that cannot be done, the account goes on with
    what it adopted last, and the trouble says why.
    """
    if last is None or last.own is None:
        if last is not None and last.digest == shipped.digest:
            return None, None
        return adoption_of(shipped), None
    if last.shipped == shipped.digest:
        return None, None
    content = log.original(last.own)
    try:
        return adoption_of(shipped, merge(shipped, OWN, content), content), None
    except UnreadableRulebook as error:
        return None, StaleRules(
            f"the program brings new rules that your own do not fit: {error}; "
            "what you adopted last still holds",
            advice="Change your file and adopt it again: `returns-ledger rules adopt FILE`; "
            "or go back to the program's own: `returns-ledger rules drop`.",
        )


def adoption_of(
    shipped: Rulebook, merged: Merged | None = None, own: bytes | None = None
) -> Adoption:
    """The adoption of what comes with the program, or of the seller's own rules put into it."""
    if merged is None or own is None:
        event = RulebookAdopted(digest=shipped.digest, rules=len(shipped.rules))
        return Adoption(event=event, originals=(shipped.to_json(),))
    event = RulebookAdopted(
        digest=merged.rulebook.digest,
        rules=len(merged.rulebook.rules),
        own=hashlib.sha256(own).hexdigest(),
        shipped=shipped.digest,
        changed=merged.changed,
    )
    return Adoption(event=event, originals=(merged.rulebook.to_json(), shipped.to_json(), own))


def own_rules(log: Log, known_at: str | None = None) -> bytes | None:
    """The seller's own file as it was adopted, byte for byte; None where none is in use."""
    last = adopted(log, known_at)
    return None if last is None or last.own is None else log.original(last.own)


def adopt(log: Log, wanted: Adoption, *, actor: str, command: str, command_id: str) -> bool:
    """Record that the account works by this from here on; False where it did already."""
    for _ in range(_ATTEMPTS):
        last = adopted(log)
        if last == wanted.event:
            return False
        version = log.heads([ACCOUNT_STREAM])[ACCOUNT_STREAM]
        entry = Entry(
            stream=ACCOUNT_STREAM,
            version=version + 1,
            event=wanted.event,
            occurred_at=log.now(),
            actor=actor,
            source=Source(digest=wanted.event.own, command=command, command_id=command_id),
            correlation=command_id,
        )
        try:
            log.append([entry], originals=wanted.originals)
        except ConcurrentChange:
            continue
        return True
    raise ConcurrentChange(
        f"other writers were first {_ATTEMPTS} times in a row",
        advice="Nothing was changed. Do it again when the others are done.",
    )
