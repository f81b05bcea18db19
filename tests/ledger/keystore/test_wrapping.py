"""Keys under keys as RFC 3394 has them, and tokens that open under their own key beside their own context only."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap
from hypothesis import given
from hypothesis import strategies as st

from ledger.keystore.wrapping import (
    Damaged,
    cipher,
    is_token,
    opened,
    sealed_many,
    unwrapped,
    wrapped,
)

KEYS = st.binary(min_size=32, max_size=32)


def test_the_rfcs_own_example_of_256_bits_comes_out() -> None:
    """RFC 3394, section 4.6."""
    under = bytes(range(32))
    key = bytes.fromhex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f")
    told = "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21"

    assert [bytes.fromhex(told)] == wrapped(under, [key])
    assert [key] == unwrapped(under, [bytes.fromhex(told)])


@given(under=KEYS, keys=st.lists(KEYS, max_size=9))
def test_many_keys_at_once_are_wrapped_as_another_library_wraps_each(
    under: bytes, keys: list[bytes]
) -> None:
    told = wrapped(under, keys)

    assert told == [aes_key_wrap(under, key) for key in keys]
    assert keys == unwrapped(under, told) == [aes_key_unwrap(under, one) for one in told]


@given(under=KEYS, keys=st.lists(KEYS, min_size=1, max_size=5), place=st.integers(min_value=0))
def test_one_changed_byte_among_many_wrapped_keys_is_found(
    under: bytes, keys: list[bytes], place: int
) -> None:
    told = bytearray(b"".join(wrapped(under, keys)))
    told[place % len(told)] ^= 1
    with pytest.raises(Damaged):
        unwrapped(under, [bytes(told[at : at + 40]) for at in range(0, len(told), 40)])


@given(key=KEYS, value=st.binary(max_size=300), context=st.binary(max_size=40))
def test_a_token_opens_beside_its_context_and_nowhere_else(
    key: bytes, value: bytes, context: bytes
) -> None:
    token, other = sealed_many([(cipher(key), value, context)] * 2)

    assert is_token(token)
    assert value == opened(cipher(key), token, context)
    assert token != other
    with pytest.raises(Damaged):
        opened(cipher(key), token, context + b".")
    with pytest.raises(Damaged):
        opened(cipher(bytes([key[0] ^ 1]) + key[1:]), token, context)


@pytest.mark.parametrize("text", ["", "sealed:", "sealed:abc", "token", "sealed:" + "a" * 41])
def test_what_is_no_token_is_said_to_be_damaged(text: str) -> None:
    with pytest.raises(Damaged):
        opened(cipher(bytes(32)), text, b"")
