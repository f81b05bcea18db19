"""The account itself: opened, and the rulebook that it works by."""

from __future__ import annotations

from typing import ClassVar

from ledger.case import Case, Ref
from ledger.event import Event


class AccountOpened(Event, frozen=True, kw_only=True):
    """A ledger was begun for one Amazon seller account in one region."""

    TOPIC: ClassVar[str] = "account-opened.v1"
    TIMELESS: ClassVar[bool] = True

    name: str
    region: str | None = None

    def apply(self, case: Case, ref: Ref) -> None:
        """The account's name is its ledger's: nothing to fold."""


class RulebookAdopted(Event, frozen=True, kw_only=True):
    """From here on judgements are made by this rulebook, kept whole under its digest."""

    TOPIC: ClassVar[str] = "rulebook-adopted.v1"
    TIMELESS: ClassVar[bool] = True

    digest: str
    rules: int
    own: str | None = None
    """SHA-256 of the seller's own rules, a file kept byte for byte; None where there are none."""
    shipped: str | None = None
    """Digest of the rulebook that came with the program and that they were put into."""
    changed: tuple[str, ...] = ()
    """Ids of the rules that the file corrects or adds."""

    def apply(self, case: Case, ref: Ref) -> None:
        """The book picks the rulebook; a case has none."""


class SigningKeyReplaced(Event, frozen=True, kw_only=True):
    """From here on checkpoints are signed by another key; what the old one signed stays good."""

    TOPIC: ClassVar[str] = "signing-key-replaced.v1"
    TIMELESS: ClassVar[bool] = True

    old: str
    """The verifier key that signed until here."""
    new: str
    """The verifier key that signs from here on."""
    endorsement: str | None = None
    """A signed note in which the old key vouches for the new one; None where the old key was lost."""
    why: str

    def apply(self, case: Case, ref: Ref) -> None:
        """Keys sign the log as a whole: no case has any."""


class LossAccepted(Event, frozen=True, kw_only=True):
    """Entries that had been signed are lost, and the ledger goes on without them."""

    TOPIC: ClassVar[str] = "loss-accepted.v1"
    TIMELESS: ClassVar[bool] = True

    size: int
    """Entries that the last checkpoint had signed."""
    root: str
    """Root that it had signed, hexadecimal."""
    agrees: int
    """The largest signed size up to which the log is still what was signed."""
    why: str

    def apply(self, case: Case, ref: Ref) -> None:
        """What is lost speaks of no case any more."""
