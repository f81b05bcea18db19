"""One run of the command: what was asked for globally, and what its log line will say."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cli.workspace import Workspace
    from ledger.errors import LedgerError


def now() -> datetime:
    """The only clock of the program."""
    return datetime.now(UTC)


@dataclass
class Session:
    """What a command needs to know of the run that it is part of."""

    home: Path | None = None
    store: str | None = None
    keys: Path | None = None
    format: str = "auto"
    verbosity: int = 0
    clock: Callable[[], datetime] = now
    command: str = ""
    accounts: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    failures: list[LedgerError] = field(default_factory=list)
    """What went wrong with a part of the work while the rest went on; said at the end."""
    left_out: list[str] = field(default_factory=list)
    """The accounts of several that could not be read; what is wrong with each is among the failures."""
    _workspace: Workspace | None = None

    @property
    def workspace(self) -> Workspace:
        """The home folder and the accounts in it, found when they are first needed."""
        from cli.workspace import Workspace, default_home

        if self._workspace is None:
            self._workspace = Workspace(
                self.home or default_home(), self.store, self.clock, self.keys, self.command
            )
            self._workspace.warn = self.note
        return self._workspace

    @property
    def opened(self) -> bool:
        """True once the command has looked for the ledger."""
        return self._workspace is not None

    def leave_out(self, account: str, trouble: LedgerError) -> None:
        """Go on without an account; what is wrong with it is said at the end."""
        self.left_out.append(account)
        self.failures.append(trouble)

    def count(self, **numbers: int) -> None:
        """Add to what the log line counts."""
        for name, number in numbers.items():
            self.counts[name] = self.counts.get(name, 0) + number

    def note(self, text: str) -> None:
        """Say something beside the answer, unless the user wants quiet."""
        if self.verbosity >= 0:
            print_safely(text)


def print_safely(text: str) -> None:
    """A line on standard error; what could steer a terminal is shown, not obeyed."""
    sys.stderr.write(f"{visible(text)}\n")
    sys.stderr.flush()


def visible(text: str) -> str:
    """The text with every control character but the end of a line written out."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character == "\n" else _written_out(character)
        for character in text
    )


def _written_out(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def in_colour() -> bool:
    """Whether standard output is a terminal that wants colour: NO_COLOR and dumb ones do not."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()
