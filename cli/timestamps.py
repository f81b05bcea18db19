"""Time stamps of RFC 3161 over checkpoints: a request to send, a reply to check and keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger.errors import LedgerError

if TYPE_CHECKING:
    from ledger.store import Checkpoint, Notary


def request_for(checkpoint: Checkpoint) -> bytes:
    """The request, DER encoded: it holds a hash of the signed note and nothing else of the log.

    Without a nonce, so that the reply can come any day; with the authority's certificate in the reply.
    """
    client = _client()
    builder = client.TimestampRequestBuilder().data(checkpoint.note.encode())
    return bytes(builder.nonce(nonce=False).cert_request(cert_request=True).build().as_bytes())


def keep_reply(notary: Notary, reply: bytes, certificate: bytes, now: str) -> str:
    """Keep a reply beside the checkpoint that it is about, once checked; says which and when."""
    from cryptography.x509 import load_pem_x509_certificates

    from ledger.store import Anchor

    client = _client()
    try:
        response = client.decode_timestamp_response(reply)
        roots = load_pem_x509_certificates(certificate)
    except ValueError as error:
        raise _refused(f"it cannot be read: {error}") from error
    builder = client.VerifierBuilder()
    for root in roots:
        builder = builder.add_root_certificate(root)
    verifier = builder.build()
    for one in reversed(notary.memory.all()):
        try:
            verifier.verify_message(response, one.checkpoint.note.encode())
        except client.VerificationError:
            continue
        when = response.tst_info.gen_time.isoformat()
        notary.memory.add_anchor(Anchor(one.checkpoint.size, "rfc3161", now, when, reply))
        return f"the authority saw the checkpoint at {one.checkpoint.size:,} entries on {when}."
    raise _refused("it is about no checkpoint of this log, or not signed under this certificate")


def _refused(why: str) -> LedgerError:
    return LedgerError(
        f"the time stamp is not kept: {why}",
        advice="Send the newest request again, and name the root certificate of the authority "
        "that answered.",
    )


def _client() -> Any:
    try:
        import rfc3161_client
    except ModuleNotFoundError as error:
        raise LedgerError(
            "time stamps need a library that is not installed",
            advice="Run `pip install returns-ledger[timestamp]`.",
        ) from error
    return rfc3161_client
