"""A real scheduler and real workers come to the very views that this process comes to alone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from time import sleep
from typing import Any

import psycopg
import pytest
from psycopg import sql

from ledger.dataset import Dataset, Place, planned, write
from ledger.errors import LedgerError
from projections import ELIGIBILITY, PROJECTIONS
from projections.catching_up import rebuild
from projections.cluster import Cluster, cluster, memory_peak
from projections.spread import Alone, Spread, into_parquet, into_views, job_of
from projections.views import Views, open_views
from tests.registries import ROOT
from tests.story import Story, begin, refunded, returned, sold

ORDERS = 40
BUCKETS = 20
IDLE_SECONDS = 0.03

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """An account of so many orders that every worker gets some of them."""
    told = begin(tmp_path_factory.mktemp("story"), checked=False)
    tell(told)
    yield told
    told.close()


def tell(story: Story) -> None:
    names = [f"112-{number:07}-{number * 77 % 10**7:07}" for number in range(ORDERS)]
    story.imports(*(sold(name, "2026-06-01") for name in names))
    story.imports(*(refunded(name, "2026-06-10") for name in names))
    story.imports(*(returned(name, "2026-06-20") for name in names[::3]))


@pytest.fixture(scope="module")
def dataset(story: Story, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return dataset_of(story, tmp_path_factory.mktemp("of"))


def dataset_of(story: Story, folder: Path) -> Dataset:
    plan = planned(story.log.position(), BUCKETS)
    write(story.log, Place(story.log.url, story.log.account), folder / "dataset", plan)
    return Dataset(folder / "dataset")


@pytest.fixture(scope="module")
def alone(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files that this process hands out, without any cluster."""
    return handed_out(Alone(), dataset, tmp_path_factory.mktemp("alone"))


def handed_out(engine: Any, dataset: Dataset, folder: Path) -> dict[str, bytes]:
    into_parquet(Spread(engine, dataset, job_of(dataset)), dataset, folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# --- a cluster of processes -------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program of the cluster, ended with everything that it started."""
    started = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(20)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


class Running:
    """A scheduler with its workers, each a process of its own."""

    def __init__(self, address: str, workers: list[subprocess.Popen[bytes]]) -> None:
        self.engine = f"dask://{address}"
        self.workers = workers


@contextmanager
def running(workers: int) -> Iterator[Running]:
    """A scheduler on a port of its own, and so many workers that have found it."""
    address = f"127.0.0.1:{free_port()}"
    with ExitStack() as stack:
        scheduler = ("distributed.cli.dask_scheduler", "--no-dashboard", "--no-show")
        host, port = address.split(":")
        stack.enter_context(process(*scheduler, "--host", host, "--port", port))
        started = [
            stack.enter_context(
                process(
                    "distributed.cli.dask_worker",
                    *(f"tcp://{address}", "--host", host, "--no-nanny", "--no-dashboard"),
                    *("--nthreads", "1", "--memory-limit", "0"),
                )
            )
            for _ in range(workers)
        ]
        wait_for(address, workers)
        yield Running(address, started)


def wait_for(address: str, workers: int) -> None:
    from distributed import Client

    with Client(f"tcp://{address}", timeout=60, set_as_default=False) as client:
        if workers:
            client.wait_for_workers(workers, timeout=120)


def test_workers_of_a_scheduler_make_the_same_files(
    dataset: Dataset, alone: dict[str, bytes], tmp_path: Path
) -> None:
    with running(2) as there, cluster(there.engine, 2) as workers:
        made = handed_out(workers, dataset, tmp_path)
        peaks = workers.everywhere(memory_peak)

    assert alone == made
    assert len(peaks) == 2
    assert all(peak > 10_000_000 for peak in peaks.values())


class Murderous(Cluster):
    """A cluster of which one worker is killed when half of the buckets have come back."""

    def __init__(self, found: Cluster, victim: subprocess.Popen[bytes]) -> None:
        super().__init__(found._client)
        self._victim = victim
        self._back = 0
        self.killed_after = 0

    def result(self, promise: Any) -> Any:
        self._back += 1
        if self._back == BUCKETS // 2:
            self._victim.send_signal(signal.SIGKILL)
            self._victim.wait()
            self.killed_after = self._back
        return super().result(promise)


def test_a_worker_that_is_killed_in_the_middle_is_not_missed(
    dataset: Dataset, alone: dict[str, bytes], tmp_path: Path
) -> None:
    """What it held is made again by the others: excerpts, the book, and the rows that nobody had fetched."""
    with running(3) as there, cluster(there.engine, 3) as found:
        workers = Murderous(found, there.workers[0])
        made = handed_out(workers, dataset, tmp_path)

        assert workers.killed_after == BUCKETS // 2
        assert len(workers.everywhere(memory_peak)) == 2
    assert alone == made


@pytest.mark.postgres
def test_views_on_a_server_are_filled_as_the_local_rebuild_fills_them(
    server_url: str, tmp_path: Path
) -> None:
    """Row for row, and all that is kept beside, though a worker is killed and the server ends who is idle."""
    with closing(Story(server_url, checked=False)) as story, running(3) as there:
        tell(story)
        dataset = dataset_of(story, tmp_path)
        with (
            ending_the_idle(server_url),
            closing(open_views(story.log.url, story.log.account)) as views,
            cluster(there.engine, 3) as found,
        ):
            workers = Murderous(found, there.workers[0])
            spread = Spread(workers, dataset, job_of(dataset))
            made = into_views(spread, dataset, views, lambda _done: sleep(2 * IDLE_SECONDS))
        filled = kept_in(story.views)
        assert workers.killed_after == BUCKETS // 2
        assert made == rebuild(story.recall(), story.views)
        assert filled == kept_in(story.views)


@contextmanager
def ending_the_idle(url: str) -> Iterator[None]:
    """As some administrators have it: nobody keeps a transaction open in which nothing happens."""
    with psycopg.connect(url, autocommit=True) as connection:
        alter = sql.SQL("ALTER DATABASE {} ").format(sql.Identifier(connection.info.dbname))
        setting = sql.SQL("idle_in_transaction_session_timeout")
        milliseconds = sql.Literal(int(IDLE_SECONDS * 1000))
        connection.execute(alter + sql.SQL("SET {} = {}").format(setting, milliseconds))
        yield
        connection.execute(alter + sql.SQL("RESET {}").format(setting))


def kept_in(views: Views) -> list[object]:
    """Every row, how far each table has come and on what grounds, and what is kept beside."""
    return [
        views.standings(),
        *(list(views.rows(one)) for one in PROJECTIONS),
        views.excerpts(),
        views.found(ELIGIBILITY),
    ]


def test_a_cluster_of_the_machines_own_fills_the_views(story: Story, dataset: Dataset) -> None:
    before = story.digests()
    with cluster("dask-local", 2) as workers:
        made = into_views(Spread(workers, dataset, job_of(dataset)), dataset, story.views)

    assert before == {one.name: one.digest for one in made}
    assert before == story.digests()
    assert {one.entries for one in made} == {story.log.position()}


def test_damage_that_a_worker_finds_is_told_in_its_words(dataset: Dataset, tmp_path: Path) -> None:
    import shutil

    copy = Dataset(Path(shutil.copytree(dataset.folder, tmp_path / "copy")))
    path = copy.folder / copy.manifest.buckets[-1].file
    path.write_bytes(path.read_bytes()[:-1])
    (tmp_path / "out").mkdir()

    with (
        cluster("dask-local", 1) as workers,
        pytest.raises(LedgerError, match="is another file than the manifest says") as error,
    ):
        handed_out(workers, copy, tmp_path / "out")
    assert "export --parquet" in error.value.advice()


def test_where_no_scheduler_answers_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from projections import cluster as module

    monkeypatch.setattr(module, "CONNECT_SECONDS", 1)
    engine = f"dask://127.0.0.1:{free_port()}"
    with pytest.raises(LedgerError, match="no scheduler answers"), cluster(engine, 1):
        pass


def test_a_scheduler_without_workers_is_refused() -> None:
    with (
        running(0) as there,
        pytest.raises(LedgerError, match="no workers"),
        cluster(there.engine, 1),
    ):
        pass
