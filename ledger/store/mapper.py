"""From an entry to what is stored and back, and the canonical line that is hashed and exported."""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Final, Generic, TypeVar, cast

import msgspec
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import JSONTranscoder, Mapper, Notification, StoredEvent

from ledger.errors import StoreTrouble
from ledger.event import Entry, Event, Source, Telling

E = TypeVar("E")

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BEGINNING: Final = EPOCH.replace(tzinfo=None)
MICROSECOND: Final = timedelta(microseconds=1)


class Body(
    msgspec.Struct,
    Generic[E],
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    gc=False,
):
    """What an entry says: everything but its place in the log."""

    event: E
    occurred_at: str
    actor: str
    source: Source
    telling: Telling | None = None
    causation: str | None = None
    correlation: str | None = None


@dataclass(frozen=True)
class StoredEntry(StoredEvent):
    """An entry as the recorder writes it: the library's stored event and the local key."""

    local_key: str | None = None
    """Unique in its stream where there is one: the same telling is never recorded twice."""


@dataclass(frozen=True)
class RecordedEntry(Notification):
    """An entry as the recorder reads it back: a notification that knows its moment."""

    recorded_at: int
    """Microseconds since 1970."""


@cache
def _decoder(event_type: type[Event]) -> Callable[[bytes], Body[Event]]:
    """Made once, whatever logs are opened: it takes as long as reading many an entry."""
    return msgspec.json.Decoder(Body[event_type]).decode  # type: ignore[valid-type]


class EntryMapper(Mapper[str]):
    """Encodes entries as canonical JSON under their topic, decodes them by a given list."""

    def __init__(self, event_types: Mapping[str, type[Event]]) -> None:
        super().__init__(
            transcoder=JSONTranscoder()
        )  # the base class wants one; msgspec does the work
        self._types = dict(event_types)
        self._encode = msgspec.json.Encoder(order="sorted").encode
        self.decoders: dict[str, Callable[[bytes], Body[Event]]] = {
            topic: _decoder(event_type) for topic, event_type in self._types.items()
        }

    def topics_of(self, event_types: Collection[type[Event]]) -> set[str]:
        """The topics under which events of these types are kept."""
        return {topic for topic, event_type in self._types.items() if event_type in event_types}

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEntry:
        entry = cast(Entry, domain_event)
        topic, state, local_key = self.encoded(entry)
        return StoredEntry(
            originator_id=entry.stream,
            originator_version=entry.version,
            topic=topic,
            state=state,
            local_key=local_key,
        )

    def encoded(self, entry: Entry) -> tuple[str, bytes, str | None]:
        """An entry's topic, its state as it is kept for ever, and its local key."""
        telling = entry.telling
        body = Body(
            event=entry.event,
            occurred_at=entry.occurred_at,
            actor=entry.actor,
            source=entry.source,
            telling=telling,
            causation=entry.causation,
            correlation=entry.correlation,
        )
        state = self.state(body)
        return entry.event.TOPIC, state, None if telling is None else telling.local_key

    def state(self, body: Body[Event]) -> bytes:
        """What an entry says as it is kept for ever."""
        topic = body.event.TOPIC
        known = self._types.get(topic) is type(body.event)
        assert known, f"{topic} is not in the list of events"
        state = self._encode(body)
        # What is written is kept for ever, and msgspec checks types only when it decodes.
        try:
            read = self.decoders[topic](state)
        except msgspec.MsgspecError as error:
            raise AssertionError(f"{topic} cannot be read back: {error}") from error
        assert read == body, f"{topic} reads back as something else: {read!r}, not {body!r}"
        return state

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[str]:
        recorded = stored_event if isinstance(stored_event, RecordedEntry) else None
        return self.entry(
            stored_event.id if isinstance(stored_event, Notification) else None,
            str(stored_event.originator_id),
            stored_event.originator_version,
            stored_event.topic,
            stored_event.state,
            None if recorded is None else recorded.recorded_at,
        )

    def body(self, topic: str, state: bytes) -> Body[Event]:
        """What a state says, for whoever handles what can go wrong."""
        return self.decoders[topic](state)

    def body_of(self, stream: str, version: int, topic: str, state: bytes) -> Body[Event]:
        """What the state of an entry says; StoreTrouble says where one cannot be read."""
        try:
            return self.body(topic, state)
        except (KeyError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise self._unreadable(stream, version, topic, error) from error

    def entry(
        self,
        position: int | None,
        stream: str,
        version: int,
        topic: str,
        state: bytes,
        recorded_at: int | None,
    ) -> Entry:
        """The entry that a row of the log holds."""
        body = self.body_of(stream, version, topic, state)
        return Entry(
            stream=stream,
            version=version,
            event=body.event,
            occurred_at=body.occurred_at,
            actor=body.actor,
            source=body.source,
            telling=body.telling,
            causation=body.causation,
            correlation=body.correlation,
            position=position,
            recorded_at=None if recorded_at is None else instant_of(recorded_at),
        )

    def _unreadable(self, stream: str, version: int, topic: str, error: Exception) -> StoreTrouble:
        where = f"version {version} of {stream}"
        if topic not in self._types:
            return StoreTrouble(
                f"{where} tells of {topic!r}, which this program does not know",
                advice="A newer version of the program wrote it: update the program.",
            )
        return StoreTrouble(
            f"{where} cannot be read as {topic!r}: {error}",
            advice="Run `returns-ledger check` to see whether the log is damaged, "
            "and update the program if it is not.",
        )


def reader_of(event_types: Mapping[str, type[Event]]) -> Callable[..., Entry]:
    """Makes entries of rows of the log: position, stream, version, topic, state, recorded_at."""
    return EntryMapper(event_types).entry


# --- the canonical line -----------------------------------------------------------------------


def canonical_line(
    *, position: int, stream: str, version: int, topic: str, state: bytes, recorded_at: int
) -> bytes:
    """The one line of JSON that stands for an entry: what an export writes and the leaf hashes."""
    return canonical_lines([(position, stream, version, topic, state, recorded_at)])[0]


Placed = tuple[int, str, int, str, bytes, int]
"""Position, stream, version, topic, state and moment: what a line is made of."""


def canonical_lines(rows: Sequence[Placed]) -> list[bytes]:
    """The canonical lines of many rows: what the states have in common is looked at once."""
    if not rows:
        return []
    return lines_in_columns(*zip(*rows, strict=True))


def lines_in_columns(
    positions: Sequence[int],
    streams: Sequence[str],
    versions: Sequence[int],
    topics: Sequence[str],
    states: Sequence[bytes],
    moments: Sequence[int],
) -> list[bytes]:
    """The same, where what the rows have of each kind is together already."""
    ends = line_ends(positions, streams, versions, topics, moments)
    return [LINE_BEGINS + body + end for body, end in zip(_bodies(states), ends, strict=True)]


LINE_BEGINS: Final = b'{"body":'
"""What stands before the body."""


def line_ends(
    positions: Sequence[int],
    streams: Sequence[str],
    versions: Sequence[int],
    topics: Sequence[str],
    moments: Sequence[int],
) -> list[bytes]:
    """What stands behind the body in the canonical line of each of many entries."""
    # A number of another kind would not show in the line, or show as one that no line has.
    if not {*map(type, positions), *map(type, versions)} <= {int}:
        raise ValueError("positions and versions are whole numbers")
    streams = _inside_quotes(streams)
    told = {moment: f',"recorded_at":"{instant_of(moment)}","stream":"' for moment in set(moments)}
    named = {topic: f'","topic":{_json(topic).decode()},"version":' for topic in set(topics)}
    ends = [
        f',"position":{position}{told[moment]}{stream}{named[topic]}{version}}}'
        for position, moment, stream, topic, version in zip(
            positions, moments, streams, topics, versions, strict=True
        )
    ]
    # Encoded together: none holds a line feed, as JSON writes it otherwise.
    return "\n".join(ends).encode().split(b"\n")


def _inside_quotes(texts: Sequence[str]) -> Sequence[str]:
    """The texts as they stand between the quotation marks of JSON."""
    together = "".join(texts)
    if together.isascii() and together.isprintable() and not ('"' in together or "\\" in together):
        return texts
    return [_json(text).decode()[1:-1] for text in texts]


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A canonical line, read back; the state stands in it byte for byte, or in base64."""

    body: msgspec.Raw
    position: int
    recorded_at: str
    stream: str
    topic: str
    version: int

    @property
    def state(self) -> bytes:
        """The very bytes that the log kept."""
        body = bytes(self.body)
        if body.startswith(b'{"base64":'):
            return base64.b64decode(msgspec.json.decode(body)["base64"])
        return body


_read_line: Final[Callable[[bytes], Line]] = msgspec.json.Decoder(Line).decode


def read_lines(data: Sequence[bytes]) -> list[Placed]:
    """The entries that canonical lines stand for; raises ValueError where one is no such line."""
    try:
        rows = [
            (
                line.position,
                line.stream,
                line.version,
                line.topic,
                line.state,
                microseconds_of(line.recorded_at),
            )
            for line in map(_read_line, data)
        ]
        again = canonical_lines(rows)
    except (msgspec.MsgspecError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise ValueError(f"no line of a log: {error}") from error
    if again != data:
        raise ValueError("no line of a log: it is not written as a log writes it")
    return rows


_json: Final[Callable[[Any], bytes]] = msgspec.json.Encoder().encode
_skim: Final[Callable[[bytes], Any]] = msgspec.json.Decoder(msgspec.Raw).decode


def _bodies(states: Sequence[bytes]) -> Sequence[bytes]:
    """The states as they stand in their lines."""
    together = b"\n".join(states)
    if together.count(b"\n") < len(states) and b"\r" not in together:
        try:
            together.decode()
            deque(map(_skim, states), maxlen=0)
        except (UnicodeDecodeError, msgspec.DecodeError):
            pass
        else:
            return states
    return [state if _is_json_line(state) else _in_base64(state) for state in states]


def _is_json_line(state: bytes) -> bool:
    """True where the state can stand in a line of JSON as it is."""
    if b"\n" in state or b"\r" in state:
        return False
    try:
        state.decode()
        _skim(state)
    except (UnicodeDecodeError, msgspec.DecodeError):
        return False
    return True


def _in_base64(state: bytes) -> bytes:
    return b'{"base64":"%b"}' % base64.b64encode(state)


# --- moments ----------------------------------------------------------------------------------


def microseconds(moment: datetime) -> int:
    """A moment as the log keeps it: exact microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


@lru_cache(maxsize=4096)
def instant_of(recorded_at: int) -> str:
    """A kept moment as text, always with six decimals, so that texts sort as moments do."""
    return f"{(_BEGINNING + recorded_at * MICROSECOND).isoformat(timespec='microseconds')}Z"


@lru_cache(maxsize=4096)
def microseconds_of(instant: str) -> int:
    """A moment as text as the log keeps it; it must say its zone."""
    moment = datetime.fromisoformat(instant)
    if moment.tzinfo is None:
        raise ValueError(f"an instant needs a zone: {instant!r}")
    return microseconds(moment)
