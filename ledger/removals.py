"""What a removal order's reports say: what was asked for, what left, and what is accounted for by neither."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ledger.case import Case, Ref, RemovalLine, RemovalShipment, RemovalState
from ledger.values import code


class RemovalAccount(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a removal order with its last state and its shipments."""

    line: RemovalLine
    state: RemovalState | None
    shipments: tuple[RemovalShipment, ...]

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
        return [*refs, self.state.ref] if self.state else refs


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
    for line in lines:
        yield RemovalAccount(
            line=line,
            state=case.removal_states.get(line.ref.slot),
            shipments=tuple(taken[line.ref.slot]),
        )


def _carries(line: RemovalLine, shipment: RemovalShipment, *, same: bool) -> bool:
    alike = code(line.disposition or "") == code(shipment.disposition or "")
    return line.fnsku == shipment.fnsku and (alike or not same)
