"""What is measured, each in a process of its own: `python -m tests.bench.tasks NAME '{...}'`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tests.bench.tasks.asking import audit_alone, audit_one, catch_up_some, grown_by, read_story
from tests.bench.tasks.committing import commit_entries, commit_raw
from tests.bench.tasks.former import former
from tests.bench.tasks.reading import dump_events, scan_raw, verify_log
from tests.bench.tasks.writing import import_reports, insert_raw

TASKS: Final[dict[str, Callable[..., dict[str, Any]]]] = {
    "import": import_reports,
    "insert-raw": insert_raw,
    "commit": commit_entries,
    "commit-raw": commit_raw,
    "scan-raw": scan_raw,
    "verify": verify_log,
    "dump": dump_events,
    "story": read_story,
    "audit-one": audit_one,
    "audit-alone": audit_alone,
    "grow": grown_by,
    "catch-up": catch_up_some,
    "former": former,
}
"""Each takes what it needs by name, and gives at least `seconds` and `count`."""
