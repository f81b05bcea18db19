"""What can be recorded from the desk: one form for each kind of deed, filled in on a command line or in a batch.

A form's fields are those of its event, so nothing is listed twice: an option's type, its choices and whether it
must be given follow from the event's own field. A form adds only what an event cannot know: words for the help,
another name for an option, what stands behind the command without an option's name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, get_args, get_origin

import click
import msgspec

from cli.desk.fields import COMMON, Field
from cli.desk.typed import Amount, Shown, Text, When, Word
from cli.options import InOrder, MarketplaceCode, account_option, shared_options
from cli.session import Session
from ledger.event import Deed
from ledger.values import Money

if TYPE_CHECKING:
    from cli.desk.recording import Desk

About = Literal["order", "perhaps an order", "thing", "removal", "account"]
"""What the first word behind the command names, and so the stream in which it is recorded."""
Values = dict[str, Any]
"""What was filled in, by the names of options: what was left out is not there."""

MOST: Final = 1_000_000
"""No number that is typed is greater: units, days, months, grams."""
SUBJECTS: Final[Mapping[About, str]] = {
    "order": "order",
    "perhaps an order": "order",
    "thing": "thing",
    "removal": "removal",
}


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """One command of the desk: what it records, about what, and how its fields are filled in."""

    name: str
    records: type[Deed]
    help: str
    """The first line is what a list of commands shows."""
    about: About = "order"
    arguments: tuple[str, ...] = ()
    """Fields that stand behind the command without an option's name."""
    fields: Mapping[str, str | Field] = {}
    """Words for the help, by the event's field; those that many share are in `fields.COMMON`."""
    beside: Mapping[str, Field] = {}
    """What is filled in and is no field of the event, by its option's name; `finish` makes use of it."""
    without: tuple[str, ...] = ()
    """Fields that `finish` fills in by itself."""
    finish: Callable[[Desk, Values], Values] | None = None
    """Makes of what was filled in what the event holds."""
    allows: tuple[Literal["again", "against_advice"], ...] = ()
    """What may be recorded all the same, when the seller says so."""
    begins: bool = False
    """True where it may begin an account."""
    files: bool = False
    """True where it takes files, one or more, and each is an entry of its own."""
    new_claim: bool = False
    """True where it may be the first that is told of a claim."""

    @property
    def subject(self) -> str | None:
        """The name of the first word behind the command."""
        return SUBJECTS.get(self.about)

    def typed(self) -> Iterator[tuple[str, Field, msgspec.structs.FieldInfo]]:
        """Each field of the event that is filled in: its name, how, and what the event says of it."""
        for told in msgspec.structs.fields(self.records):
            if told.name == "order_id" or told.name in self.without:
                continue
            how = self.fields.get(told.name) or COMMON.get(told.name)
            assert how is not None, f"{self.records.__name__}.{told.name} has no words"
            yield told.name, how if isinstance(how, Field) else Field(how), told

    def option_of(self, field: str, how: Field) -> str:
        """The name under which a field is filled in, with underscores: a batch's name for it."""
        return (how.option or field).replace("-", "_")

    def held(self, values: Values) -> Values:
        """What was filled in, under the names of the event's fields."""
        held = {}
        for name, how, _ in self.typed():
            given = values.get(self.option_of(name, how))
            if given is not None:
                held[name] = (not given) if how.opposite else given
        return held


# --- a form as a command ----------------------------------------------------------------------

ALLOWED: Final[Mapping[str, str]] = {
    "again": "Record it although one like it was recorded shortly before.",
    "against_advice": "Record it although Amazon or the law most likely allows the return.",
}


def command_of(form: Form, name: str = "") -> click.Command:
    """The form as a command; `name` is the whole of it, `return grade`."""

    def run(**values: Any) -> int:
        from cli.desk.answering import answered

        session = click.get_current_context().find_object(Session)
        assert session is not None, "a command is run with a session"
        return answered(session, form, name or form.name, values)

    made = click.command(
        form.name,
        help=form.help,
        short_help=form.help.partition("\n")[0],
        params=params_of(form),
    )
    return made(account_option(shared_options(run)))


def group_of(name: str, short_help: str, more: str, forms: Sequence[Form]) -> click.Group:
    """A group of forms as a command with commands of its own."""
    group = InOrder(name, help=f"{short_help}\n\n{more}".strip(), short_help=short_help)
    for form in forms:
        group.add_command(command_of(form, f"{name} {form.name}"))
    return group


def params_of(form: Form) -> list[click.Parameter]:
    """What may be filled in: arguments, the event's fields, what stands beside them, what all forms share."""
    typed = {name: (how, told) for name, how, told in form.typed()}
    params: list[click.Parameter] = []
    if form.subject:
        required = form.about != "perhaps an order"
        name = form.subject.upper()
        params.append(
            click.Argument(
                [form.subject],
                metavar=name if required else f"[{name}]",
                required=required,
                type=Text(),
            )
        )
    params += [_argument(form, name, *typed.pop(name)) for name in form.arguments]
    if form.files:
        params.append(
            click.Argument(["files"], metavar="FILE...", type=Shown(), nargs=-1, required=True)
        )
    params += [_option(form, name, how, told) for name, (how, told) in typed.items()]
    params += [_beside(name, how) for name, how in form.beside.items()]
    params += [
        click.Option([f"--{name.replace('_', '-')}"], is_flag=True, help=ALLOWED[name])
        for name in form.allows
    ]
    return [*params, *_shared()]


def _shared() -> list[click.Parameter]:
    return [
        click.Option(
            ["--at"], type=When(), help="When it happened: a day, or a moment; now by default."
        ),
        click.Option(["--actor"], type=Text(), help="Who records it: a role, not a person's name."),
        click.Option(
            ["--id"], type=Text(), help="The command's own id: sent twice, it is recorded once."
        ),
        click.Option(
            ["--redact"],
            is_flag=True,
            help="Blot out what is personal in a text; else it is refused.",
        ),
        click.Option(
            ["--dry-run"], is_flag=True, help="Say what would be recorded, and change nothing."
        ),
    ]


def _argument(
    form: Form, name: str, how: Field, told: msgspec.structs.FieldInfo
) -> click.Parameter:
    option = form.option_of(name, how)
    required = _must(name, told) if how.required is None else how.required
    kind, many = _kind(name, how, told.type)
    return click.Argument(
        [option],
        metavar=option.upper() if required else f"[{option.upper()}]",
        type=kind,
        required=required,
        nargs=-1 if many else 1,
    )


def _option(form: Form, name: str, how: Field, told: msgspec.structs.FieldInfo) -> click.Parameter:
    option = f"--{form.option_of(name, how).replace('_', '-')}"
    if told.type is bool:
        return click.Option([option], is_flag=True, help=how.help)
    if _bare(told.type) is bool:
        return click.Option([f"{option}/--{how.otherwise}"], default=None, help=how.help)
    kind, many = _kind(name, how, told.type)
    required = _must(name, told) if how.required is None else how.required
    return click.Option(
        [option], type=kind, multiple=many, required=required, help=how.help, metavar=how.metavar
    )


def _beside(name: str, how: Field) -> click.Parameter:
    option = f"--{name.replace('_', '-')}"
    if how.type is click.BOOL:
        return click.Option([option], is_flag=True, help=how.help)
    return click.Option(
        [option],
        type=how.type,
        multiple=how.multiple,
        required=bool(how.required),
        help=how.help,
        metavar=how.metavar,
        hidden=not how.help,
    )


def _must(name: str, told: msgspec.structs.FieldInfo) -> bool:
    """The event's field says so; the only SKU of an order and its only claim need not be named."""
    return told.required and name not in ("sku", "claim")


def _kind(name: str, how: Field, kind: Any) -> tuple[click.ParamType[Any], bool]:
    """How a value of a field is understood, and whether there may be several."""
    kind = _bare(kind)
    many = get_origin(kind) is tuple
    if how.type is not None:
        return how.type, many
    if many:
        kind = get_args(kind)[0]
    if name == "evidence":
        return Shown(), many
    if name in ("marketplace", "marketplaces"):
        return MarketplaceCode(), many
    if get_origin(kind) is Literal:
        return Word(get_args(kind)), many
    if kind is Money:
        return Amount(), many
    if kind is int:
        return click.IntRange(1 if name == "quantity" else 0, MOST), many
    assert kind is str, f"{name}: {kind} cannot be typed"
    return Text(), many


def _bare(kind: Any) -> Any:
    """The kind of a field that may be None."""
    told = [one for one in get_args(kind) if one is not type(None)]
    return told[0] if type(None) in get_args(kind) and len(told) == 1 else kind
