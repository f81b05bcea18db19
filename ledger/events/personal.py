"""What is personal of an order: told, sealed under the order's own key, and erased; never in clear."""

from __future__ import annotations

from typing import ClassVar

from ledger.case import Case, Ref
from ledger.event import Event


class PersonalTold(Event, frozen=True, kw_only=True):
    """A report told something of a person, such as a comment or a name; each value is sealed.

    No finding, status or cost is worked out from it.
    """

    TOPIC: ClassVar[str] = "personal-told.v1"
    TIMELESS: ClassVar[bool] = True
    SILENT: ClassVar[bool] = True

    subject: str
    """Under whose key the values lie: the stream of the order."""
    mark: str
    """By which the same telling is known again, without its words; it too needs the subject's key."""
    report_format: str
    sealed: dict[str, str]
    """The token of each value, by the name of the report's column."""

    def apply(self, case: Case, ref: Ref) -> None:
        """It says nothing of the case."""


class PersonalErased(Event, frozen=True, kw_only=True):
    """The key of what is personal was destroyed: nobody can open it any more, and all proofs stand."""

    TOPIC: ClassVar[str] = "personal-erased.v1"
    TIMELESS: ClassVar[bool] = True
    SILENT: ClassVar[bool] = True

    subject: str
    """Whose key was destroyed."""
    destroyed_at: str
    """When the key was destroyed."""
    why: str
    values: dict[str, int]
    """How many values lay under it, by what they were: a column, `message`, `evidence`."""
    originals: tuple[str, ...] = ()
    """SHA-256 of each file, as it was delivered, in which something of it lies."""

    def apply(self, case: Case, ref: Ref) -> None:
        """It says nothing of the case."""
