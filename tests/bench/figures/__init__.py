"""What is measured, one module a subject; all of a figure's lines are measured in the same run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from tests.bench.bench import Bench
from tests.bench.figures.asking import audit_book, catching_up, one_order, questions, whole_book
from tests.bench.figures.former import dossiers_and_proofs, handing_out
from tests.bench.figures.importing import growth, import_postgres, import_sqlite
from tests.bench.figures.living import live
from tests.bench.figures.reading import export, rebuild, rebuild_by_dask, verify
from tests.bench.results import Line

FIGURES: Final[Mapping[str, Callable[[Bench], Iterator[Line]]]] = {
    "import": import_sqlite,
    "import-postgres": import_postgres,
    "growth": growth,
    "live": live,
    "rebuild": rebuild,
    "catch-up": catching_up,
    "one-order": one_order,
    "audit": audit_book,
    "whole-book": whole_book,
    "verify": verify,
    "export": export,
    "dask": rebuild_by_dask,
    "questions": questions,
    "handing-out": handing_out,
    "proofs": dossiers_and_proofs,
}
"""In the order in which they stand on the page."""
