"""What is most likely about a person is found in a text, and what only looks like it is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.personal import BLOT, found_in, kinds_in, redacted

PERSONAL = [
    ("e-mail address", "write to anna.berg+shop@example.co.uk please"),
    ("e-mail address", "qj3k2l@marketplace.amazon.com answered"),
    ("e-mail address", "anna (at) example (dot) com"),
    ("phone number", "call +46 70 123 45 67"),
    ("phone number", "+1 (555) 010-9999"),
    ("phone number", "0046701234567"),
    ("phone number", "070-123 45 67"),
    ("phone number", "0701234567"),
    ("phone number", "0176/1234567"),
    ("phone number", "08-12 34 56"),
    ("phone number", "020 7946 0958"),
    ("phone number", "07911 123456"),
    ("phone number", "(212) 555-0147"),
    ("phone number", "212-555-0147"),
    ("phone number", "the parcel: ring 070-123 45 67"),
    ("phone number", "phone 2125550147"),
    ("phone number", "Telefon: 4912345"),
    ("account number", "DE89 3704 0044 0532 0130 00 EUR"),
    ("account number", "SE4550000000058398257466"),
    ("account number", "GB82 WEST 1234 5698 7654 32"),
    ("card number", "4111 1111 1111 1111"),
    ("card number", "5500-0000-0000-0004"),
    ("card number", "378282246310005"),
    ("identity number", "811218-9876"),
    ("identity number", "19811218-9876"),
    ("identity number", "078-05-1120"),
    ("personal link", "https://www.facebook.com/anna.berg.35"),
    ("personal link", "https://shop.example/track?order=1&email=anna"),
    ("personal link", "https://anna:secret@example.com/x"),
    ("personal link", "https://www.amazon.com/gp/profile/amzn1.account.ABC"),
    ("personal link", "wa.me/46701234567"),
    ("address", "12 Baker Street"),
    ("address", "350 5th Ave"),
    ("address", "Musterstraße 12a"),
    ("address", "Berliner Straße 5"),
    ("address", "Storgatan 14"),
    ("address", "Kungsgatan 3 B, 111 43 Stockholm"),
    ("address", "12 rue de la Paix"),
    ("address", "Via Roma 5"),
    ("address", "ul. Marszałkowska 10"),
    ("address", "Keizersgracht 100"),
    ("address", "London SW1A 2AA"),
    ("address", "Austin TX 78701"),
    ("address", "D-10115 Berlin"),
    ("address", "P.O. Box 120"),
    ("name", "Mrs. Anna Berg wants her money"),
    ("name", "Mr Smith"),
    ("name", "Herr von Ahn"),
    ("name", "Frau Müller-Lüdenscheidt"),
    ("name", "Sehr geehrte Frau Dr. Weiß"),
    ("name", "Fru Åkesson"),
    ("name", "Dear John,"),
    ("name", "Hej Anna!"),
    ("name", "the buyer's name is John Smith"),
    ("name", "kunden heter Anna"),
]
HARMLESS = [
    "order 114-2962899-5762619 of 2026-06-01T12:30:00Z",
    "S01-1234567-1234567 was sent again",
    "LPNRR123456789 and LPN0123456789",
    "UPS 1Z999AA10123456784",
    "tracking 00340434161094042557",
    "tracking number 0123456789",
    "TBA012345678901",
    "RR123456789SE",
    "JJD000390007894561230",
    "9400 1000 0000 0000 0000 00",
    "FedEx 1234 5678 9012",
    "Sendungsnummer 0034043416109",
    "PostNord 0701234567",
    "EAN 4006381333931",
    "036000291452",
    "B00EXAMPL1 and X001234567",
    "FBA15ABCDEFG",
    "1 234 567,50 kr",
    "12.345,67 EUR instead of USD 1,234,567.89",
    "$1200 or 2000000 JPY",
    "01.06.2026 14:30 to 06/30/2026",
    "2026-06-01 10:20 and 2026-06-30",
    "1200 grams instead of 1450, 3 units of 12",
    "safet.window.US.2 says 30 days",
    "entry 1234567, F-1A2B3C4D5E, R-12345678",
    "SKU-1234-5678-9012, MUG-BLUE-0012",
    "https://sellercentral.amazon.com/gp/help/external/G202041210?language=en_US",
    "an empty box came back, the seal is broken",
    "Dear Customer, the Amazon Team will refund",
    "Sehr geehrte Damen und Herren",
    "the lid is scratched; the charger is missing",
    "opened 10000 Units",
    "Messrs. are not named",
    "way 12, way too late",
    "version 10.15.7 of 3.14.159",
    "it was on the way back for 12 days",
    "IMG_20260601_123456.jpg",
    "Screenshot 2026-06-01 at 14.30.05.png",
]


@pytest.mark.parametrize(("kind", "text"), PERSONAL)
def test_what_is_about_a_person_is_found_and_blotted_out(kind: str, text: str) -> None:
    assert kind in kinds_in(text)
    assert () == kinds_in(redacted(text))
    assert BLOT in redacted(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert () == kinds_in(text)
    assert text == redacted(text)


def test_what_is_beside_it_stays() -> None:
    text = "order 114-2962899-5762619: Mrs Berg, 070-123 45 67, wants 20.00 EUR"

    assert "order 114-2962899-5762619: Mrs [redacted], [redacted], wants 20.00 EUR" == redacted(
        text
    )
    assert ("name", "phone number") == kinds_in(text)


def test_the_whole_address_goes() -> None:
    assert "send it to [redacted], [redacted]." == redacted(
        "send it to Kungsgatan 3 B, 111 43 Stockholm."
    )


def test_a_wrong_check_digit_is_no_account_and_no_card() -> None:
    assert "account number" not in kinds_in("DE88 3704 0044 0532 0130 00")
    assert () == kinds_in("4111 1111 1111 1112")
    assert () == kinds_in("811218-9875")


@given(st.text(max_size=200))
def test_redacting_leaves_nothing_to_redact(text: str) -> None:
    assert [] == found_in(redacted(text))
    assert redacted(text) == redacted(redacted(text))


@given(st.from_regex(r"\d{3}-\d{7}-\d{7}", fullmatch=True))
def test_no_order_is_a_phone_number(order_id: str) -> None:
    assert () == kinds_in(f"order {order_id}, refunded")
