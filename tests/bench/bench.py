"""Where figures are measured: sizes, the folder of what is made for them, and other people's programs."""

from __future__ import annotations

import functools
import itertools
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from tests import postgres
from tests.bench.making import write_returns
from tests.bench.running import Run, run, run_command
from tests.bench.sellers import write_seller
from tests.bench.tasks.opening import account_log, file_of, is_sqlite

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parent.parent
ACCOUNT: Final = "default"


@dataclass
class Bench:
    """What a figure may ask for."""

    folder: Path
    rows: int
    """Of the returns report that is imported."""
    orders: int
    """Of the seller whose whole book is asked."""
    runs: int
    processes: int
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    # --- work in processes of their own

    def task(self, name: str, *, one_core: bool = False, **wanted: Any) -> Run:
        """One of ours."""
        command = [sys.executable, "-m", "tests.bench.tasks", name]
        return run(command, wanted, {"PYTHONPATH": str(ROOT)}, one_core=one_core)

    def command(
        self, home: Path, words: Sequence[str | Path], count: int, *, one_core: bool = False
    ) -> Run:
        """The command line, in a new process from its start to its end."""
        environment = {"PYTHONPATH": str(ROOT), "RETURNS_LEDGER_HOME": str(home), "NO_COLOR": "1"}
        printed = self.folder / "printed"
        return run_command(words, count, printed, environment, one_core=one_core)

    def peer(self, script: str, **wanted: Any) -> Run:
        """Somebody else's, in their environment."""
        return run([self.peers / "bin" / "python", HERE / "peers" / f"{script}.py"], wanted, {})

    @functools.cached_property
    def peers(self) -> Path:
        """The environment of other people's programs, made once; raises NoPeers where it cannot be."""
        place, wanted = self.folder / "peers", HERE / "requirements.txt"
        made = place / "made"
        if not made.exists() or made.read_bytes() != wanted.read_bytes():
            shutil.rmtree(place, ignore_errors=True)
            pip = [place / "bin" / "python", "-m", "pip", "install", "--quiet", "-r", wanted]
            for command in ([sys.executable, "-m", "venv", place], pip):
                done = subprocess.run(
                    list(map(str, command)), capture_output=True, text=True, check=False
                )
                if done.returncode != 0:
                    raise NoPeers(done.stderr.strip()[-500:])
            made.write_bytes(wanted.read_bytes())
        return place

    @property
    def has_peers(self) -> bool:
        """False, and said, where their environment cannot be made."""
        try:
            return bool(self.peers)
        except NoPeers as error:
            sys.stderr.write(f"Left out, as their environment cannot be made: {error}\n")
            return False

    # --- what is measured on

    def fresh(self, name: str) -> Path:
        """An empty folder."""
        place = self.folder / "fresh" / f"{name}-{next(self._numbers)}"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        return place

    def discard(self, url: str) -> None:
        """Remove a store that nothing is measured on any more."""
        if is_sqlite(url):
            shutil.rmtree(file_of(url).parent)
        else:
            postgres.drop(url, postgres.durable_url())

    def clear(self) -> None:
        """Remove what was measured on, but not what may be measured on again."""
        shutil.rmtree(self.folder / "fresh", ignore_errors=True)

    def report(self, rows: int, first: int = 0) -> Path:
        """A returns report of so many rows, made once."""
        file = self.folder / f"returns-{rows}-{first}.txt"
        if not file.exists():
            partly = file.with_suffix(".part")
            write_returns(partly, rows, first=first).rename(file)
        return file

    @functools.cached_property
    def seller(self) -> Path:
        """The reports of a seller with so many orders, made once."""
        place = self.folder / f"seller-{self.orders}"
        if not place.exists():
            _say(f"writing the reports of a seller with {self.orders:,} orders")
            partly = place.with_suffix(".part")
            write_seller(partly, self.orders, processes=self.processes)
            partly.rename(place)
        return place

    @functools.cached_property
    def home(self) -> Path:
        """A home in which all his reports were imported, by the command; made once."""
        place = self.folder / f"home-{self.orders}"
        if not (place / "imported").exists():
            shutil.rmtree(place, ignore_errors=True)
            _say("importing them")
            words: list[str | Path] = [
                "import",
                self.seller / "reports",
                "--marketplace",
                "US",
                "--format",
                "ndjson",
            ]
            done = self.command(place, words, 1)
            (place / "imported").write_text(f"{done.seconds}\n{done.memory}\n")
        return place

    @property
    def book(self) -> str:
        """The address of that home's ledger."""
        return f"sqlite:///{self.home}/accounts/{ACCOUNT}/ledger.db"

    @functools.cached_property
    def entries(self) -> int:
        """How many entries it has."""
        with account_log(self.book, ACCOUNT) as log:
            return log.position()

    def server(self) -> str:
        """A new database on a server that waits for the disk."""
        return postgres.fresh_database(postgres.durable_url())


class NoPeers(Exception):
    """The environment of other people's programs cannot be made here."""


def answers(key: Path) -> Iterator[Mapping[str, Any]]:
    """The lines of an answer key."""
    with key.open("rb") as lines:
        for line in lines:
            yield msgspec.json.decode(line)


def _say(text: str) -> None:
    sys.stderr.write(f"  ({text})\n")
