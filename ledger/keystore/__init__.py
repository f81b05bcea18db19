"""The keys of one account: what seals personal data, and what is destroyed when it is to be forgotten."""

from ledger.keystore.keystore import EVERYBODY, Found, KeyStore, Sealed, SigningKey, Subject, Use
from ledger.keystore.wrapping import TOKEN, is_token

__all__ = [
    "EVERYBODY",
    "TOKEN",
    "Found",
    "KeyStore",
    "Sealed",
    "SigningKey",
    "Subject",
    "Use",
    "is_token",
]
