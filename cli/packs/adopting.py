"""Makes a log of a pack again, and proves that it is the same: entries, tree, files and views."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from cli.packs.reading import ReadPack
from cli.packs.viewing import Viewed, viewed
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from ledger.store import Kept, Log
    from projections.catching_up import Progress

PROBLEMS_MAX: Final = 20


class Proved(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was compared: how many of it, and where it differs."""

    name: str
    checked: int
    problems: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """True where nothing differs."""
        return not self.problems


def adopt(pack: ReadPack, log: Log) -> None:
    """Make an empty log the one that the pack holds; all of it or nothing."""
    log.adopt(pack.lines(), pack.originals(), size=pack.manifest.log.size, root=pack.root)


def proved(
    pack: ReadPack, log: Log, address: str, progress: Progress | None = None
) -> Iterator[Proved]:
    """Compare a log with a pack of it, up to where the pack ends; what is stored is read again for it."""
    size = pack.manifest.log.size
    yield _entries(pack, log)
    yield _tree(pack, log)
    yield _originals(pack, log)
    if size <= log.position():
        yield from _views(pack.manifest.views, viewed(log, address, size, progress))


def _entries(pack: ReadPack, log: Log) -> Proved:
    """Entry by entry, by their positions: one that is missing does not make those after it differ."""
    size = pack.manifest.log.size
    problems: list[str] = []
    stored = log.raw_lines(until=size)
    there = next(stored, None)
    for position, told in enumerate(pack.lines(), 1):
        while there is not None and _position(there) < position:
            problems.append(f"entry {_position(there):,} is more than there should be")
            there = next(stored, None)
        if there is None or _position(there) > position:
            problems.append(f"entry {position:,} is missing")
            continue
        if told != there:
            problems.append(f"entry {position:,} is another one")
        there = next(stored, None)
    return Proved(name="entries", checked=size, problems=_listed(problems))


_POSITION: Final = b',"position":'


def _position(line: bytes) -> int:
    """The position that a canonical line tells: nothing behind its body can look like it."""
    start = line.rindex(_POSITION) + len(_POSITION)
    return int(line[start : line.index(b",", start)])


def _listed(problems: list[str]) -> tuple[str, ...]:
    more = len(problems) - PROBLEMS_MAX
    return (*problems[:PROBLEMS_MAX], *([f"and {more:,} more"] if more > 0 else []))


def _tree(pack: ReadPack, log: Log) -> Proved:
    size = pack.manifest.log.size
    try:
        problems = () if log.root_at(size) == pack.root else ("its root is another one",)
    except LedgerError as error:
        problems = (str(error),)
    return Proved(name="tree", checked=size, problems=problems)


def _originals(pack: ReadPack, log: Log) -> Proved:
    problems = []
    checked = 0
    there: dict[str, Kept] = {kept.digest: kept for kept in log.originals_kept()}
    for kept, data in pack.originals():
        checked += 1
        problem = _compared(kept, data, there.get(kept.digest), log.kept)
        if problem:
            problems.append(problem)
    return Proved(name="originals", checked=checked, problems=_listed(problems))


def _compared(
    kept: Kept, data: bytes, stored: Kept | None, read: Callable[[str], bytes]
) -> str | None:
    if stored is None:
        return f"the original {kept.digest} is missing"
    if stored != kept:
        return f"the original {kept.digest} is kept in another form"
    try:
        return None if read(kept.digest) == data else f"the original {kept.digest} differs"
    except LedgerError as error:
        return str(error)


def _views(told: Mapping[str, Viewed], stored: Mapping[str, Viewed]) -> Iterator[Proved]:
    """Every view beside the one that it should be; one of another version is another table."""
    for name, found in stored.items():
        problems: tuple[str, ...] = ()
        one = told.get(name)
        if one is not None and one.version == found.version and one != found:
            problems = (f"{found.digest} over {found.rows:,} rows, not {one.digest}",)
        yield Proved(name=f"view {name}", checked=found.rows, problems=problems)
