"""Rows that are plainly new or known, as a look at what is kept of their stream shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from ledger.event import Source, Telling
from ledger.recognising import Standing


class Reported(NamedTuple):
    """A row of the file in hand, ready to be recorded if nobody has spoken of the same thing."""

    stream: str
    number: int
    """Its place among the rows of its file."""
    line: int
    lines: int
    """How many lines of the file tell it."""
    told_at: str
    """The row's own moment, or what stands for the file's."""
    keys: tuple[str, ...]
    facts: tuple[tuple[str, bytes, str | None], ...]
    """Topic, state and local key of each entry that records it."""
    confides: bool
    """True where it tells something of a person."""
    place: Any
    """Where it is to be read again, or the row itself."""
    brief: tuple[tuple[str, bytes], ...] = ()
    """Instead of the facts, where most rows are known: of each entry its part, and the event in its state."""
    before: str | None = None
    """Instead of both, where a look at the log showed that it was told before: when that was."""


class _Recorded(msgspec.Struct, gc=False):
    """Of an entry what shows that another tells the same."""

    event: msgspec.Raw
    source: Source
    telling: Telling | None = None


_recorded: Final = msgspec.json.Decoder(_Recorded).decode
_told: Final = msgspec.json.Decoder(Telling).decode
_EVENT: Final = b'"event":'
_TELLING: Final = b',"telling":'


class _Said(msgspec.Struct, gc=False):
    """What entries tell of one thing: under which names, and their states by the parts that they tell."""

    keys: tuple[str, ...]
    telling: Telling
    """The first one's."""
    states: dict[str, bytes]


def plainly(
    rows: Sequence[Reported], known: Sequence[bytes], told_at: Callable[[Reported], str]
) -> list[Standing] | None:
    """New and unchanged rows of a stream, where that is plain without hearing again what was told.

    `known` are the states of the stream's entries. It is plain as long as no two rows share a name, nor any
    two tellings that are known, and each row is either one that nobody has named or says once more, not
    earlier, exactly what was said of it: what `Stream` answers then, it answers too. Else None.
    """
    found = told_before(rows, known)
    if found is None:
        return None
    standings: list[Standing] = []
    for row, before in zip(rows, found, strict=True):
        if before is None:
            standings.append("new")
        elif before <= told_at(row):
            standings.append("unchanged")
        else:
            return None
    return standings


def told_before(rows: Sequence[Reported], known: Sequence[bytes]) -> list[str | None] | None:
    """When exactly the same was told of each row, None where nobody has named it; None where that is not plain.

    Nothing is plain where an entry cannot be read: whoever hears it thoroughly says which.
    """
    try:
        if len(rows) == 1 == len(known) and (before := _said_alone(rows[0], known[0])):
            return [before]
        if not are_apart(rows) or not all(type(state) is bytes for state in known):
            return None
        return _told_before(rows, known)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _told_before(rows: Sequence[Reported], known: Sequence[bytes]) -> list[str | None] | None:
    named = _named(known)
    if named is None:
        return None
    found: list[str | None] = []
    for row in rows:
        said = None
        for name in row.keys:
            if name in named:
                said = named[name]
                break
        if said is None:
            found.append(None)
        elif _is_said(row, said):
            found.append(said.telling.told_at)
        else:
            return None
    return found


def _said_alone(row: Reported, state: bytes) -> str | None:
    """When the only entry of a stream told exactly its only row, of one part; None where it did not.

    Most orders are such: of these it says in fewer steps what is said of all.
    """
    if len(row.brief) != 1 or type(state) is not bytes:
        return None
    ((part, told),) = row.brief
    telling = _telling_in(state)
    if (
        telling is not None
        and telling.part == part
        and (telling.identity, *telling.keys) == row.keys
        and state.startswith(told, state.find(_EVENT))
    ):
        return telling.told_at
    return None


def are_apart(rows: Sequence[Reported]) -> bool:
    """True where no two of them share a name."""
    if len(rows) == 1:
        return True
    names = [name for row in rows for name in row.keys]
    return len(set(names)) == len(names)


def _named(known: Sequence[bytes]) -> dict[str, _Said] | None:
    """What entries tell, by the names of the things; None where two things share a name."""
    named: dict[str, _Said] = {}
    for state in known:
        telling = _telling_in(state)
        if telling is None:
            continue
        keys = (telling.identity, *telling.keys)
        said = named.get(keys[0])
        if said is None:
            said = _Said(keys, telling, {telling.part: state})
            for name in keys:
                if name in named:
                    return None
                named[name] = said
        elif _is_beside(said, keys, telling, state):
            said.states[telling.part] = state
        else:
            return None
    return named


def _telling_in(state: bytes) -> Telling | None:
    """The telling that an entry records: it stands at the end of its state."""
    begin = state.rfind(_TELLING)
    if begin >= 0:
        try:
            return _told(state[begin + len(_TELLING) : -1])
        except msgspec.MsgspecError:
            pass  # something in the event has that name
    return _recorded(state).telling


def _is_beside(said: _Said, keys: tuple[str, ...], telling: Telling, state: bytes) -> bool:
    """True where an entry tells another part of what one row told."""
    other = next(iter(said.states.values()))
    return (
        said.keys == keys
        and said.telling.told_at == telling.told_at
        and said.telling.occurrence == telling.occurrence
        and _recorded(other).source.digest == _recorded(state).source.digest
    )


def _is_said(row: Reported, said: _Said) -> bool:
    """True where each entry that would record the row is there already, told under the same names."""
    if said.keys != row.keys:
        return False
    for part, told in row.brief:
        state = said.states.get(part)
        if state is None or not state.startswith(told, state.find(_EVENT)):
            return False
    return all(_is_recorded(state, said) for _topic, state, _key in row.facts)


def _is_recorded(state: bytes, said: _Said) -> bool:
    """True where an entry tells what another state would tell."""
    now = _recorded(state)
    assert now.telling is not None, "what a row tells is a telling"
    known = said.states.get(now.telling.part)
    if known is None:
        return False
    then = _recorded(known)
    return (
        then.telling is not None
        and then.telling.digest == now.telling.digest
        and bytes(then.event) == bytes(now.event)
    )
