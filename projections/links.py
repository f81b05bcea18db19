"""Which cases can know of which others, by the names that they share; looked up instead of read from the log."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from typing import Final

from ledger.nearby import LINKING, LINKS_VERSION, links_of
from ledger.store import Log
from projections.views import Standing, Views

NAME: Final = "links"
SORTED_AT_ONCE: Final = 200_000
"""Pairs that are sorted before they are written: neighbours are written together."""


class Links:
    """The links of one account's log, brought to its end before they are asked."""

    def __init__(self, log: Log, views: Views) -> None:
        self._log = log
        self._views = views
        self.catch_up()

    def __call__(self, links: Collection[str]) -> set[str]:
        """The streams that hold an event with any of these links, in whatever telling."""
        if not self._views.may_fill and not self._is_there(self._views.standings().get(NAME)):
            wanted = set(links)  # nobody has filled them this far: read from the log instead
            pairs = self._pairs(0, self._log.position())
            return {stream for link, stream in pairs if link in wanted}
        return self._views.streams_with(links) if links else set()

    def catch_up(self) -> None:
        """Read what was recorded since; all of it, where these are the links of another log."""
        if not self._views.may_fill or self._is_there(self._views.standings().get(NAME)):
            return
        with self._views.filling() as filling:
            standing = filling.standings().get(NAME)
            position = self._log.position()
            after = standing.position if standing is not None and self._goes_on(standing) else 0
            pairs = self._pairs(after, position)
            rows = 0
            filling.link((), anew=after == 0)
            while some := sorted(set(islice(pairs, SORTED_AT_ONCE))):
                filling.link(some, anew=False)
                rows += len(some)
            filling.stand(
                Standing(
                    name=NAME,
                    version=LINKS_VERSION,
                    position=position,
                    known_at=None,
                    basis=self._log.root_at(position).hex(),
                    latest=None,
                    rows=rows,
                    digest=None,
                )
            )

    def _is_there(self, standing: Standing | None) -> bool:
        at_the_end = standing is not None and standing.position == self._log.position()
        return at_the_end and standing is not None and self._goes_on(standing)

    def _goes_on(self, standing: Standing) -> bool:
        """True where this log has the very entries from which the links were read, as their root says."""
        if standing.version != LINKS_VERSION:
            return False
        if not 0 < standing.position <= self._log.position():
            return False
        return self._log.root_at(standing.position).hex() == standing.basis

    def _pairs(self, after: int, until: int) -> Iterator[tuple[str, str]]:
        for entry in self._log.entries(after=after, topics=LINKING):
            if (entry.position or 0) > until:
                return
            for link in links_of(entry.event):
                yield link, entry.stream
