"""The views made from a dataset, by an engine: this process, or workers wherever they are."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cli.datasets import beside, dataset_of
from cli.exports.extras import needed
from cli.options import LOCAL
from cli.output import progress
from cli.packs.target import refuse_taken
from cli.session import Session
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from ledger.dataset import Dataset
    from ledger.store import Log
    from projections.catching_up import Rebuilt
    from projections.spread import Engine, Spread


class Done(NamedTuple):
    """What an engine made, and what is to be said of it."""

    account: str
    rebuilt: list[Rebuilt]
    lines: list[str]


def rebuilt_by(
    session: Session, engine: str, folder: Path | None, output: Path | None, account: str | None
) -> Done:
    """Make the views of a dataset, or of an account's log as it stands: into a folder, or into the live views."""
    needed("pyarrow", "parquet", "rebuild --dataset")
    if output is not None:
        refuse_taken(output)
        with _dataset(session, folder, account) as dataset:
            return _made(
                session,
                engine,
                dataset,
                lambda spread, told: _hand_out(spread, dataset, output, told),
            )
    name = session.workspace.one(account)
    session.accounts.append(name)
    with session.workspace.log(name) as log, _dataset(session, folder, name, log) as dataset:
        _refuse_another_log(dataset, log)
        return _made(
            session, engine, dataset, lambda spread, told: _fill(session, spread, dataset, told)
        )


@contextmanager
def _dataset(
    session: Session, folder: Path | None, account: str | None, log: Log | None = None
) -> Iterator[Dataset]:
    """The dataset that is named; else one of the log as it stands, which is gone afterwards."""
    from ledger.dataset import Dataset

    if folder is not None:
        yield Dataset(folder)
        return
    with tempfile.TemporaryDirectory(prefix="returns-ledger-") as passing:
        made = Path(passing) / "dataset"
        if log is not None:
            dataset_of(session, log, made)
        else:
            name = session.workspace.one(account)
            session.accounts.append(name)
            with session.workspace.log(name) as opened:
                dataset_of(session, opened, made)
        yield Dataset(made)


def _refuse_another_log(dataset: Dataset, log: Log) -> None:
    """Views are of their own log: the dataset must be its beginning."""
    known = dataset.manifest
    if known.position <= log.position() and log.root_at(known.position).hex() == known.root:
        return
    raise LedgerError(
        f"the dataset is of another log than that of {log.account}",
        file=str(dataset.folder),
        advice="Name the account that it was made of with --account, or hand its views out with --output DIR.",
    )


def _made(
    session: Session,
    engine: str,
    dataset: Dataset,
    work: Callable[[Spread, Callable[[int], None]], list[Rebuilt]],
) -> Done:
    from projections.spread import Spread, job_of

    known = dataset.manifest
    with (
        engine_named(engine) as (workers, lines),
        progress(session, known.position) as told,
    ):
        spread = Spread(workers, dataset, job_of(dataset))
        rebuilt = work(spread, lambda done: told(f"{known.account}: folded", done))
        return Done(known.account, rebuilt, lines())


def _hand_out(
    spread: Spread, dataset: Dataset, output: Path, told: Callable[[int], None]
) -> list[Rebuilt]:
    from projections.spread import into_parquet

    with beside(output) as part:
        return into_parquet(spread, dataset, part, told)


def _fill(
    session: Session, spread: Spread, dataset: Dataset, told: Callable[[int], None]
) -> list[Rebuilt]:
    from projections.spread import into_views
    from projections.views import open_views

    account = dataset.manifest.account
    with closing(open_views(session.workspace.address(account), account)) as views:
        return into_views(spread, dataset, views, told)


@contextmanager
def engine_named(engine: str) -> Iterator[tuple[Engine, Callable[[], list[str]]]]:
    """Who does the work, and what is to be said of it afterwards."""
    if engine == LOCAL:
        from projections.spread import Alone

        yield Alone(), list
        return
    needed("distributed", "dask", f"--engine {engine}")
    from cli.exports.code import digest_of_program
    from projections.cluster import cluster, memory_peak

    with cluster(engine, os.cpu_count() or 1) as workers:
        others = [
            worker
            for worker, digest in workers.everywhere(digest_of_program).items()
            if digest != digest_of_program()
        ]
        if others:
            raise LedgerError(
                f"{len(others)} workers run another version of this program: {', '.join(sorted(others))}",
                advice="Install the same version of returns-ledger on every machine of the cluster.",
            )

        def said() -> list[str]:
            peaks = [peak / 1e6 for peak in workers.everywhere(memory_peak).values()]
            return [f"{len(peaks)} workers, at most {max(peaks):,.0f} MB in one of them."]

        yield workers, said
