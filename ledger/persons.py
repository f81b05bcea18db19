"""What rows tell of persons, as entries in which every value is sealed: only what was not told alike before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from ledger.event import Entry
from ledger.events.messages import MessageAnswered, MessageReceived
from ledger.events.personal import PersonalErased, PersonalTold
from ledger.keystore import Found, KeyStore, Sealed
from ledger.report import Personal, ReportFormat, RowTold

FOUND_BY: Final[frozenset[Personal]] = frozenset(("e-mail", "name", "phone"))
"""By what a buyer is looked for."""


ERASED: Final = "[erased]"
"""What stands for a value whose key was destroyed."""
NO_KEY: Final = "[its key is not here]"
"""What stands for a value whose key was lost, or lies in another folder."""


class Confided(NamedTuple):
    """What a row tells of a person, sealed, and where."""

    stream: str
    row: int
    event: PersonalTold


def marks_in(entries: Iterable[Entry]) -> set[str]:
    """The marks of what a stream was told of persons."""
    return {entry.event.mark for entry in entries if isinstance(entry.event, PersonalTold)}


def keep_erased(entries: Iterable[Entry], keys: KeyStore) -> None:
    """What the log says was erased stays so, even where an older copy of the keys was put back."""
    erased = {one.event.subject for one in entries if isinstance(one.event, PersonalErased)}
    if erased and (living := erased - keys.destroyed(erased)):
        keys.destroy(living)


def confided(
    rows: Iterable[RowTold],
    form: ReportFormat,
    known: Mapping[str, set[str]],
    keys: KeyStore,
) -> Iterator[Confided]:
    """What the rows tell that their streams were not told alike before; nothing of whom was erased."""
    told = {(row.stream, row.personal): row.rows[0] for row in reversed(list(rows)) if row.personal}
    if not told:
        return
    gone = keys.destroyed({stream for stream, _ in told})
    places = sorted((row, stream, words) for (stream, words), row in told.items())
    places = [place for place in places if place[1] not in gone]
    marks = keys.marks([(stream, msgspec.json.encode(words)) for _, stream, words in places])
    new = [
        (place, mark)
        for place, mark in zip(places, marks, strict=True)
        if mark not in known.get(place[1], ())
    ]
    kinds = {column.name: column.personal for column in form.columns}
    keys.note_found(
        Found(stream, kind, text)
        for (_, stream, words), _ in new
        for name, text in words
        if (kind := kinds[name]) in FOUND_BY and kind
    )
    tokens = iter(
        keys.seal_many(
            [
                (stream, text.encode(), context_of(stream, mark, name))
                for (_, stream, words), mark in new
                for name, text in words
            ]
        )
    )
    for (row, stream, words), mark in new:
        sealed = {name: next(tokens) for name, _ in words}
        event = PersonalTold(subject=stream, mark=mark, report_format=form.name, sealed=sealed)
        yield Confided(stream, row, event)


def context_of(stream: str, name: str, field: str) -> bytes:
    """What a sealed value must be found beside: its stream, its entry's own name in that, its field."""
    return f"{stream}\n{name}\n{field}".encode()


def sealed_in(entry: Entry) -> dict[str, Sealed]:
    """What is sealed in an entry, by field, ready to be opened."""
    event = entry.event
    if isinstance(event, PersonalTold):
        return {
            name: Sealed(event.subject, token, context_of(event.subject, event.mark, name))
            for name, token in event.sealed.items()
        }
    if isinstance(event, MessageReceived | MessageAnswered) and event.words and event.words_of:
        what = "received" if isinstance(event, MessageReceived) else "answered"
        context = context_of(event.words_of, event.message, f"message {what}")
        return {f"message {what}": Sealed(event.words_of, event.words, context)}
    return {}


def opened(entries: Iterable[Entry], keys: KeyStore, *, why: str) -> dict[int, dict[str, str]]:
    """What is sealed in entries, in clear, by position and field; `[erased]` where its key was destroyed."""
    by_subject: dict[str, list[tuple[int, str, Sealed]]] = {}
    for entry in entries:
        for field, told in sealed_in(entry).items():
            place = (entry.position or 0, field, told)
            by_subject.setdefault(told.subject, []).append(place)
    found: dict[int, dict[str, str]] = {}
    for subject, places in by_subject.items():
        fields = ", ".join(dict.fromkeys(field for _, field, _ in places))
        values = keys.unseal_many([told for _, _, told in places], field=fields, why=why)
        missing = ERASED if keys.is_destroyed(subject) else NO_KEY
        for (position, field, _), value in zip(places, values, strict=True):
            found.setdefault(position, {})[field] = missing if value is None else value.decode()
    return found
