"""The log of facts: append-only, hashed, in a file of one's own or on a PostgreSQL server."""

from ledger.store.checking import Check
from ledger.store.checkpoints import Anchor, CheckpointStore, Remembered
from ledger.store.collecting import uncollected
from ledger.store.copying import Copied, copy_log
from ledger.store.engines import server_of
from ledger.store.granting import Granted, Kind, grant, grants
from ledger.store.log import Kept, Log, open_log
from ledger.store.mapper import (
    Body,
    EntryMapper,
    canonical_line,
    canonical_lines,
    instant_of,
    microseconds_of,
    reader_of,
)
from ledger.store.notary import Notary
from ledger.store.notes import BadNote, Checkpoint
from ledger.store.placing import Batch, Encoded, EncodedRow, Head, Placed, in_parts, place
from ledger.store.proofs import RowProof, base64_of, tlog_proof
from ledger.store.recorder import Original, Packed, Receipt
from ledger.store.servers import SERVERS, advice_on, libpq_address, server_engine, told_of
from ledger.store.stored import StoredCase, StoredRow
from ledger.store.tree import (
    Tile,
    Tree,
    leaf_hash,
    leaf_hashes,
    lines_of,
    node_hash,
    root,
    root_of_lines,
)

__all__ = [
    "SERVERS",
    "Anchor",
    "BadNote",
    "Batch",
    "Body",
    "Check",
    "Checkpoint",
    "CheckpointStore",
    "Copied",
    "Encoded",
    "EncodedRow",
    "EntryMapper",
    "Granted",
    "Head",
    "Kept",
    "Kind",
    "Log",
    "Notary",
    "Original",
    "Packed",
    "Placed",
    "Receipt",
    "Remembered",
    "RowProof",
    "StoredCase",
    "StoredRow",
    "Tile",
    "Tree",
    "advice_on",
    "base64_of",
    "canonical_line",
    "canonical_lines",
    "copy_log",
    "grant",
    "grants",
    "in_parts",
    "instant_of",
    "leaf_hash",
    "leaf_hashes",
    "libpq_address",
    "lines_of",
    "microseconds_of",
    "node_hash",
    "open_log",
    "place",
    "reader_of",
    "root",
    "root_of_lines",
    "server_engine",
    "server_of",
    "tlog_proof",
    "told_of",
    "uncollected",
]
