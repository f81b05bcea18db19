"""What the checks of a log prove, in words; `check` and `verify` make them."""

from __future__ import annotations

from typing import Final

from cli.answer import Column

COLUMNS: Final = (
    Column("name", "check"),
    Column("ok", "ok"),
    Column("checked", "checked", right=True),
    Column("meaning", "what is proved", wraps=True),
)
OPENED: Final = "opened"
"""Told only of an account that is in such trouble that the others could not all be made."""
OPENS: Final = "the ledger can be opened, and read to its end"
OF_THE_LOG: Final = {
    "file": "the database file is whole",
    "guards": "the database refuses to change what was recorded",
    "leaves": "every entry has the hash it was recorded with",
    "tree": "the hashes make up the tree that the log keeps",
    "positions": "no entry is missing or stands in another place",
    "times": "the moments of recording go forward",
    "entries": "every entry can be read and is kept under what it tells",
    "chain": "what revises or corrects something stands behind it",
    "versions": "each stream's entries follow each other",
    "originals": "every file is what its SHA-256 says",
    "checkpoints": "the log goes on from everything that was signed of it",
    "keys": "the keys that sign are whole, and each vouches for the next",
}
"""What is derived again from the stored bytes, and compared with what was signed."""

NOT_LOOKED_AT: Final = (
    "not looked at: the files that are kept, which this user of the server may not read"
)
"""What an auditor is told beside the checks: everything else does not depend on what is in the files."""
