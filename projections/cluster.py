"""The workers of a Dask cluster as an engine: one that runs already, or one on this machine for the while."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from distributed import Client, KilledWorker, LocalCluster

from ledger.errors import LedgerError

LOCAL: Final = "dask-local"
REMOTE: Final = "dask://"
CONNECT_SECONDS: Final = 30
TRIES: Final = 3
"""A piece of work whose worker was lost so often is given up: it is most likely too large for it."""


class Cluster:
    """Workers that were found; a piece of work whose worker is lost is done again by another."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.workers: int = sum(client.nthreads().values())
        if self.workers == 0:
            raise LedgerError(
                "the cluster has no workers",
                advice="Start some: `dask worker tcp://HOST:PORT --nthreads 1`, and try again.",
            )

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """A future. The scheduler knows of what it is made, so what is lost with a machine is made again."""
        return self._client.submit(function, *arguments, pure=False)

    def result(self, promise: Any) -> Any:
        """Waits for a future, and lets the workers forget it."""
        try:
            return promise.result()
        except KilledWorker as error:
            raise LedgerError(
                f"workers were lost {TRIES} times over one piece of the work",
                advice="Give them more memory, or make a dataset of more buckets: `export --parquet DIR "
                "--buckets N`.",
            ) from error
        finally:
            promise.release()

    def everywhere(self, function: Callable[[], Any]) -> dict[str, Any]:
        """What a function gives on each worker, by its address."""
        found: dict[str, Any] = self._client.run(function)
        return found


def memory_peak() -> int:
    """The most bytes that this process has held at once."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@contextmanager
def cluster(engine: str, workers: int) -> Iterator[Cluster]:
    """The cluster that is named, and its workers; one on this machine ends with the work."""
    if engine == LOCAL:
        with (
            LocalCluster(  # a process for each, as Python folds on one core only
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address="127.0.0.1:0",  # any port: the usual one may be another cluster's
                host="127.0.0.1",
            ) as made,
            Client(made, set_as_default=False) as client,
        ):
            yield Cluster(client)
        return
    with _connected(f"tcp://{engine.removeprefix(REMOTE)}") as client:
        yield Cluster(client)


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise LedgerError(
            "no scheduler answers there",
            found=address,
            advice="Start one: `dask scheduler`, and name it as `--engine dask://HOST:PORT`.",
        ) from error
    with client:
        yield client
