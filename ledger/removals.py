"""What a removal order's reports say, and what the seller counted: asked for, sent, arrived, unaccounted for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from ledger.case import Case, Ref, RemovalLine, RemovalShipment, RemovalState
from ledger.events.arrivals import RemovalReceived
from ledger.values import code


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """Units that reached the seller, as he counted them, and the shipment that brought them."""

    ref: Ref
    quantity: int
    damaged: int
    tracking: str | None
    """The parcel's number, as he told it."""
    shipment: RemovalShipment | None
    """None where several may have: then it is not told which."""


class RemovalAccount(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a removal order with its last state, its shipments, and what arrived of them."""

    line: RemovalLine
    state: RemovalState | None
    shipments: tuple[RemovalShipment, ...]
    arrivals: tuple[Arrival, ...] = ()

    @property
    def complete(self) -> bool:
        """True where Amazon calls the order completed."""
        return self.state is not None and code(self.state.status or "") == "COMPLETED"

    @property
    def sent_back(self) -> bool:
        """True where the units were to come to the seller, not to be destroyed or sold off."""
        return code(self.line.order_type) == "RETURN"

    @property
    def unaccounted(self) -> int:
        """Units asked for that were not cancelled, disposed of, shipped or still in process.

        Less than none where Amazon's numbers add up to more than was asked for.
        """
        if self.state is None:
            return 0
        state = self.state
        return self.line.requested - (
            state.cancelled + state.disposed + state.shipped + state.in_process
        )

    @property
    def not_handed_over(self) -> int:
        """Units called shipped for which no shipment row hands them to a carrier."""
        shipped = self.state.shipped if self.state else 0
        return shipped - sum(shipment.quantity for shipment in self.shipments)

    @property
    def refs(self) -> list[Ref]:
        """The entries that say so."""
        refs = [self.line.ref, *(shipment.ref for shipment in self.shipments)]
        refs += [arrival.ref for arrival in self.arrivals]
        return [*refs, self.state.ref] if self.state else refs

    @property
    def received(self) -> int:
        """Units that the seller counted."""
        return sum(arrival.quantity for arrival in self.arrivals)

    @property
    def handed_over(self) -> int:
        """Units that shipment rows hand to a carrier."""
        return sum(shipment.quantity for shipment in self.shipments)

    @property
    def untold(self) -> bool:
        """True where units arrived, and of which shipment they are is not told."""
        return any(arrival.shipment is None for arrival in self.arrivals)

    def arrivals_of(self, shipment: RemovalShipment) -> list[Arrival]:
        """What the seller counted of one shipment; empty where he told nothing of it."""
        return [one for one in self.arrivals if one.shipment == shipment]


def removal_accounts(case: Case) -> Iterator[RemovalAccount]:
    """The lines of a removal order; shipments are matched by FNSKU, first to the line of their disposition."""
    left = list(case.removal_shipments)
    lines = case.removal_lines
    taken: dict[str, list[RemovalShipment]] = {line.ref.slot: [] for line in lines}
    for same in (True, False):
        for shipment in left[:]:
            home = next((line for line in lines if _carries(line, shipment, same=same)), None)
            if home is not None:
                taken[home.ref.slot].append(shipment)
                left.remove(shipment)
    arrived = _arrived(case, taken)
    for line in lines:
        yield RemovalAccount(
            line=line,
            state=case.removal_states.get(line.ref.slot),
            shipments=tuple(taken[line.ref.slot]),
            arrivals=tuple(arrived[line.ref.slot]),
        )


def _arrived(
    case: Case, shipments: Mapping[str, Sequence[RemovalShipment]]
) -> defaultdict[str, list[Arrival]]:
    """What the seller counted, by the line it belongs to: that of its shipment, else the FNSKU's first."""
    arrived: defaultdict[str, list[Arrival]] = defaultdict(list)
    for ref, told in case.told(RemovalReceived):
        homes = [line.ref.slot for line in case.removal_lines if line.fnsku == told.fnsku]
        candidates = [
            (home, shipment)
            for home in homes
            for shipment in shipments[home]
            if told.tracking is None or _same_parcel(told.tracking, shipment)
        ]
        found = candidates[0] if len(candidates) == 1 else None
        if not homes:
            continue
        arrival = Arrival(
            ref=ref,
            quantity=told.quantity,
            damaged=told.damaged,
            tracking=told.tracking.strip().upper() if told.tracking else None,
            shipment=found[1] if found else None,
        )
        arrived[found[0] if found else homes[0]].append(arrival)
    return arrived


def parcels_of(shipment: RemovalShipment) -> set[str]:
    """The tracking numbers of a shipment row: it may name those of several parcels."""
    named = re.split(r"[,;\s]+", shipment.tracking or "")
    return {part.upper() for part in named if part}


def _same_parcel(tracking: str, shipment: RemovalShipment) -> bool:
    return tracking.strip().upper() in parcels_of(shipment)


def _carries(line: RemovalLine, shipment: RemovalShipment, *, same: bool) -> bool:
    alike = code(line.disposition or "") == code(shipment.disposition or "")
    return line.fnsku == shipment.fnsku and (alike or not same)
