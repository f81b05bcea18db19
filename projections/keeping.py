"""What is kept beside the views: what cases need of each other, and what judgements rest on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from zlib import crc32

import msgspec

from ledger.book import Excerpt
from ledger.resting import QUESTIONS
from projections.local import Crew
from projections.moments import Ended, Moment, goes_on, has_come_to
from projections.views import EXCERPTS, RESTS, Filling, Standing, Views
from projections.work import by_stream

EXCERPTS_VERSION: Final = 2_000_000 + crc32(msgspec.json.encode(msgspec.json.schema(Excerpt)))
"""Another one when excerpts have other fields; raised by hand where the same fields say something else."""
RESTS_VERSION: Final = 1_000_000 + crc32(" ".join(sorted(QUESTIONS)).encode())
"""Another one when other questions are noted; raised by hand where the same ones are answered otherwise."""


def excerpts_at(moment: Moment, filling: Filling, crew: Crew) -> bytes:
    """What cases need of each other at a moment; kept, so that only those of changed cases are made again."""
    standing = filling.standings().get(EXCERPTS)
    if standing is None or not goes_on(standing, EXCERPTS_VERSION, moment):
        return excerpts_anew(moment, filling, crew.excerpts())
    if standing.position != moment.position:
        changed = moment.changed_after(standing.position)
        filling.keep_no_more(EXCERPTS, changed)
        for told in crew.excerpts(changed):
            filling.keep(EXCERPTS, by_stream(told))
        filling.stand(_excerpts_standing(moment))
    return b"".join(filling.kept(EXCERPTS))


def kept_excerpts(moment: Moment, crew: Crew, views: Views) -> bytes | None:
    """Those that are kept, where they are of this moment or can be brought to it; else None.

    Nothing is kept of what was known at an earlier moment.
    """
    standing, excerpts = views.excerpts()
    if standing is not None and has_come_to(standing, EXCERPTS_VERSION, moment):
        return excerpts
    if not views.may_fill or moment.position != moment.log.position():
        return None
    with views.filling() as filling:
        standing = filling.standings().get(EXCERPTS)
        if standing is not None and standing.position > moment.position:
            return None  # others wrote meanwhile, and caught up
        return excerpts_at(moment, filling, crew)


def excerpts_anew(ended: Ended, filling: Filling, parts: Iterable[bytes]) -> bytes:
    """The excerpts of all cases, as they were made again, kept."""
    filling.keep_none(EXCERPTS)
    found = []
    for told in parts:
        filling.keep(EXCERPTS, by_stream(told))
        found.append(told)
    filling.stand(_excerpts_standing(ended))
    return b"".join(found)


def _excerpts_standing(ended: Ended) -> Standing:
    return _kept_standing(EXCERPTS, EXCERPTS_VERSION, ended)


def rests_standing(ended: Ended) -> Standing:
    """How far it is told what judgements rest on."""
    return _kept_standing(RESTS, RESTS_VERSION, ended)


def _kept_standing(name: str, version: int, ended: Ended) -> Standing:
    return Standing(
        name=name,
        version=version,
        position=ended.position,
        known_at=ended.known_at,
        basis="",
        latest=None,
        rows=0,
        digest=None,
    )


def are_of(rests: Standing, rows: Standing) -> bool:
    """True where what is kept of the grounds is of the same moment as the rows."""
    told = RESTS_VERSION, rows.position, rows.known_at
    return (rests.version, rests.position, rests.known_at) == told
