"""The log of facts: append-only, hashed, in a file of one's own or on a PostgreSQL server."""

from ledger.store.checking import Check
from ledger.store.log import Log, open_log
from ledger.store.mapper import canonical_line, instant_of, microseconds_of
from ledger.store.tree import Tree, leaf_hash, lines_of, node_hash, root, root_of_lines

__all__ = [
    "Check",
    "Log",
    "Tree",
    "canonical_line",
    "instant_of",
    "leaf_hash",
    "lines_of",
    "microseconds_of",
    "node_hash",
    "open_log",
    "root",
    "root_of_lines",
]
