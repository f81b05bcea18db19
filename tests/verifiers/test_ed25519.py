"""Ed25519 as verify.py has it: RFC 8032's vectors, strict where others are lax, and never laxer than OpenSSL."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.verify import L, P, signature_holds

VECTORS = {
    "RFC 8032, 7.1, test 1": (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    "RFC 8032, 7.1, test 2": (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    "RFC 8032, 7.1, test 3": (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    "RFC 8032, 7.1, test SHA(abc)": (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        (
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
            "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        ),
    ),
}

SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]
"""Points that come back to where they began after at most eight steps: they sign for anybody."""

NOT_CANONICAL = [
    "0100000000000000000000000000000000000000000000000000000000000080",  # minus zero
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # p, for 0
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # p + 1, for 1
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()


def openssl_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_the_vectors_of_the_rfc_hold_and_every_flipped_bit_does_not(
    vector: tuple[str, str, str],
) -> None:
    public, message, signature = (bytes.fromhex(part) for part in vector)

    assert signature_holds(public, message, signature)
    assert not signature_holds(public, message + b"\x00", signature)
    for bit in range(0, 512, 5):
        flipped = bytearray(signature)
        flipped[bit // 8] ^= 1 << bit % 8
        assert not signature_holds(public, message, bytes(flipped))


@given(secret=st.binary(min_size=32, max_size=32), message=st.binary(max_size=200))
@settings(max_examples=50, deadline=None)
def test_whatever_is_signed_by_others_holds_here(secret: bytes, message: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(secret)

    assert signature_holds(key.public_key().public_bytes_raw(), message, key.sign(message))


@given(
    public=st.sampled_from([PUBLIC, *map(bytes.fromhex, SMALL_ORDER + NOT_CANONICAL)])
    | st.binary(min_size=32, max_size=32),
    encoded=st.sampled_from([*map(bytes.fromhex, SMALL_ORDER + NOT_CANONICAL)])
    | st.binary(min_size=32, max_size=32),
    number=st.sampled_from([0, 1, L - 1, L, L + 1, 2**255, 2**256 - 1, P]) | st.integers(0, L - 1),
    message=st.binary(max_size=8),
)
@settings(max_examples=300, deadline=None)
def test_nothing_holds_here_that_openssl_refuses(
    public: bytes, encoded: bytes, number: int, message: bytes
) -> None:
    signature = encoded + number.to_bytes(32, "little")

    assert not signature_holds(public, message, signature) or openssl_holds(
        public, message, signature
    )


@pytest.mark.parametrize("times", range(1, 16))
def test_a_number_that_is_not_the_smallest_of_its_kind_is_refused(times: int) -> None:
    """Else anybody could make a second signature out of one, without the key."""
    signature = KEY.sign(b"message")
    number = int.from_bytes(signature[32:], "little") + times * L
    second = signature[:32] + number.to_bytes(32, "little")

    assert not signature_holds(PUBLIC, b"message", second)


@pytest.mark.parametrize("point", SMALL_ORDER + NOT_CANONICAL)
def test_a_key_that_would_sign_anything_is_no_key(point: str) -> None:
    """R = S * B with S = 0: OpenSSL accepts some of these for some messages."""
    key = bytes.fromhex(point)
    for encoded in map(bytes.fromhex, SMALL_ORDER):
        for message in (b"", b"a", b"b", b"c"):
            assert not signature_holds(key, message, encoded + bytes(32))


@pytest.mark.parametrize("point", SMALL_ORDER + NOT_CANONICAL)
def test_the_first_half_of_a_signature_is_written_in_one_way(point: str) -> None:
    signature = KEY.sign(b"message")

    assert not signature_holds(PUBLIC, b"message", bytes.fromhex(point) + signature[32:])


@pytest.mark.parametrize("cut", [0, 1, 31, 32, 63, 65, 128])
def test_another_length_is_refused(cut: int) -> None:
    signature = (KEY.sign(b"message") * 2)[:cut]

    assert not signature_holds(PUBLIC, b"message", signature)
    assert not signature_holds(PUBLIC[:-1], b"message", KEY.sign(b"message"))
    assert not signature_holds(PUBLIC + b"\x00", b"message", KEY.sign(b"message"))
