"""Whether a secret that gateway.secret_key was before is still needed."""

from collections.abc import Iterator

from sqlalchemy import select

from app.gateway import Gateway
from app.operations.doctor.finding import Finding, attention, ok
from app.storage.audit_tables import audit_checkpoints
from app.storage.token_tables import tokens
from app.tokens.encryption import Encryption

SUBJECT = "older secret"


def examine_older_secrets(gateway: Gateway) -> Iterator[Finding]:
    """Report what is stored with a secret of older_secret_keys alone, where there is any such secret."""
    if not gateway.settings.gateway.older_secret_keys:
        return
    needed = [f"the key {name}" for name in gateway.keys.list_under_older_secrets()]
    needed += [f"the token of {tiger_id}" for tiger_id in _list_tokens(gateway)]
    if not _is_trail_signed(gateway):
        needed.append("the audit trail, for a second after the next start")
    if needed:
        yield attention(
            SUBJECT,
            f"still needed for {', '.join(needed)}",
            "leave it: a key is stored anew when it is used (or: flask --app wsgi keys rotate NAME), a token at its "
            "next refresh",
        )
    else:
        yield ok(SUBJECT, "needed no longer: take it out of gateway.older_secret_keys")
    if not gateway.settings.tiger.device_id:
        yield attention(
            "device id",
            "it is made of the oldest secret: to Tiger this is another device once that is taken out",
            f'to stay the same one, write device_id = "{gateway.device_id}" under [tiger] before',
        )


def _list_tokens(gateway: Gateway) -> list[str]:
    """Return the tiger_ids whose stored token was encrypted with an older secret."""
    encryption = Encryption(gateway.secrets[0])
    with gateway.storage.reading() as connection:
        rows = connection.execute(select(tokens.c.tiger_id, tokens.c.token)).all()
    return [row.tiger_id for row in rows if row.token and encryption.decrypt(row.token, row.tiger_id) is None]


def _is_trail_signed(gateway: Gateway) -> bool:
    """Return whether the newest checkpoint of the audit trail, if there is one, is signed with the secret in force."""
    newest = select(audit_checkpoints.c.public_key).order_by(audit_checkpoints.c.number.desc()).limit(1)
    with gateway.storage.reading() as connection:
        key = connection.execute(newest).scalar()
    return key is None or key == gateway.audit.keys.current.public
