"""A form that was filled in becomes entries: gaps are filled from the case, and evidence is attached."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import msgspec

from cli.desk.form import Form, Values
from cli.desk.rehearsing import Rehearsal
from cli.desk.typed import Shown, Sum
from cli.questions import stream_of
from ledger.case import Case
from ledger.deciding import Account, Decided, Decision, decide
from ledger.desk import claims_of, paid_for, refunds_of, skus_of
from ledger.errors import LedgerError, UnknownThing, UnreadableFile
from ledger.event import ACCOUNT_STREAM, Deed, Entry, order_stream, removal_stream
from ledger.events.keeping import EvidenceAttached, EvidenceKind
from ledger.folding import fold
from ledger.keystore import KeyStore, Sealed
from ledger.personal import in_name, suffix_of
from ledger.persons import context_of, keep_erased
from ledger.sealing import (
    is_sealed_whole,
    kept_already,
    sealed_text,
    sealed_whole,
    subject_of_whole,
)
from ledger.store import Log, Original
from ledger.values import BY_CODE, Money, is_order_id

_BY_FIELD: Final[dict[str, EvidenceKind]] = {"invoice": "invoice", "text": "claim_text"}
_BY_SUFFIX: Final[dict[str, EvidenceKind]] = {
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".heic", ".webp", ".gif"), "photo"),
    **dict.fromkeys((".mp4", ".mov", ".avi", ".webm"), "video"),
}


class Sending(msgspec.Struct, frozen=True, kw_only=True):
    """Who sends a form, under which id, when, and whether anything is to be kept of it."""

    actor: str
    command: str
    """`return grade`"""
    command_id: str
    at: str | None
    """When it happened; None for now."""
    now: str
    keys_of: Callable[[str], KeyStore] | None = None
    """The keys of an account, by which what is personal is sealed; None where nothing is to be kept."""


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one form: its entry, and before it those of the evidence that came with it."""

    attached: tuple[Decided, ...]
    decided: Decided
    name: str | None
    """Of the refund, claim or message that it is about; the SHA-256 of what was attached."""
    case: Case
    """As it is afterwards."""


def record(
    log: Log,
    form: Form,
    values: Values,
    sending: Sending,
    *,
    dry_run: bool,
    account: Account | None = None,
) -> Recorded:
    """Record a form, and with it the evidence it names: all of it, or nothing where it is refused.

    Evidence is entries of its own, so that a form with files is tried first. `account` is what was read of
    the same log for the forms before it.
    """
    account = account or Account(log)
    if dry_run or isinstance(log, Rehearsal):
        sending = msgspec.structs.replace(sending, keys_of=None)
    with contextlib.ExitStack() as opened:
        keys = sending.keys_of and opened.enter_context(sending.keys_of(log.account))
        desk = Desk(log, form, values, sending, account, keys)
        decisions = desk.decisions()
    if dry_run or len(decisions) > 1:
        trial = Rehearsal(log)
        tried = _recorded(trial, account.beside(trial), desk, decisions)
        if dry_run:
            return tried
    return _recorded(log, account, desk, decisions)


def _recorded(
    log: Log, account: Account, desk: Desk, decisions: Iterable[tuple[str, Decision]]
) -> Recorded:
    values, sending = desk.values, desk.sending
    done = [
        decide(
            log,
            decision,
            actor=sending.actor,
            command=sending.command,
            command_id=command_id,
            now=sending.now,
            late=bool(values.get("late")),
            again=bool(values.get("again")),
            against_advice=bool(values.get("against_advice")),
            redact=bool(values.get("redact")),
            account=account,
        )
        for command_id, decision in decisions
    ]
    *attached, decided = done
    case = _case(log, account, desk.stream)
    return Recorded(
        attached=tuple(attached),
        decided=decided,
        name=_name(decided.entry, case),
        case=case,
    )


def _case(log: Log, account: Account, stream: str) -> Case:
    account.entries()
    if stream == ACCOUNT_STREAM:
        return account.case
    return fold(stream, log.streams([stream])[stream], stated=account.stated)


def _name(entry: Entry, case: Case) -> str | None:
    """The name by which later commands find it."""
    for refund in refunds_of(case):
        if any(ref.position == entry.position for ref in refund.refs):
            return refund.name
    for field in ("digest", "claim", "message"):
        if name := getattr(entry.event, field, None):
            return str(name)
    return None


class Desk:
    """One form on the desk, filled in, beside what is known of the thing that it is about."""

    def __init__(
        self,
        log: Log,
        form: Form,
        values: Values,
        sending: Sending,
        account: Account,
        keys: KeyStore | None = None,
    ) -> None:
        self._account: Final = account
        self._keys: Final = keys
        self.log: Final = log
        self.form: Final = form
        self.values: Final = values
        self.sending: Final = sending
        self.thing: Final[str] = (values.get(form.subject) or "").strip() if form.subject else ""
        self.stream: Final = self._stream()
        self._attached: list[tuple[str, Decision]] = []

    def _stream(self) -> str:
        about, thing = self.form.about, self.thing
        if about == "account" or not thing:
            return ACCOUNT_STREAM
        if about == "removal":
            return removal_stream(thing.removeprefix("removal/"))
        if about == "thing":
            return stream_of(self.log, thing) or _unknown(thing)
        return self._order(thing.removeprefix("order/"))

    def _order(self, order_id: str) -> str:
        stream = order_stream(order_id)
        if not is_order_id(order_id) and not self.log.heads([stream])[stream]:
            raise LedgerError(
                "this is no order id",
                found=order_id,
                advice="Amazon's have three groups of digits: 302-1234567-1234567.",
            )
        return stream

    # --- what is known

    @cached_property
    def case(self) -> Case:
        """All that is known of the thing that the form is about."""
        return _case(self.log, self._account, self.stream)

    @cached_property
    def before(self) -> Deed | None:
        """What the same command recorded when it was sent first."""
        for entry in self.log.streams([self.stream])[self.stream]:
            if entry.source.command_id == self.sending.command_id:
                return entry.event if isinstance(entry.event, Deed) else None
        return None

    def recalled(self, field: str) -> Any:
        """What a field held when the same command was sent first: it is not made up anew."""
        return getattr(self.before, field, None)

    def new_name(self, letter: str) -> str:
        """A name for something new, the same whenever the same command is sent."""
        told = hashlib.sha256(self.sending.command_id.encode()).hexdigest()
        return f"{letter}-{told[:8].upper()}"

    def money(self, given: Sum, marketplace: str | None = None) -> Money:
        """An amount in the currency that was typed, else in that of the order or the store."""
        currency = given.currency or self._currency(marketplace)
        if currency is None:
            raise LedgerError(
                "nothing says in which currency this is",
                found=given.text,
                advice=f"Write the currency behind the amount: '{given.text} EUR'.",
            )
        try:
            return Money.of(given.text, currency)
        except ValueError as error:
            advice = f"{currency} has fewer decimals than that."
            raise LedgerError(str(error), found=given.text, advice=advice) from error

    def _currency(self, marketplace: str | None) -> str | None:
        paid = [each for sku in skus_of(self.case) if (each := paid_for(self.case, sku))]
        if paid:
            return paid[0].currency
        market = BY_CODE.get(marketplace or self.case.marketplace or "")
        return market.currency if market else None

    # --- what is personal

    def sealed(self, field: str, words: str, name: str, what: str) -> Values:
        """Somebody's words, sealed under the order's key, or under the message's own where it is about none.

        The same command sent again seals nothing anew: words that it repeats stand as they were sealed first.
        """
        subject = f"message/{name}" if self.stream == ACCOUNT_STREAM else self.stream
        self._refuse_erased(subject)
        context = context_of(subject, name, what)
        before = self.recalled(field)
        if before and self._keys and self._says(Sealed(subject, before, context), words):
            return {field: before, f"{field}_of": subject}
        token = sealed_text(words, subject, context, self._keys)
        return {field: token, f"{field}_of": subject}

    def _refuse_erased(self, subject: str) -> None:
        """Nothing personal is kept any more of whom was erased: it would be lost at once."""
        if self._keys is None or self.before is not None:
            return
        keep_erased(self.log.streams([self.stream])[self.stream], self._keys)
        if self._keys.is_destroyed(subject):
            raise LedgerError(
                "what is personal of it was erased, and nothing personal is kept of it any more",
                found=subject.removeprefix("order/"),
                advice="Record it without the words, or attach the file with what is personal covered.",
            )

    def _says(self, before: Sealed, words: str) -> bool:
        """Whether these words were sealed; of those that were erased nobody can say, and they stay."""
        assert self._keys is not None, "asked where there are keys"
        why = "the same command was sent again"
        (told,) = self._keys.unseal_many([before], field="words", why=why)
        return told is None or told == words.encode()

    # --- what is to be recorded

    def decisions(self) -> list[tuple[str, Decision]]:
        """What is to be recorded, each with its id: the evidence first, then what it shows."""
        if self.form.records is EvidenceAttached:
            return list(self._evidence())
        deed = self._deed()
        decision = Decision(stream=self.stream, event=deed, occurred_at=self.sending.at)
        return [*self._attached, (self.sending.command_id, decision)]

    def _deed(self) -> Deed:
        held = self.form.held(self.values)
        place = held.get("marketplace") or next(iter(held.get("marketplaces", ())), None)
        beside = {
            name: given for name in self.form.beside if (given := self.values.get(name)) is not None
        }
        filled = {
            name: self.money(value, place) if isinstance(value, Sum) else value
            for name, value in self._with_what_goes_without_saying({**held, **beside}).items()
        }
        if self.form.finish is not None:
            filled = self.form.finish(self, filled)
        kept = {name: self._kept(name, value) for name, value in filled.items()}
        return self.form.records(**kept)

    def _with_what_goes_without_saying(self, held: Values) -> Values:
        """The order itself; its SKU and its claim where there is one only."""
        fields = {field.name: field for field in msgspec.structs.fields(self.form.records)}
        filled = dict(held)
        if "order_id" in fields and self.thing:
            filled["order_id"] = self.stream.removeprefix("order/")
        if _needs(fields.get("sku")) and self.form.about == "order" and not held.get("sku"):
            filled["sku"] = self.recalled("sku") or self._only_sku()
        if _needs(fields.get("claim")) and not self.form.new_claim and not held.get("claim"):
            filled["claim"] = self.recalled("claim") or self._only_claim()
        return filled

    def sku_if_one(self) -> str | None:
        """The order's only SKU; None where it has several, or none is known."""
        known = skus_of(self.case)
        return known[0] if len(known) == 1 else None

    def _only_sku(self) -> str:
        if only := self.sku_if_one():
            return only
        known = skus_of(self.case)
        if known:
            advice = f"Say which one with --sku: {', '.join(known)}."
            raise LedgerError("the order has several SKUs", found=self.thing, advice=advice)
        raise UnknownThing(
            "nothing is known of this order and its goods",
            found=self.thing,
            advice="Check the order id. Import the orders report, or tell the order first: "
            f"`returns-ledger order tell {self.thing} --sku SKU --price '49.90 EUR' --marketplace DE`.",
        )

    def _only_claim(self) -> str:
        known = list(claims_of(self.case))
        if len(known) == 1:
            return known[0]
        if known:
            advice = f"Say which one: {', '.join(known)}."
            raise LedgerError("there are several claims about it", found=self.thing, advice=advice)
        raise UnknownThing(
            "there is no claim about it",
            found=self.thing,
            advice=f"Record that it was filed first: `returns-ledger claim file {self.thing}`.",
        )

    # --- evidence

    def _kept(self, field: str, value: Any) -> Any:
        """The value with the SHA-256 of each file in its place; the files are attached."""
        if isinstance(value, tuple):  # what is named twice is one thing
            return tuple(dict.fromkeys(self._kept(field, one) for one in value))
        if isinstance(value, Path):
            return self._attach(value, _BY_FIELD.get(field))
        if isinstance(value, str) and field in self._shown:
            self._refuse_unkept(value)
        return value

    @cached_property
    def _shown(self) -> frozenset[str]:
        """The fields that hold the SHA-256 of what shows something."""
        typed = self.form.typed()
        return frozenset(
            name for name, how, _ in typed if name == "evidence" or isinstance(how.type, Shown)
        )

    def _refuse_unkept(self, digest: str) -> None:
        if not self.log.has_original(digest):
            raise UnknownThing(
                "no file with this SHA-256 is kept",
                found=digest,
                advice=f"Name the file itself, or see `returns-ledger evidence list {self.thing}`.",
            )

    def _attach(self, path: Path, kind: EvidenceKind | None) -> str:
        data = _read(path)
        digest = hashlib.sha256(data).hexdigest()
        known = {one.digest for _, one in self.case.told(EvidenceAttached)}
        command_id = f"{self.sending.command_id}/{digest[:16]}"
        if digest not in known and all(command_id != one for one, _ in self._attached):
            self._attached.append((command_id, self._attachment(path, data, digest, kind)))
        return digest

    def _attachment(
        self,
        path: Path,
        data: bytes,
        digest: str,
        kind: EvidenceKind | None,
        claim: str | None = None,
        sku: str | None = None,
    ) -> Decision:
        original, sealed_for = self._original(path, data, digest)
        event = EvidenceAttached(
            digest=digest,
            name=self._name_kept(path),
            kind=kind or _BY_SUFFIX.get(path.suffix.lower(), "other"),
            size=len(data),
            sku=sku,
            claim=claim,
            sealed=original.sealed,
            sealed_for=None if sealed_for == self.stream else sealed_for,
        )
        return Decision(
            stream=self.stream, event=event, occurred_at=self.sending.at, originals=(original,)
        )

    def _name_kept(self, path: Path) -> str:
        """The file's name, which is kept for ever; of a personal file only what kind it is."""
        if self.values.get("personal"):
            return f"personal{suffix_of(path.name)}"
        if found := in_name(path.name):
            raise LedgerError(
                f"its name is kept for ever, and holds what is most likely personal: {' and '.join(found)}",
                file=str(path),
                advice="Give the file another name; or attach it with --personal, then its name is not kept.",
            )
        return path.name

    def _original(self, path: Path, data: bytes, digest: str) -> tuple[Original, str | None]:
        """The file as it is kept, and under whose key: as it is kept already, where it is."""
        personal = bool(self.values.get("personal"))
        if not self.log.has_original(digest):
            if personal:
                self._refuse_erased(self.stream)
                return sealed_whole(data, self.stream, self._keys), self.stream
            return Original.of(data), None
        original = kept_already(self.log, digest, len(data))
        if original.sealed:
            whole = is_sealed_whole(original.content)
            return original, subject_of_whole(self.log, digest) if whole else None
        if personal:
            raise LedgerError(
                "this very file is kept in clear already, and what is kept cannot be taken out again",
                file=str(path),
                advice="Attach it without --personal; or cover what is personal, and attach that.",
            )
        return original, None

    def _evidence(self) -> Iterator[tuple[str, Decision]]:
        """Each file as a decision of its own; the first goes by the command's id."""
        values = self.values
        read = {
            hashlib.sha256(data := _read(path)).hexdigest(): (path, data)
            for path in values["files"]
        }
        for number, (digest, (path, data)) in enumerate(read.items()):
            command_id = self.sending.command_id
            yield (
                f"{command_id}/{digest[:16]}" if number else command_id,
                self._attachment(
                    path, data, digest, values.get("kind"), values.get("claim"), values.get("sku")
                ),
            )


def _needs(field: msgspec.structs.FieldInfo | None) -> bool:
    return field is not None and field.required


def _read(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            f"it cannot be read: {error.strerror}",
            file=str(path),
            advice="Choose a file that you may read.",
        ) from error
    if not data:
        raise UnreadableFile(
            "it is empty, and shows nothing", file=str(path), advice="Choose the file itself."
        )
    return data


def _unknown(thing: str) -> str:
    raise UnknownThing(
        "nothing is recorded of it",
        found=thing,
        advice="It is an order id, an FNSKU or a removal order's id; "
        "`returns-ledger coverage` shows which reports and days were imported.",
    )
