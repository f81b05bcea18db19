"""What the user can put right: one class per kind of trouble, each saying where, what and what to do."""

from __future__ import annotations


class LedgerError(Exception):
    """Something the user can fix; everything else that goes wrong is a defect of ours."""

    def __init__(
        self,
        message: str,
        *,
        advice: str = "",
        file: str | None = None,
        row: int | None = None,
        column: str | None = None,
        found: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.row = row
        self.column = column
        self.found = found
        self._advice = advice

    def advice(self) -> str:
        """The next thing to do, as one sentence to the user."""
        return self._advice

    def where(self) -> str:
        """File, row and column, as far as they are known: `june.tsv, row 12, column 'quantity'`."""
        parts = [self.file] if self.file else []
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column is not None:
            parts.append(f"column '{self.column}'")
        return ", ".join(parts)

    def name_account(self, account: str) -> None:
        """Say of which account it is, where that is not said."""
        named = f"account {account}"
        told = self.file or ""
        if told != named and not told.startswith(f"{named}, "):
            self.file = f"{named}, {told}" if told else named

    def __str__(self) -> str:
        found = f" (found {self.found!r})" if self.found is not None else ""
        where = self.where()
        return f"{where}: {self.message}{found}" if where else f"{self.message}{found}"


class UnreadableFile(LedgerError):
    """A file that cannot be read at all: empty, binary, truncated, of an unknown kind."""


class UnreadableRow(LedgerError):
    """A row with a cell that does not hold what its column promises."""


class DoesNotFoot(LedgerError):
    """A report whose rows do not add up to the total that it states itself."""


class ConcurrentChange(LedgerError):
    """Somebody else wrote to the same stream first; nothing of this write was kept."""


class UnknownThing(LedgerError):
    """A question about an order, finding, account or rule that the ledger does not know."""


class StoreTrouble(LedgerError):
    """The store cannot be opened, reached or trusted."""


class Forgotten(LedgerError):
    """Personal data that was erased: its key is destroyed, and nobody can open it any more."""


class CurrencyMismatch(ValueError):
    """Two currencies met in one sum: always a defect of ours, never added up."""
