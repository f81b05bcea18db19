"""README.txt of a pack: how anybody checks it, without this program."""

from __future__ import annotations

from typing import Final

_WHAT: Final = {
    "export": "An export of a seller's returns ledger: entries, tables, originals and their proofs.",
    "dossier": "A dossier on one case, from a seller's returns ledger, with its proofs.",
    "backup": "A backup of a seller's returns ledger: every entry and every original.",
}


_BY_A_READER: Final = """
Whoever made it may only read the ledger. The key is their own and not the ledger's, unless the seller
tells you by another way that it is: it proves what they read, and not that the seller stands for it.
"""


def readme(kind: str, vkey: str, *, by_a_reader: bool = False) -> str:
    """A few lines, and the key that the seller should tell by another way; the same for .zip and folder."""
    return (
        f"{_WHAT[kind]}\n"
        "\n"
        "To check it you need Python 3.9 or newer, and no network. PACK is this .zip or folder:\n"
        "\n"
        f"    python3 verify.py PACK --key '{vkey}'\n"
        "\n"
        "It ends with VERIFIED and what was checked, or with REFUSED and the reason. Take verify.py from\n"
        "somewhere else than from the sender, or read it; ask for the key by another way, too.\n"
        f"{_BY_A_READER if by_a_reader else ''}"
    )
