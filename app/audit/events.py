"""What the trail records beside the events of order commands, which are ``order.`` and the journal's own word."""

from typing import Final

ORDER: Final = "order"
ORDER_REFUSED: Final = "order.refused"

REQUEST_REFUSED: Final = "request.refused"

KEY_CREATED: Final = "key.created"
KEY_ROTATED: Final = "key.rotated"
KEY_REVOKED: Final = "key.revoked"
KEY_STORED_ANEW: Final = "key.stored_anew"

LIMIT_SET: Final = "limit.set"
LIMIT_CLEARED: Final = "limit.cleared"

HALT_SET: Final = "halt.set"
HALT_LIFTED: Final = "halt.lifted"

CONFIRMATION_GIVEN: Final = "confirmation.given"
CONFIRMATION_TAKEN: Final = "confirmation.taken"

TOKEN_REFRESH_ASKED: Final = "token.refresh_asked"  # noqa: S105 - the name of an event.

TOOL_CALLED: Final = "tool.called"

CHAIN_RESUMED: Final = "chain.resumed"
ROW_NOT_AUTHENTIC: Final = "chain.row_not_authentic"
