"""What sellers ask about returns: until when, at whose cost, by Amazon's rules and by law."""

from __future__ import annotations

from typing import Final

from tests.rules.asked import Asked, asked
from tests.rules.asking import (
    announced,
    business_days_later,
    by_law,
    days_later,
    from_abroad,
    hours_later,
    late_fee,
    months_later,
    must_offer,
    not_told,
    photo_needed,
    postage,
    return_by,
    share,
    years_later,
)


def _holiday(
    store: str, category: str, ordered: str, delivered: str, until: str, normal: str
) -> Asked:
    return asked(
        f"{store}, {category} bought {ordered}, delivered {delivered}: until when may it come back?",
        f"{delivered} to {until}, later than {normal}",
        return_by,
        store,
        category,
        ordered,
        delivered,
    )


_HOLIDAYS: Final = (
    _holiday(
        "US",
        "shoes",
        "2020-11-10",
        "2020-11-14",
        "2021-01-31 (ret.holiday.2020.US.default)",
        "2020-12-14 (ret.window.US.1)",
    ),
    _holiday(
        "US",
        "shoes",
        "2021-11-10",
        "2021-11-14",
        "2022-01-31 (ret.holiday.2021.US.default)",
        "2021-12-14 (ret.window.US.1)",
    ),
    _holiday(
        "US",
        "shoes",
        "2022-11-10",
        "2022-11-14",
        "2023-01-31 (ret.holiday.2022.US.default)",
        "2022-12-14 (ret.window.US.1)",
    ),
    _holiday(
        "US",
        "shoes",
        "2023-11-10",
        "2023-11-14",
        "2024-01-31 (ret.holiday.2023.US.default)",
        "2023-12-14 (ret.window.US.1)",
    ),
    _holiday(
        "US",
        "apple",
        "2023-11-10",
        "2023-11-14",
        "2024-01-15 (ret.holiday.2023.US.apple)",
        "2023-12-14 (ret.window.US.1)",
    ),
    _holiday(
        "US",
        "shoes",
        "2024-11-10",
        "2024-11-14",
        "to be reviewed, perhaps 2025-01-31 (ret.holiday.2024.US.default)",
        "2024-12-14 (ret.window.US.1)",
    ),
    _holiday(
        "US",
        "shoes",
        "2025-11-10",
        "2025-11-14",
        "2026-01-31 (ret.holiday.2025.US.default)",
        "2025-12-14 (ret.window.US.1)",
    ),
    _holiday(
        "US",
        "apple",
        "2025-11-10",
        "2025-11-14",
        "2026-01-15 (ret.holiday.2025.US.apple)",
        "2025-12-14 (ret.window.US.1)",
    ),
    _holiday(
        "US",
        "shoes",
        "2026-11-10",
        "2026-11-14",
        "to be reviewed, perhaps 2027-01-31 (ret.holiday.2026.US.default)",
        "2026-12-14 (ret.window.US.1)",
    ),
    _holiday(
        "SE",
        "shoes",
        "2024-11-10",
        "2024-11-14",
        "2025-01-31 (ret.holiday.2024.EU.default)",
        "2024-12-14 (ret.window.EU.1)",
    ),
    _holiday(
        "DE",
        "camera",
        "2024-11-10",
        "2024-11-14",
        "2025-01-15 (ret.holiday.2024.DE-IT.14day_categories)",
        "2024-11-28 (ret.window.DEIT_electronics.1)",
    ),
    _holiday(
        "SE",
        "shoes",
        "2025-11-10",
        "2025-11-14",
        "2026-01-31 (ret.holiday.2025.EU.default)",
        "2025-12-14 (ret.window.EU.1)",
    ),
    _holiday(
        "DE",
        "toys",
        "2025-11-10",
        "2025-11-14",
        "2026-01-15 (ret.holiday.2025.DE-IT.14day_categories)",
        "2025-11-28 (ret.window.DEIT_more.1)",
    ),
    _holiday(
        "ES",
        "shoes",
        "2025-11-10",
        "2025-11-14",
        "to be reviewed, perhaps 2026-02-06 (ret.holiday.2025.ES.default)",
        "2025-12-14 (ret.window.EU.1)",
    ),
    _holiday(
        "SE",
        "shoes",
        "2026-11-10",
        "2026-11-14",
        "to be reviewed, perhaps 2027-01-31 (ret.holiday.2026.EU.default)",
        "2026-12-14 (ret.window.EU.1)",
    ),
)

_WINDOWS: Final = (
    asked(
        "US, shoes delivered 2026-02-01: until when may they come back?",
        "2026-02-01 to 2026-03-03 (ret.window.US.1)",
        return_by,
        "US",
        "shoes",
        "2026-01-28",
        "2026-02-01",
    ),
    asked(
        "Sweden, a jacket bought 2025-12-25, delivered 2026-01-08: until when may it come back?",
        "2026-01-08 to 2026-02-07 (ret.window.EU.1)",
        return_by,
        "SE",
        "jackets",
        "2025-12-25",
        "2026-01-08",
    ),
    asked(
        "Germany, a camera bought 2024-03-24, delivered 2024-04-02: until when may it come back?",
        "2024-04-02 to 2024-05-02 (ret.window.EU.1)",
        return_by,
        "DE",
        "camera",
        "2024-03-24",
        "2024-04-02",
    ),
    asked(
        "Germany, a camera bought 2024-03-25, delivered 2024-04-02: until when may it come back?",
        "2024-04-02 to 2024-04-16 (ret.window.DEIT_electronics.1)",
        return_by,
        "DE",
        "camera",
        "2024-03-25",
        "2024-04-02",
    ),
    asked(
        "Germany, the same camera, asked for on 2024-04-25?",
        "2024-04-02 to 2024-05-02 (ret.window.DEIT_electronics.1)",
        return_by,
        "DE",
        "camera",
        "2024-03-25",
        "2024-04-02",
        requested="2024-04-25",
    ),
    asked(
        "Germany, the same camera, asked for on 2024-04-26?",
        "2024-04-02 to 2024-04-16 (ret.window.DEIT_electronics.1)",
        return_by,
        "DE",
        "camera",
        "2024-03-25",
        "2024-04-02",
        requested="2024-04-26",
    ),
    asked(
        "Germany, a toy bought 2025-06-22, delivered 2025-06-25: until when may it come back?",
        "2025-06-25 to 2025-07-25 (ret.window.EU.1)",
        return_by,
        "DE",
        "toys",
        "2025-06-22",
        "2025-06-25",
    ),
    asked(
        "Germany, a toy bought 2025-06-23, delivered 2025-06-25: until when may it come back?",
        "2025-06-25 to 2025-07-09 (ret.window.DEIT_more.1)",
        return_by,
        "DE",
        "toys",
        "2025-06-23",
        "2025-06-25",
    ),
)

_RUNNING: Final = (
    asked(
        "US, a request came on 2026-03-02 at 10:00: until when do I answer?",
        "2026-03-03 10:00 (ret.authorization.US.1)",
        hours_later,
        "ret.authorization",
        "US",
        "2026-03-02T10:00",
        "respond_hours",
    ),
    asked(
        "Italy, a request came on 2026-03-02 at 10:00: until when do I best answer?",
        "2026-03-03 10:00 (ret.authorization.EU.1)",
        hours_later,
        "ret.authorization",
        "IT",
        "2026-03-02T10:00",
        "respond_hours",
    ),
    asked(
        "US, a return came on Thursday 2025-09-04: until when do I refund?",
        "2025-09-08 (ret.refund_clock.US.1)",
        business_days_later,
        "ret.refund_clock",
        "US",
        "2025-09-04",
        "deadline_business_days",
    ),
    asked(
        "US, a return came on Thursday 2026-03-05: until when do I refund?",
        "2026-03-09 (ret.refund_clock.US.2)",
        days_later,
        "ret.refund_clock",
        "US",
        "2026-03-05",
        "deadline_days",
    ),
    asked(
        "When were the 4 days announced?",
        "announced 2025-12-23 holds from 2026-01-26",
        announced,
        "ret.refund_clock.US.2",
    ),
    asked(
        "Germany, a return came on Thursday 2026-03-05: until when do I refund?",
        "2026-03-09 (ret.refund_clock.EU.1)",
        business_days_later,
        "ret.refund_clock",
        "DE",
        "2026-03-05",
        "deadline_business_days",
    ),
    asked(
        "US, an item of 80 dollars came back in time and as sent: what may I keep?",
        "0.00 USD (ret.restocking.US.1)",
        share,
        "ret.restocking",
        "US",
        "2026-03-05",
        "in_policy_original_condition_pct",
        "80.00",
        "USD",
    ),
    asked(
        "US: do I need a photograph to keep 19 per cent?",
        "no (ret.restocking.US.1)",
        photo_needed,
        "2026-03-05",
        19,
    ),
    asked(
        "US: do I need a photograph to keep 20 per cent?",
        "yes (ret.restocking.US.1)",
        photo_needed,
        "2026-03-05",
        20,
    ),
    *(
        asked(
            f"US, an item of 80 dollars came back {how}: what may I keep?",
            f"to be reviewed, perhaps {kept} USD (ret.restocking_table.US.1)",
            share,
            "ret.restocking_table",
            "US",
            "2026-03-05",
            term,
            "80.00",
            "USD",
        )
        for how, kept, term in (
            ("late", "16.00", "late_pct"),
            ("used", "40.00", "used_or_damaged_pct"),
            ("as something else", "40.00", "materially_different_pct"),
            ("as opened software", "80.00", "opened_software_or_games_pct"),
            ("by my fault", "0.00", "seller_fault_pct"),
        )
    ),
    asked(
        "US, FBA, a return of 80 dollars is 30 days late: what does the buyer pay?",
        "16.00 USD (ret.buyer_fees.US.1)",
        late_fee,
        "2026-03-05",
        30,
        "80.00",
    ),
    asked(
        "US, FBA, a return of 80 dollars is 31 days late: what does the buyer pay?",
        "80.00 USD (ret.buyer_fees.US.1)",
        late_fee,
        "2026-03-05",
        31,
        "80.00",
    ),
    *(
        asked(
            f"US, FBA, a buyer returned {what} of 80 dollars: what do they pay at most?",
            f"{pays} USD (ret.buyer_fees.US.1)",
            share,
            "ret.buyer_fees",
            "US",
            "2026-03-05",
            term,
            "80.00",
            "USD",
        )
        for what, pays, term in (
            ("a damaged item", "40.00", "damage_fee_max_pct"),
            ("a damaged luxury item", "80.00", "luxury_damage_pct"),
            ("opened collectibles", "80.00", "opened_collectibles_pct"),
        )
    ),
    *(
        asked(
            f"Germany, the buyer does not want it any more on day {day}: who bears the way out?",
            f"to be reviewed, perhaps {who} (ret.postage.EU.1)",
            postage,
            "2026-03-05",
            day,
        )
        for day, who in ((14, "seller"), (15, "buyer"), (30, "buyer"), (31, "not told"))
    ),
)

_ABROAD: Final = (
    *(
        asked(
            f"From abroad, {price} {currency}: does Amazon refund without the goods?",
            f"{answer} ({rule_id})",
            from_abroad,
            rule_id,
            "2026-03-05",
            price,
            currency,
        )
        for rule_id, price, currency, answer in (
            ("ret.intl.EU_low.1", "25.00", "EUR", "yes"),
            ("ret.intl.EU_low.1", "25.01", "EUR", "no"),
            ("ret.intl.EU_low.1", "20.00", "GBP", "yes"),
            ("ret.intl.EU_low.1", "20.01", "GBP", "no"),
            ("ret.intl.US.2", "25.00", "USD", "yes"),
            ("ret.intl.US.2", "25.01", "USD", "no"),
        )
    ),
    *(
        asked(
            f"{store}, {requested}, from abroad, {price} {currency}: must I offer a way?",
            f"{answer} ({rule_id})",
            must_offer,
            f"ret.intl.{store}",
            store,
            requested,
            price,
            currency,
        )
        for store, requested, price, currency, answer, rule_id in (
            ("UK", "2025-08-10", "20.00", "GBP", "no", "ret.intl.UK.1"),
            ("UK", "2025-08-10", "20.01", "GBP", "yes", "ret.intl.UK.1"),
            ("UK", "2025-08-11", "20.00", "GBP", "no", "ret.intl.UK.2"),
            ("UK", "2025-08-11", "20.01", "GBP", "yes", "ret.intl.UK.2"),
            ("DE", "2025-08-11", "25.00", "EUR", "no", "ret.intl.DE.1"),
            ("DE", "2025-08-11", "25.01", "EUR", "yes", "ret.intl.DE.1"),
        )
    ),
    asked(
        "US, 2019, from abroad, 9.99 dollars: did Amazon refund without the goods?",
        "to be reviewed, perhaps yes (ret.intl.US.1)",
        from_abroad,
        "ret.intl.US.1",
        "2019-11-15",
        "9.99",
        "USD",
    ),
    asked(
        "US, 2019, from abroad, 10 dollars: did Amazon refund without the goods?",
        "to be reviewed, perhaps no (ret.intl.US.1)",
        from_abroad,
        "ret.intl.US.1",
        "2019-11-15",
        "10.00",
        "USD",
    ),
    asked(
        "Since when could returns from abroad go unreturned in the US?",
        "holds from 2019-11-15",
        announced,
        "ret.intl.US.1",
    ),
    asked(
        "UK, a request from abroad on 2025-08-10: until when do I offer a way?",
        "2025-08-14 (ret.intl.UK.1)",
        days_later,
        "ret.intl.UK",
        "UK",
        "2025-08-10",
        "deadline_days",
    ),
    asked(
        "UK, a request from abroad on 2025-08-11: until when do I offer a way?",
        "2025-08-14 (ret.intl.UK.2)",
        days_later,
        "ret.intl.UK",
        "UK",
        "2025-08-11",
        "deadline_days",
    ),
    asked(
        "Germany, a request from abroad on 2025-08-11: until when do I offer a way?",
        "2025-08-14 (ret.intl.DE.1)",
        days_later,
        "ret.intl.DE",
        "DE",
        "2025-08-11",
        "deadline_days",
    ),
    asked(
        "US, a request from abroad on 2026-03-05: until when do I offer a way?",
        "2026-03-10 (ret.intl.US.2)",
        days_later,
        "ret.intl.US",
        "US",
        "2026-03-05",
        "deadline_days",
    ),
)


def _right(series: str, store: str, expected: str) -> Asked:
    return asked(
        f"{store}, bought 2025-06-01, delivered 2025-06-04: from when to when by {series}?",
        expected,
        by_law,
        series,
        store,
        "2025-06-01",
        "2025-06-04",
    )


_LAW: Final = (
    _right("law.eu.withdrawal", "DE", "2025-06-04 to 2025-06-18 (law.eu.withdrawal.1)"),
    _right("law.se.distans", "SE", "2025-06-04 to 2025-06-18 (law.se.distans.1)"),
    _right("law.uk.ccr", "UK", "2025-06-04 to 2025-06-18 (law.uk.ccr.1)"),
    _right("law.uk.cra", "UK", "2025-06-04 to 2025-07-04 (law.uk.cra.1)"),
    _right("law.eu.conformity", "FR", "2025-06-04 to 2027-06-04 (law.eu.conformity.1)"),
    _right("law.se.kkl", "SE", "2025-06-04 to 2028-06-04 (law.se.kkl.1)"),
    asked(
        "Germany, delivered 2025-06-04, the buyer was not told of the right: until when?",
        "2026-06-18 (law.eu.withdrawal.1)",
        not_told,
        "law.eu.withdrawal",
        "DE",
        "2025-06-01",
        "2025-06-04",
    ),
    asked(
        "Sweden, delivered 2025-06-04, the buyer was not told of the right: until when?",
        "2026-06-18 (law.se.distans.1)",
        not_told,
        "law.se.distans",
        "SE",
        "2025-06-01",
        "2025-06-04",
    ),
    asked(
        "Germany, the buyer withdrew on 2025-06-10: until when do I refund?",
        "2025-06-24 (law.eu.withdrawal.1)",
        days_later,
        "law.eu.withdrawal",
        "DE",
        "2025-06-10",
        "refund_within_days",
    ),
    asked(
        "UK, I agreed on 2025-06-10 to refund a defective item: until when do I?",
        "2025-06-24 (law.uk.cra.1)",
        days_later,
        "law.uk.cra",
        "UK",
        "2025-06-10",
        "refund_within_days",
    ),
    *(
        asked(
            f"{store}, delivered 2025-06-04: until when must I disprove a defect?",
            f"{until} ({series}.1)",
            months_later,
            series,
            store,
            "2025-06-04",
            "reverse_burden_months",
        )
        for series, store, until in (
            ("law.eu.conformity", "FR", "2026-06-04"),
            ("law.se.kkl", "SE", "2027-06-04"),
            ("law.uk.cra", "UK", "2025-12-04"),
        )
    ),
    asked(
        "Sweden, a defect was found on 2025-09-04: until when is telling me in time?",
        "2025-11-04 (law.se.kkl.1)",
        months_later,
        "law.se.kkl",
        "SE",
        "2025-09-04",
        "notify_months_safe",
    ),
    asked(
        "UK, delivered 2025-06-04: until when may a defect be brought to court?",
        "2031-06-04 (law.uk.cra.1)",
        years_later,
        "law.uk.cra",
        "UK",
        "2025-06-04",
        "limitation_years",
    ),
    asked(
        "Germany, a guarantee ends on 2027-06-04, and the item was repaired: until when now?",
        "to be reviewed, perhaps 2028-06-04 (law.eu.repair.1)",
        months_later,
        "law.eu.repair",
        "DE",
        "2027-06-04",
        "extra_guarantee_months_after_repair",
    ),
)

RETURNS: Final[tuple[Asked, ...]] = _HOLIDAYS + _WINDOWS + _RUNNING + _ABROAD + _LAW
