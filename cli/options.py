"""The options that many commands share, and how what is typed becomes a day, a moment or a store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from click.shell_completion import CompletionItem

from cli.formats import FORMATS
from cli.session import Session

Function = TypeVar("Function", bound=Callable[..., Any])


class InOrder(click.Group):
    """A command with commands of its own, listed in the order in which they are written."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


# --- for every command ------------------------------------------------------------------------


def _session(context: click.Context) -> Session:
    session = context.find_object(Session)
    assert session is not None, "a command is run with a session"
    return session


def _home(context: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    if value is not None:
        _session(context).home = value


def _store(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value:
        _session(context).store = value


def _keys(context: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    if value is not None:
        _session(context).keys = value


def _format(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        _session(context).format = value


def _verbosity(context: click.Context, _parameter: click.Parameter, value: int | None) -> None:
    if value is not None:
        _session(context).verbosity = value


def global_options(function: Function) -> Function:
    """What may stand before every command."""
    return _options(function, envvars=True)


def _options(function: Function, *, envvars: bool) -> Function:
    options = (
        click.option(
            "--home",
            type=NamedPath(file_okay=False),
            metavar="DIR",
            envvar="RETURNS_LEDGER_HOME" if envvars else None,
            show_envvar=True,
            hidden=not envvars,
            callback=_home,
            expose_value=False,
            help="Where ledgers and settings are kept; by default the platform's data folder.",
        ),
        click.option(
            "--store",
            metavar="URL",
            envvar="RETURNS_LEDGER_STORE" if envvars else None,
            show_envvar=True,
            hidden=not envvars,
            callback=_store,
            expose_value=False,
            help="postgresql://... for a server; by default SQLite in the home.",
        ),
        click.option(
            "--keys",
            type=NamedPath(file_okay=False),
            metavar="DIR",
            envvar="RETURNS_LEDGER_KEYS" if envvars else None,
            show_envvar=True,
            hidden=not envvars,
            callback=_keys,
            expose_value=False,
            help="Where the keys of personal data and signatures are kept; by default the home.",
        ),
        click.option(
            "--format",
            type=click.Choice(["auto", *FORMATS]),
            callback=_format,
            expose_value=False,
            help="auto: a table on a terminal, ndjson when piped.",
        ),
        click.option(
            "-v",
            "--verbose",
            flag_value=1,
            type=int,
            hidden=not envvars,
            callback=_verbosity,
            expose_value=False,
            help="Write the command's log line to standard error.",
        ),
        click.option(
            "-q",
            "--quiet",
            flag_value=-1,
            type=int,
            hidden=not envvars,
            callback=_verbosity,
            expose_value=False,
            help="No notes beside the answer, and no progress bars.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def shared_options(function: Function) -> Function:
    """The global options once more, for those who type them behind the command."""
    return _options(function, envvars=False)


# --- files ------------------------------------------------------------------------------------


class NamedPath(click.Path):
    """A file or folder that was named; an empty path is none, and never the folder one is in."""

    def __init__(self, *, file_okay: bool = True) -> None:
        super().__init__(file_okay=file_okay, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail(
                "the path is empty: a variable may not be set. Write `.` for the folder you are in.",
                param,
                ctx,
            )
        return super().convert(value, param, ctx)


# --- accounts and stores ----------------------------------------------------------------------


class AccountName(click.ParamType[str]):
    """The name of an account; those there are complete on TAB."""

    name = "name"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from ledger.errors import LedgerError

        try:
            names = _session(ctx).workspace.accounts()
        except LedgerError:
            return []
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


class MarketplaceCode(click.ParamType[str]):
    """An Amazon store: `US`, `uk`, `amazon.de`."""

    name = "code"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from ledger.values import BY_CODE, marketplace_named

        code = marketplace_named(value)
        if code is None:
            self.fail(f"{value!r} is no Amazon store; one of {', '.join(BY_CODE)}", param, ctx)
        return code

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from ledger.values import MARKETPLACES

        return [
            CompletionItem(market.code, help=market.domain)
            for market in MARKETPLACES
            if market.code.startswith(incomplete.upper())
        ]


account_option: Final = click.option(
    "--account",
    type=AccountName(),
    help="Which account: by default the only one there is, else `default`.",
)
accounts_option: Final = click.option(
    "--account",
    type=AccountName(),
    help="Which account, or `all`: by default the only one there is, else `default`.",
)
marketplace_option: Final = click.option(
    "--marketplace", type=MarketplaceCode(), help="Only what belongs to this Amazon store."
)


# --- days and moments -------------------------------------------------------------------------


class Day(click.ParamType[date]):
    """A calendar day, `2026-05-01`."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day; write it as 2026-05-01", param, ctx)


class Period(click.ParamType[tuple[date, date]]):
    """Two days, both included: `2026-05-01..2026-05-31`."""

    name = "from..to"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[date, date]:
        first, dots, last = str(value).partition("..")
        try:
            period = date.fromisoformat(first), date.fromisoformat(last)
        except ValueError:
            period = None
        if period is None or not dots:
            advice = "write it as 2026-05-01..2026-05-31"
            self.fail(f"{value!r} is no period; {advice}", param, ctx)
        if period[0] > period[1]:
            self.fail(f"{value!r} ends before it begins", param, ctx)
        return period


class Instant(click.ParamType[datetime]):
    """A moment, `2026-05-01T12:00:00Z`; a day means its last moment."""

    name = "instant"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        text = str(value)
        try:
            if len(text) == 10:
                day = datetime.fromisoformat(text).replace(tzinfo=UTC)
                return day + timedelta(days=1) - timedelta(microseconds=1)
            moment = datetime.fromisoformat(text)
        except (ValueError, OverflowError):
            advice = "write it as 2026-05-01T12:00:00Z, or as a day"
            self.fail(f"{value!r} is no moment; {advice}", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{value!r} has no zone; end it with Z for UTC, or with +02:00", param, ctx)
        return moment.astimezone(UTC)


class Within(click.ParamType[timedelta]):
    """A span of days, `14d`; `2w` is two weeks."""

    name = "days"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        text = str(value).lower()
        unit = {"d": 1, "w": 7}.get(text[-1:], 1)
        number = text.rstrip("dw") if text[-1:] in "dw" else text
        if not (number.isascii() and number.isdigit() and len(number) < 6):
            self.fail(f"{value!r} is no number of days; write 14d or 2w", param, ctx)
        return timedelta(days=int(number) * unit)


def question_options(function: Function) -> Function:
    """What every question may be narrowed to: account, store, the day and what was known."""
    return accounts_option(marketplace_option(day_options(shared_options(function))))


def day_options(function: Function) -> Function:
    """The two dates of a question."""
    options = (
        click.option(
            "--as-of",
            type=Day(),
            help="What had happened by this day, on which deadlines are judged; by default today (UTC).",
        ),
        click.option(
            "--known-at",
            type=Instant(),
            help="What had been recorded by this moment; by default now.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


# --- who does the work ------------------------------------------------------------------------

LOCAL: Final = "local"
DASK_LOCAL: Final = "dask-local"
DASK: Final = "dask://"


class EngineName(click.ParamType[str]):
    """Who does the work: `local`, `dask-local`, or a scheduler's address, `dask://10.0.0.5:8786`."""

    name = "engine"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        host, colon, port = text.removeprefix(DASK).rpartition(":")
        named = text.startswith(DASK) and host and colon and port.isascii() and port.isdigit()
        if text not in (LOCAL, DASK_LOCAL) and not named:
            self.fail(f"{value!r} is none of {LOCAL}, {DASK_LOCAL} and {DASK}HOST:PORT", param, ctx)
        return text
