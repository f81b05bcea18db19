"""Personal data in a text that is kept for ever: found, and blotted out, never stored in clear."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, Literal

import msgspec

Kind = Literal[
    "e-mail address",
    "personal link",
    "account number",
    "card number",
    "identity number",
    "phone number",
    "address",
    "name",
]

BLOT: Final = "[redacted]"
"""What stands in the place of each piece that was found."""


class Piece(msgspec.Struct, frozen=True):
    """Where a text is most likely about a person; it does not carry the words themselves."""

    start: int
    end: int
    kind: Kind


def found_in(text: str) -> list[Piece]:
    """Every personal piece of a text, in order; of two that overlap the longer one."""
    pieces = [
        Piece(start, end, kind)
        for kind, find in _FINDERS
        for start, end in find(text)
        if text[start:end] != BLOT
    ]
    kept: list[Piece] = []
    for piece in sorted(pieces, key=lambda one: one.start - one.end):
        if all(piece.end <= other.start or other.end <= piece.start for other in kept):
            kept.append(piece)
    return sorted(kept, key=lambda one: one.start)


def kinds_in(text: str) -> tuple[Kind, ...]:
    """What kinds of personal data a text holds, each once, in order."""
    return tuple(dict.fromkeys(piece.kind for piece in found_in(text)))


def redacted(text: str) -> str:
    """The text with each personal piece blotted out; what that leaves has none."""
    while pieces := found_in(text):
        for piece in reversed(pieces):
            text = text[: piece.start] + BLOT + text[piece.end :]
    return text


_NUMBERS: Final = frozenset[Kind](
    ("account number", "card number", "identity number", "phone number")
)


def in_name(name: str) -> tuple[Kind, ...]:
    """What kinds of personal data a file's name holds; its numbers are Amazon's, which names reports by them."""
    spaced = name.replace("_", " ")
    found = (*found_in(name), *found_in(spaced))
    return tuple(dict.fromkeys(one.kind for one in found if one.kind not in _NUMBERS))


def suffix_of(name: str) -> str:
    """What a file's name says of its kind: `.png`."""
    found = re.search(r"\.[A-Za-z0-9]{1,8}$", name)
    return found[0].lower() if found else ""


Span = tuple[int, int]
_Finder = Callable[[str], Iterator[Span]]


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _luhn(digits: str) -> bool:
    """True where the last digit is the check digit of the others."""
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    rest = [int(digit) for digit in digits[::-2]]
    return (sum(rest) + sum(two - 9 if two > 9 else two for two in doubled)) % 10 == 0


# --- what looks like a number of a person's and is none ---------------------------------------

_HARMLESS: Final = re.compile(
    r"""(?<![\w+])(?:
      \d{3}-\d{7}-\d{7} | [A-Z]\d{2}-\d{7}-\d{7}
    | \d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?
    | \d{1,2}([./])\d{1,2}\1(?:\d{4}|\d{2})(?:,?[ ]\d{1,2}[:.]\d{2}(?:[:.]\d{2})?)?
    | LPN[A-Z0-9]{6,} | (?:B0|X0|FBA)[A-Z0-9]{8,}
    | 1Z[A-Z0-9]{16} | TB[ACM]\d{9,15} | [A-Z]{2}\d{9}[A-Z]{2} | (?:JD|JJD|JVGL|GM)\d{10,20}
    | (?:EUR|USD|GBP|SEK|PLN|CHF|DKK|NOK|JPY|[€$£])[ ]?[1-9]\d*(?:[.,']\d+)*
    | [1-9]\d{0,2}(?:[ .,']\d{3})*(?:[.,]\d{1,2})?[ ]?
      (?:€|\$|£|:-|(?:kr|EUR|USD|GBP|SEK|PLN|CHF|DKK|NOK|JPY)\b)
    )(?!\w)""",
    re.VERBOSE,
)
"""Orders, days and moments, licence plates, goods, parcels, money."""

_LABELLED: Final = re.compile(
    r"""(?i)\b(?:EAN|GTIN|UPC|ISBN|ASIN|FNSKU|SKU|RMA|LPN|S/N|DHL|UPS|FedEx|GLS|DPD|Hermes|PostNord
      |USPS|Bring|Royal[ ]Mail|tracking|parcel|consignment|shipment|serial|invoice|label|barcode
      |Sendung(?:snummer)?|Paket(?:nummer)?|Seriennummer|Rechnung(?:snummer)?
      |sändning(?:snummer)?|paket(?:nummer)?|kolli(?:nummer)?|serienummer|faktura(?:nummer)?
      |(?:case|claim|order|reference|request)[ ](?:id|no\.?|nr\.?|number))
      (?:[ ](?:id|no\.?|nr\.?|number|is))?[ :#]{0,3}
      (?P<number>[A-Z]{0,5}\d[\dA-Z]{5,}|\d{4}(?:[ ]\d{4})+(?:[ ]\d{1,4})?)(?![\w-])""",
    re.VERBOSE,
)
"""A number whose name says what it counts, written in one or in fours."""


def _masked(text: str) -> str:
    """The text with what is harmless in it struck out, every sign in its place."""

    def strike(match: re.Match[str]) -> str:
        return "\0" * len(match[0])

    def strike_number(match: re.Match[str]) -> str:
        before = match.start("number") - match.start()
        return match[0][:before] + "\0" * (len(match[0]) - before)

    return _HARMLESS.sub(strike, _LABELLED.sub(strike_number, text))


# --- numbers ----------------------------------------------------------------------------------

_CARD: Final = re.compile(r"(?<![\w-])(?:\d[ -]?){12,18}\d(?![\w-])")
_CARD_BEGINS: Final = re.compile(
    r"4(\d{12}|\d{15}|\d{18})|(5[1-5]|2[2-7]|6[05])\d{14}|3[47]\d{13}|3[068]\d{12}"
)
_IBAN: Final = re.compile(r"(?<!\w)[A-Za-z]{2}\d{2}(?:[ ]?[A-Za-z0-9]){11,30}")
_IBAN_LENGTH: Final = dict(
    part.split(":")
    for part in (
        "AT:20 BE:16 BG:22 CH:21 CY:28 CZ:24 DE:22 DK:18 EE:20 ES:24 FI:18 FR:27 GB:22 GR:27 HR:21 "
        "HU:28 IE:22 IS:26 IT:27 LI:21 LT:20 LU:20 LV:21 MC:27 MT:31 NL:18 NO:15 PL:28 PT:25 RO:24 "
        "SE:24 SI:19 SK:24 SM:27 TR:26 AE:23 SA:24 EG:29"
    ).split()
)
_IDENTITY: Final = re.compile(
    r"(?<![\w-])(?:(?:19|20)?\d{2}(?:0[1-9]|1[0-2])[0-9]\d[-+]\d{4}|\d{3}-\d{2}-\d{4})(?![\w-])"
)
_ABROAD: Final = re.compile(r"(?<![\w+])(?:\+|00(?=[1-9]))[ ]?(?:\d[ ()./-]{0,3}){7,18}(?!\w)")
_NATIONAL: Final = re.compile(r"(?<![\w.,/-])\(?0\d{1,4}\)?(?:[ ./-]{0,3}\d){4,10}(?![\w])")
_AMERICAN: Final = re.compile(
    r"(?<![\w-])(?:1[ .-])?(?:\([2-9]\d{2}\)[ ]?|[2-9]\d{2}[ .-])\d{3}[ .-]\d{4}(?![\w-])"
)
_CALLED: Final = re.compile(
    r"""(?i)\b(?:tel|telephone|phone|mobile|cell|whatsapp|call|ring|telefon|tfn|mobil|handy
      |telefonnummer|mobilnummer|rufnummer|handynummer|anrufen)\b
      (?:[ ](?:no\.?|nr\.?|number|is|me|him|her|them|at|on|under|unter|på))*[ .:]{0,3}
      (?P<number>\(?\d(?:[ ()./-]{0,2}\d){6,14})(?!\w)""",
    re.VERBOSE,
)


def _cards(text: str) -> Iterator[Span]:
    for match in _CARD.finditer(_masked(text)):
        digits = _digits(match[0])
        if _CARD_BEGINS.fullmatch(digits) and _luhn(digits):
            yield match.span()


def _accounts(text: str) -> Iterator[Span]:
    """IBANs, by the length of their country's and their check digits."""
    for match in _IBAN.finditer(text):
        length = int(_IBAN_LENGTH.get(match[0][:2].upper(), 0))
        end, compact = match.start(), ""
        while length and len(compact) < length and end < match.end():
            compact += text[end].strip().upper()
            end += 1
        turned = compact[4:] + compact[:4]
        if len(compact) == length != 0 and int("".join(str(int(s, 36)) for s in turned)) % 97 == 1:
            yield match.start(), end


def _identities(text: str) -> Iterator[Span]:
    """Personal numbers of Sweden, by their check digit, and of the United States."""
    for match in _IDENTITY.finditer(_masked(text)):
        digits = _digits(match[0])
        if len(digits) == 9 or _luhn(digits[-10:]):
            yield match.span()


def _phones(text: str) -> Iterator[Span]:
    masked = _masked(text)
    for match in _ABROAD.finditer(masked):
        if 8 <= len(_digits(match[0]).removeprefix("00")) <= 15:
            yield match.start(), match.start() + len(match[0].rstrip(" ()./-"))
    for match in _NATIONAL.finditer(masked):
        digits = len(_digits(match[0]))
        grouped = len(re.findall(r"\d+", match[0])) - 1
        if 9 <= digits <= (12 if grouped else 11) or (digits == 8 and grouped > 1):
            yield match.span()
    for match in _AMERICAN.finditer(masked):
        yield match.span()
    for match in _CALLED.finditer(masked):
        yield match.span("number")


# --- words ------------------------------------------------------------------------------------

_UPPER: Final = "A-ZÅÄÖÜÉÈÁÀÓÍØÆŁŚŻÇÑ"
_LOWER: Final = "a-zåäöüßéèáàóíøæłśżçñêôîûëïœ"
_PROPER: Final = (
    rf"[{_UPPER}][{_LOWER}]+(?:[{_UPPER}][{_LOWER}]+)?(?:['\u2019-][{_UPPER}]?[{_LOWER}]+){{0,2}}"
)
"""A word written with a capital: Berg, McDonald, Müller-Lüdenscheidt."""


def _words(*patterns: str, flags: int = 0) -> _Finder:
    """A finder of these patterns; where one has a group `it`, that group is what was found."""
    compiled = [re.compile(pattern, re.VERBOSE | flags) for pattern in patterns]

    def find(text: str) -> Iterator[Span]:
        for pattern in compiled:
            group = "it" if "it" in pattern.groupindex else 0
            for match in pattern.finditer(text):
                yield match.span(group)

    return find


_emails: Final = _words(
    r"(?<![\w.+'-])[\w.+'-]{1,64}[ ]?(?:@|\(at\)|\[at\])[ ]?[\w-]+(?:[ ]?(?:\.|\(dot\)|\[dot\])[ ]?[\w-]+)+",
    flags=re.IGNORECASE,
)
_links: Final = _words(
    r"\b[a-z][a-z0-9+]+://[^\s/@]+@\S+",
    r"\b(?:https?://|www\.)\S*[?&#;](?:e?-?mail|name|first_?name|last_?name|phone|tel|mobile|address"
    r"|user|username|userid|customer|customerid|buyer|buyerid|token|auth|session|sig|signature)=\S*",
    r"\b(?:https?://|www\.)\S*/(?:profile|profiles|user|users|u|people|in|account|member|members)/\S+",
    r"(?:\bhttps?://|\bwww\.|(?<![\w@./]))(?:\w+\.)?(?:facebook|instagram|twitter|x|tiktok|linkedin"
    r"|vk|t|wa)\.(?:com|me)/\S+",
    flags=re.IGNORECASE,
)
_STATES: Final = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM "
    "NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC"
).replace(" ", "|")
_addresses: Final = _words(
    # A number and a street, a street and a number: in English, German and Dutch, Swedish, French,
    # Spanish and Italian, Polish.
    rf"\b\d{{1,5}}[A-Za-z]?,?[ ](?:[NSEW]\.?[ ])?(?:(?:{_PROPER}|\d+(?:st|nd|rd|th))[ ]){{1,4}}"
    r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Way|Place|Pl|Square|Sq"
    r"|Terrace|Close|Crescent|Parkway|Pkwy|Highway|Hwy)\b\.?",
    rf"\b(?:{_PROPER}[ ])?[{_UPPER}][{_LOWER}]*"
    r"(?:stra(?:ß|ss)e|str\.|weg|platz|gasse|allee|damm|ufer|straat|laan|plein|gracht|kade)"
    r"[ ]?\d{1,4}[ ]?[A-Za-z]?\b",
    rf"\b(?:{_PROPER}[ -]){{1,3}}(?:Straße|Strasse|Str\.|Weg|Platz|Allee|Ring|Damm)[ ]?\d{{1,4}}[ ]?[a-z]?\b",
    rf"\b(?:{_PROPER}[ ])?[{_UPPER}][{_LOWER}]*"
    r"(?:gatan?|vägen|väg|gränd|torget|torg|stigen|backen|allén|leden|stråket)[ ]\d{1,4}[ ]?[A-Za-z]?\b",
    rf"\b\d{{1,4}}(?:[ ]?(?:bis|ter))?,?[ ](?:rue|avenue|boulevard|chemin|impasse|allée|quai)[ ]"
    rf"(?:(?:de|du|des|la|le|les|d'|l')[ ]?)*{_PROPER}(?:[ ]{_PROPER}){{0,2}}",
    rf"\b(?:[Vv]ia|[Vv]iale|[Pp]iazza|[Cc]orso|[Cc]alle|[Aa]venida|[Pp]aseo|ul\.|[Uu]lica)[ ]"
    rf"(?:(?:de|del|della|dei|la|las|los)[ ])*{_PROPER}(?:[ ]{_PROPER}){{0,2}},?[ ]\d{{1,4}}\b",
    r"\b(?:P\.?[ ]?O\.?[ ]Box|Postfach|Postbox)[ ]\d+",
    # Postcodes that name few houses, or are told with their country or town.
    r"\b[A-Z]{1,2}\d[A-Z\d]?[ ]\d[ABD-HJLNP-UW-Z]{2}\b",
    rf"\b(?:{_STATES})[ ]\d{{5}}(?:-\d{{4}})?\b",
    rf"\b(?:SE?-)?\d{{3}}[ ]\d{{2}}[ ]{_PROPER}",
    rf"\b(?:D|DE|A|CH|F|I|E|B|PL)-\d{{4,5}}[ ]{_PROPER}",
    r"\b\d{5}[ ](?:Berlin|Hamburg|München|Köln|Frankfurt|Stuttgart|Düsseldorf|Leipzig|Dortmund"
    r"|Essen|Bremen|Dresden|Hannover|Nürnberg|Paris|Lyon|Marseille|Madrid|Barcelona|Roma|Milano)\b",
    rf"(?<=,[ ])\d{{4,5}}[ ]{_PROPER}",
)
_NOBODY: Final = (
    "Customer Customers Buyer Buyers Seller Sellers Amazon Support Team Sir Madam All Everyone Kunde "
    "Kundin Kunden Käufer Verkäufer Damen Herren Kund Kunder Köpare Säljare There"
).replace(" ", "|")
_PARTICLES: Final = r"(?:(?:von|van|de|der|den|af|da|la)[ ])*"
_GIVEN: Final = rf"{_PARTICLES}(?!(?:{_NOBODY})\b){_PROPER}(?:[ ]{_PARTICLES}{_PROPER}){{0,2}}"
_names: Final = _words(
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Prof|Herrn?|Frau|Fräulein|Fru|Fröken|Madame|Monsieur|Mme|Mlle|Señora?"
    r"|Signora?|Dhr|Mevr|Mevrouw|Meneer)\b\.?[ ](?:(?:Dr|Prof)\.?[ ])*"
    rf"(?P<it>{_GIVEN}|[{_UPPER}]\.?[ ]{_PROPER})",
    rf"\bDr\.[ ](?P<it>{_GIVEN})",
    r"\b(?:Dear|Hello|Hi|Hej|Hejsan|Hallo|Liebe|Lieber|Kära|Käre|Bonjour|Hola|Ciao)[ ]"
    rf"(?P<it>{_GIVEN})",
    r"(?i:\b(?:my|his|her|their|buyer|the[ ]buyer's|customer|the[ ]customer's)[ ]name(?:[ ]is|:)"
    r"|\bname:|\bnamn:|\b(?:hon|han|jag|köparen|kunden)[ ]heter"
    r"|\b(?:ich|er|sie|Käufer|Käuferin|Kunde|Kundin)[ ]hei(?:ß|ss)[et]+|\bsigned[ ]by)[ ]?"
    rf"(?P<it>{_GIVEN})",
)

_FINDERS: Final[tuple[tuple[Kind, _Finder], ...]] = (
    ("e-mail address", _emails),
    ("personal link", _links),
    ("account number", _accounts),
    ("card number", _cards),
    ("identity number", _identities),
    ("phone number", _phones),
    ("address", _addresses),
    ("name", _names),
)
