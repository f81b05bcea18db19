"""A seller at the command line: what he types on which day, and what he is answered."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.cli.terminal import Said, typed
from tests.story import File, Told, files_of


class Seller:
    """One home folder, and commands typed in it at moments of the seller's choosing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def types(self, on: str, *words: str | Path) -> Said:
        """What a command answers at a moment: a day means its noon (UTC)."""
        moment = datetime.fromisoformat(on if "T" in on else f"{on}T12:00").replace(tzinfo=UTC)
        return typed("--home", self.folder / "home", *words, clock=lambda: moment)

    def does(self, on: str, *words: str | Path) -> list[dict[str, Any]]:
        """A command that records: it is allowed, and says what it recorded and what is due."""
        said = self.types(on, *words)
        assert said.code == 0, said.err
        return said.rows

    def refused(self, on: str, *words: str | Path) -> str:
        """A command that the case does not allow: the reason, and what to do."""
        said = self.types(on, *words)
        assert said.code == 1, said.out
        return said.err

    def asks(self, on: str, *words: str | Path) -> list[dict[str, Any]]:
        """A question: rows, whether or not there is something to act on."""
        said = self.types(on, *words)
        assert said.code in (0, 3), said.err
        return said.rows

    # --- what happens

    def begins(self, on: str, region: str) -> None:
        """The seller begins his ledger before there is anything in it."""
        self.does(on, "account", "add", "default", "--region", region)

    def sells(
        self,
        order: str,
        on: str,
        *,
        sku: str = "MUG",
        price: str = "100.00 USD",
        marketplace: str = "US",
        delivered: str | None = None,
        shipping: str | None = None,
    ) -> None:
        """The seller tells of an order that he sends himself, and of its delivery."""
        words = ["order", "tell", order, "--sku", sku, "--price", price]
        words += ["--marketplace", marketplace]
        self.does(on, *words, *(["--shipping", shipping] if shipping else []))
        if delivered:
            self.does(delivered, "order", "deliver", order)

    def imports(self, on: str, *told: Told, marketplace: str = "US", **stated: Any) -> None:
        """Reports are downloaded and imported."""
        for file in files_of(*told, **stated):
            self.import_file(on, file, marketplace)

    def import_file(self, on: str, file: File, marketplace: str) -> None:
        """One file is imported."""
        path = self.folder / file.name
        path.write_bytes(file.data)
        words: list[str | Path] = ["import", path, "--marketplace", marketplace, "-q"]
        if file.period:
            words += ["--period", "..".join(map(str, file.period))]
        if file.told_at:
            words += ["--told-at", file.told_at]
        self.does(on, *words)

    # --- what is asked

    def ruling(
        self, on: str, question: str, order: str, policy: str, **like: Any
    ) -> dict[str, Any]:
        """The one answer of a policy that `rights`, `postage` or `costs` gives on a day."""
        words = ["--on" if question == "rights" else "--as-of", on[:10]]
        rows = self.asks(on, question, order, *words)
        return only(rows, policy=policy, **like)

    def duty(self, on: str, duty: str, **like: Any) -> dict[str, Any] | None:
        """The one duty of that name that is open on a day, or was missed by then; None where it was met."""
        rows = self.asks(on, "due", "--missed", "--as-of", on[:10])
        found = [row for row in rows if row["kind"] == "duty" and row["claim_type"] == duty]
        return only(found, **like) if found else None

    def cost(self, on: str, order: str, **like: Any) -> tuple[str, str | None]:
        """Who bears the one cost of that kind, and how much of it."""
        found = only(self.costs(on, order)["rows"], **like)
        return found["bearer"], found["amount"]

    def costs(self, on: str, order: str) -> dict[str, Any]:
        """Every cost of an order, and what each bearer bears in all."""
        said = self.types(on, "costs", order, "--as-of", on[:10])
        assert said.code == 0, said.err
        costs: dict[str, Any] = said.json
        return costs

    def bears(self, on: str, order: str) -> dict[str, str]:
        """What each bears in all, to the cent."""
        return {one["bearer"]: one["amount"] for one in self.costs(on, order)["sums"]}

    def status(self, on: str, order: str) -> str:
        """How far the return of an order's one SKU has come."""
        (row,) = self.asks(on, "status", order, "--as-of", on[:10])
        status: str = row["status"]
        return status

    def file(self, name: str, content: bytes = b"seen with the seller's own eyes") -> Path:
        """A photo or a paper of the seller's."""
        path = self.folder / name
        path.write_bytes(content + name.encode())
        return path


def only(rows: list[dict[str, Any]], **like: Any) -> dict[str, Any]:
    """The one row that holds these values."""
    found = [row for row in rows if all(row.get(name) == value for name, value in like.items())]
    shown = [{name: row.get(name) for name in like} for row in rows]
    assert len(found) == 1, f"{len(found)} of {len(rows)} rows are like {like}: {shown}"
    return found[0]
