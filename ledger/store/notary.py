"""Signs what a log is, remembers what was signed, and finds a log that is no continuation of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple, Protocol

from ledger.errors import LedgerError, StoreTrouble
from ledger.event import ACCOUNT_STREAM, Entry, Source
from ledger.events.account import LossAccepted, SigningKeyReplaced
from ledger.store.checking import Check
from ledger.store.checkpoints import CheckpointStore, Purpose, Remembered
from ledger.store.log import Log
from ledger.store.notes import (
    BadNote,
    Checkpoint,
    Signer,
    VerifierKey,
    new_signer,
    opened,
    origin_of,
    text_of,
)

ENDORSED: Final = "returns-ledger.key/1"
"""First line of the note by which a key vouches for the one that comes after it."""
_ATTEMPTS: Final = 50


class KeptKey(Protocol):
    """A signing key as the key store tells of it."""

    @property
    def vkey(self) -> str:
        """`NAME+ID+BASE64`."""

    @property
    def introduced_at(self) -> str:
        """When it came."""

    @property
    def retired_at(self) -> str | None:
        """When it was replaced; None for the one in use."""


class SigningKeys(Protocol):
    """Where signing keys are kept, oldest first, their secrets wrapped."""

    def signing_keys(self) -> Sequence[KeptKey]:
        """Every key there ever was."""

    def add_signing_key(
        self, name: str, vkey: str, secret: bytes, at: str, *, first: bool = False
    ) -> bool:
        """Keep a new one; False where it was to be the first, and another process was quicker."""

    def secret_of(self, vkey: str) -> bytes:
        """What it signs with."""

    def retire_signing_key(self, vkey: str, at: str) -> None:
        """Say that it signs no more; it still verifies."""


class Fork(NamedTuple):
    """How a log differs from what was signed of it."""

    size: int
    """Entries of the log."""
    last: Remembered
    """What it should go on from."""
    agrees: int
    """The largest signed size that it still agrees with."""

    @property
    def message(self) -> str:
        """What is wrong, in a sentence."""
        signed = f"{self.last.checkpoint.size:,} entries were signed on {self.last.made_at[:19]}Z"
        if self.size < self.last.checkpoint.size:
            what = f"the log ends at entry {self.size:,}, and {signed}: entries are missing"
        else:
            what = f"the log is not the one of which {signed}: entries were changed"
        return f"{what}; what was signed up to entry {self.agrees:,} still agrees"


class Notary:
    """One account's keys and checkpoints."""

    def __init__(
        self,
        keys: SigningKeys,
        memory: CheckpointStore,
        now: Callable[[], str],
        actor: str,
        signs: Callable[[Log], None] = lambda _log: None,
    ) -> None:
        self._keys = keys
        self._signs = signs
        """Told of a log before it is signed for somebody."""
        self.memory: Final = memory
        self._now = now
        self._actor = actor

    # --- keys

    @property
    def origin(self) -> str:
        """The log's name: it stands for its first key."""
        return self._known()[0].name

    def vkeys(self) -> list[str]:
        """Every key that ever signed, oldest first."""
        return [str(key) for key in self._known()]

    def signing_keys(self) -> Sequence[KeptKey]:
        """The same keys, with when each came and went."""
        self._known()
        return self._keys.signing_keys()

    def _known(self) -> list[VerifierKey]:
        kept = self._keys.signing_keys()
        if not kept:
            made = new_signer()
            self._keys.add_signing_key(
                made.key.name, str(made.key), made.secret, self._now(), first=True
            )
            kept = self._keys.signing_keys()
        try:
            return [VerifierKey.read(key.vkey) for key in kept]
        except ValueError as error:
            raise StoreTrouble(
                f"a signing key is damaged: {error}", advice="Restore keys.db from a backup."
            ) from error

    def keys_at(self, log: Log, size: int) -> list[str]:
        """The keys there were when the log had so many entries, oldest first: the last one signs for it."""
        first = self._known()[0]
        return [str(first), *(told.new for at, told in self._replaced(log) if at <= size)]

    def _replaced(self, log: Log) -> list[tuple[int, SigningKeyReplaced]]:
        """What the log says of its keys, and where; of a name that it had elsewhere it may say more."""
        told = log.entries(ACCOUNT_STREAM, topics=[SigningKeyReplaced.TOPIC])
        events = ((one.position or 0, one.event) for one in told)
        ours = f"{self.origin}+"
        return [
            (at, event)
            for at, event in events
            if isinstance(event, SigningKeyReplaced) and event.new.startswith(ours)
        ]

    def sign(self, text: str, vkey: str | None = None) -> str:
        """A text as a note, signed by the key in use, or by one that was in use before."""
        key = self._known()[-1] if vkey is None else VerifierKey.read(vkey)
        return Signer(key, self._keys.secret_of(str(key))).sign(text)

    def rotate(self, log: Log, *, why: str, lost: bool = False) -> Entry:
        """Sign by a new key from here on, and record it: the old key vouches for it unless it is lost.

        The key is kept before it is recorded, and signs nothing until then; who was stopped in between
        rotates again and finishes it.
        """
        self.refuse_fork(log)
        # Looked at first: whoever rotates meanwhile takes this version, and two keys never follow one.
        version = log.heads([ACCOUNT_STREAM])[ACCOUNT_STREAM]
        signing = self.keys_at(log, log.position())
        waiting = [key for key in self._known() if str(key) not in signing]
        if not waiting:
            new = new_signer(self.origin)
            self._keys.add_signing_key(self.origin, str(new.key), new.secret, self._now())
            waiting.append(new.key)
        old, key = VerifierKey.read(signing[-1]), waiting[-1]
        endorsement = None if lost else self._endorsement(old, key)
        event = SigningKeyReplaced(old=str(old), new=str(key), endorsement=endorsement, why=why)
        entry = self._record(log, event, "checkpoint rotate", version)
        self._keys.retire_signing_key(str(old), self._now())
        return entry

    def _endorsement(self, old: VerifierKey, new: VerifierKey) -> str:
        return self.sign(f"{ENDORSED}\n{old.name}\n{new}\n", str(old))

    def _record(
        self, log: Log, event: SigningKeyReplaced | LossAccepted, command: str, version: int
    ) -> Entry:
        entry = Entry(
            stream=ACCOUNT_STREAM,
            version=version + 1,
            event=event,
            occurred_at=log.now(),
            actor=self._actor,
            source=Source(command=command),
        )
        return log.append([entry])[0]

    # --- checkpoints

    def checkpoint(self, log: Log, purpose: Purpose = "command") -> Checkpoint:
        """The log as it stands, signed and remembered; raises StoreTrouble where it is a fork."""
        self._signs(log)
        for _ in range(_ATTEMPTS):
            last = self.memory.last()
            self.refuse_fork(log, last)
            size = log.position()
            if last is not None and last.checkpoint.size > size:
                continue  # somebody has appended and signed since we looked
            if last is not None and self._says_all(log, last, size, purpose):
                return last.checkpoint
            made = self._signed(log, size)
            if self.memory.put(made, behind=last, made_at=self._now(), purpose=purpose):
                return made
        raise StoreTrouble(
            f"others made checkpoints {_ATTEMPTS} times in a row",
            advice="Nothing is lost: run `returns-ledger checkpoint make` when they are done.",
        )

    def _signed(self, log: Log, size: int) -> Checkpoint:
        """By the key of which the log says that it signs for this size: nobody believes another."""
        made = Checkpoint(self.origin, size, log.root_at(size), "")
        return made._replace(note=self.sign(made.text, self.keys_at(log, size)[-1]))

    def at(self, log: Log, size: int) -> Checkpoint:
        """The log as it was at an earlier size, signed by the key of then, and not remembered."""
        self._signs(log)
        self.refuse_fork(log)
        return self._signed(log, size)

    def _says_all(self, log: Log, last: Remembered, size: int, purpose: Purpose) -> bool:
        """True where nothing would be added by another checkpoint."""
        if last.checkpoint.size != size or purpose not in ("command", last.purpose):
            return False
        try:
            text_of(last.checkpoint.note, [VerifierKey.read(self.keys_at(log, size)[-1])])
        except BadNote:
            return False
        return True

    # --- forks

    def refuse_fork(self, log: Log, last: Remembered | None = None) -> None:
        """Raise StoreTrouble where the log is no continuation of what was signed of it."""
        trouble = self.fork(log, last or self.memory.last())
        if trouble is not None:
            raise StoreTrouble(
                trouble.message,
                advice="A backup was restored, or the store was changed. Put the newer store back; "
                "where it is lost for good, say so: `returns-ledger checkpoint accept-loss --why "
                "TEXT`.",
            )

    def fork(self, log: Log, last: Remembered | None) -> Fork | None:
        """How a log differs from the last checkpoint; None where it goes on from it."""
        if last is None or self._agrees(log, last):
            return None
        agreeing = [one.checkpoint.size for one in self._current() if self._agrees(log, one)]
        return Fork(log.position(), last, max(agreeing, default=0))

    def _agrees(self, log: Log, one: Remembered) -> bool:
        size = one.checkpoint.size
        try:
            tree = log.tree()
            if tree.size == size:
                return tree.root == one.checkpoint.root
            return size < tree.size and log.root_at(size) == one.checkpoint.root
        except LedgerError:
            return False

    def _current(self) -> list[Remembered]:
        """The checkpoints since entries were last given up as lost."""
        kept = self.memory.all()
        losses = [place for place, one in enumerate(kept) if one.purpose == "loss"]
        return kept[losses[-1] :] if losses else kept

    def accept_loss(self, log: Log, *, why: str) -> Entry:
        """Go on from a log of which signed entries are lost: recorded in it, and signed as such."""
        last = self.memory.last()
        found = self.fork(log, last)
        if found is None or last is None:
            raise LedgerError(
                "nothing is lost: the log goes on from all that was signed of it",
                advice="Nothing needs to be done.",
            )
        event = LossAccepted(
            size=last.checkpoint.size,
            root=last.checkpoint.root.hex(),
            agrees=found.agrees,
            why=why,
        )
        log.distrusted = None
        version = log.heads([ACCOUNT_STREAM])[ACCOUNT_STREAM]
        entry = self._record(log, event, "checkpoint accept-loss", version)
        made = self._signed(log, log.position())
        self.memory.put(made, behind=last, made_at=self._now(), purpose="loss")
        return entry

    # --- checking

    def checks(self, log: Log) -> Iterator[Check]:
        """Every checkpoint against the log, and every key against what the log says of keys."""
        yield _checked("checkpoints", self.memory.all, self._checkpoint_problems(log))
        yield _checked("keys", self._keys.signing_keys, self._key_problems(log))

    def _checkpoint_problems(self, log: Log) -> Iterator[str]:
        yield from self.memory.problems()
        kept = self.memory.all()
        current = {one.number for one in self._current()}
        known = self._known() if kept else []
        for one in kept:
            where = f"the checkpoint at {one.checkpoint.size:,} entries of {one.made_at[:19]}Z"
            try:
                text = text_of(one.checkpoint.note, known)
            except BadNote as error:
                yield f"{where}: {error}"
                continue
            if text != one.checkpoint.text:
                yield f"{where} says something else than its row"
            if one.number in current and not self._agrees(log, one):
                yield f"{where} is not of this log: entries are missing or were changed"

    def _key_problems(self, log: Log) -> Iterator[str]:
        known = self._known() if self._keys.signing_keys() else []
        if known and origin_of(known[0].public) != known[0].name:
            yield f"{known[0]} is not the key that {known[0].name} stands for"
        for key in known:
            try:
                if not Signer(key, self._keys.secret_of(str(key))).is_whole:
                    yield f"the secret that is kept for {key} belongs to another key"
            except LedgerError as error:
                yield f"{key}: {error}"
        if known:
            yield from self._order_problems(known, self._replaced(log))

    def _order_problems(
        self, known: list[VerifierKey], replaced: list[tuple[int, SigningKeyReplaced]]
    ) -> Iterator[str]:
        """Each key must follow the one before it, as the log says and that one vouches."""
        before = known[0]
        for at, event in replaced:
            if event.old != str(before):
                yield f"entry {at:,} says that {event.new} replaced {event.old}, not {before}"
            elif event.endorsement is not None and not _endorses(event, before):
                yield f"{before} did not vouch for {event.new}"
            before = VerifierKey.read(event.new)
            if before not in known:
                yield f"{before}, which signs by entry {at:,}, is not here"
        told = {event.new for _, event in replaced}
        for key in known[1:]:
            if str(key) not in told:
                yield f"the log does not say that {key} replaced {before}"


def _checked(name: str, counted: Callable[[], Sequence[object]], problems: Iterator[str]) -> Check:
    """A check; what cannot be read is a problem, too."""
    found: list[str] = []
    checked = 0
    try:
        checked = len(counted())
        found += problems
    except LedgerError as error:
        found.append(str(error))
    return Check(name=name, checked=checked, problems=found)


def _endorses(event: SigningKeyReplaced, old: VerifierKey) -> bool:
    try:
        text, _ = opened(event.endorsement or "", [old])
    except BadNote:
        return False
    return text == f"{ENDORSED}\n{old.name}\n{event.new}\n"
