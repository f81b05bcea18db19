"""Lines of a batch, each a form that was filled in: checked whole before anything is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, Final

import click
import msgspec

from cli.commands import COMMANDS, DESK
from cli.desk.form import Form, Values, params_of
from ledger.delivery import clip
from ledger.errors import LedgerError
from ledger.personal import redacted

OF_THE_BATCH: Final = ("dry_run", "account")
"""What is said once for all lines."""


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """One line that can be recorded, as far as it can be told from the line itself."""

    number: int
    command: str
    form: Form
    values: Values


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """One line that cannot be understood, and everything that is wrong with it."""

    number: int
    command: str | None
    command_id: str | None
    problems: tuple[LedgerError, ...]


def lines_of(text: str, file: str) -> Iterator[Filled | Unread]:
    """Every line that is not empty, in order."""
    for number, line in enumerate(text.split("\n"), 1):  # other ends of lines may stand in a text
        if line.strip():
            yield _Line(line, number, file).read()


class _Line:
    """One line on its way to a form."""

    def __init__(self, line: str, number: int, file: str) -> None:
        self._line: Final = line
        self._number: Final = number
        self._file: Final = file
        self._problems: list[LedgerError] = []

    def read(self) -> Filled | Unread:
        """The line as a form that is filled in, or everything that is wrong with it."""
        told = self._object()
        command = told.get("command")
        form = self._form(command) if not self._problems else None
        values = self._values(form, told) if form else {}
        if form is not None and not self._problems:
            return Filled(
                number=self._number, command=str(command).strip(), form=form, values=values
            )
        command_id = told.get("id")
        return Unread(
            number=self._number,
            command=command if isinstance(command, str) else None,
            command_id=command_id if isinstance(command_id, str) else None,
            problems=tuple(self._problems),
        )

    def _wrong(
        self, message: str, advice: str, field: str | None = None, found: Any = None
    ) -> None:
        self._problems.append(
            LedgerError(
                message,
                advice=advice,
                file=self._file,
                row=self._number,
                column=field,
                found=None if found is None else shown(_written(found)),
            )
        )

    def _object(self) -> Mapping[str, Any]:
        try:
            told = msgspec.json.decode(self._line)
        except msgspec.DecodeError as error:
            self._wrong(f"it is not JSON: {error}", "Each line is one JSON object, and all of it.")
            return {}
        if isinstance(told, dict):
            return told
        self._wrong("it is no JSON object", 'Write {"command": ...}.', found=told)
        return {}

    def _form(self, command: Any) -> Form | None:
        known = names()
        if command is None:
            self._wrong("it says no command", f"Say which: {', '.join(known)}.", "command")
        elif not isinstance(command, str) or command.strip() not in known:
            self._wrong(
                "there is no such command", f"One of {', '.join(known)}.", "command", command
            )
        else:
            return form_of(command.strip())
        return None

    def _values(self, form: Form, told: Mapping[str, Any]) -> Values:
        if form.about == "thing" and "thing" not in told and "order" in told:
            told = {"thing" if name == "order" else name: value for name, value in told.items()}
        fields = _fields(form)
        unknown = [name for name in told if name != "command" and name not in fields]
        for name in unknown:
            shown = [
                one for one, (param, _) in fields.items() if not getattr(param, "hidden", False)
            ]
            advice = f"This command knows {', '.join(sorted(set(shown)))}."
            self._wrong("there is no such field", advice, name, told[name])
        values: Values = {}
        for name, (param, no) in fields.items():
            if told.get(name) is not None:
                self._take(values, name, param, told[name], no=no)
        self._miss(form, values)
        return values

    def _take(
        self, values: Values, name: str, param: click.Parameter, given: Any, *, no: bool
    ) -> None:
        expected = _mismatch(param, given)
        if expected:
            self._wrong(f"it is not {expected}", f"Write {expected}.", name, given)
            return
        assert param.name is not None
        try:
            value = param.type_cast_value(click.Context(click.Command("batch")), given)
        except click.BadParameter as error:
            self._wrong(
                _without(error.message, given),
                "Put the field right and send the batch again.",
                name,
            )
            return
        values[param.name] = not value if no else value

    def _miss(self, form: Form, values: Values) -> None:
        """What must be filled in and is not; the id is what makes sending again harmless."""
        wanted = [param for param in params_of(form) if param.required or param.name == "id"]
        for param in wanted:
            given = values.get(param.name or "")
            if given in (None, (), "") and not self._said_wrongly(param.name):
                words = {
                    "id": "Give each line an id of its own: sent again, it records nothing new."
                }
                advice = words.get(param.name or "", "Add it to the line.")
                self._wrong("it is missing", advice, param.name)

    def _said_wrongly(self, name: str | None) -> bool:
        return any(problem.column == name for problem in self._problems)


def _fields(form: Form) -> dict[str, tuple[click.Parameter, bool]]:
    """What a line may hold; of a flag with two names the second says no."""
    found: dict[str, tuple[click.Parameter, bool]] = {}
    for param in params_of(form):
        if param.name and param.name not in OF_THE_BATCH:
            found[param.name] = (param, False)
            for second in param.secondary_opts:
                found[second.lstrip("-").replace("-", "_")] = (param, True)
    return found


def _mismatch(param: click.Parameter, given: Any) -> str:
    """What was expected, where JSON says something of another kind."""
    if param.multiple or param.nargs == -1:
        listed = isinstance(given, list) and all(isinstance(one, str) for one in given)
        return "" if listed else 'a list of texts, ["one", "two"]'
    if getattr(param, "is_flag", False):
        return "" if isinstance(given, bool) else "true or false"
    if isinstance(param.type, click.types.IntParamType):
        whole = isinstance(given, int) and not isinstance(given, bool)
        return "" if whole else "a whole number, without quotation marks"
    return "" if isinstance(given, str) else "a text, in quotation marks"


def shown(found: str) -> str:
    """What was refused, as far as an error may show it: one word at most, and no personal one.

    A batch is refused where fields were mixed up, and then a buyer's words may stand anywhere.
    """
    word, *more = found.split(maxsplit=1) or [""]
    return f"{clip(redacted(word), 40)}{' ...' if more else ''}"


def _without(message: str, given: Any) -> str:
    """What click says of a value, with as much of it as may be shown."""
    for one in given if isinstance(given, list) else [given]:
        if isinstance(one, str):
            message = message.replace(repr(one), repr(shown(one))).replace(one, shown(one))
    return message


def _written(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


# --- which forms there are --------------------------------------------------------------------


def names() -> Sequence[str]:
    """Every command that a line may hold."""
    return [
        listed.name if form.name == listed.name else f"{listed.name} {form.name}"
        for listed in COMMANDS
        if listed.section == DESK
        for form in _forms(listed.module)
    ]


def form_of(command: str) -> Form:
    """The form of a command that there is: `return grade`."""
    group, _, name = command.partition(" ")
    (listed,) = [one for one in COMMANDS if one.name == group]
    (form,) = [one for one in _forms(listed.module) if one.name == (name or group)]
    return form


def _forms(module: str) -> Sequence[Form]:
    """The forms that a command is made of; `draft` and `batch` have none."""
    forms: Sequence[Form] = getattr(import_module(module), "FORMS", ())
    return forms
