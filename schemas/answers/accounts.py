"""Answers of the account management category."""

from schemas.answers.fields import Answer, flag, many, moment, one, text, texts, whole


class AccountRow(Answer):
    """A brokerage account that the API key may use."""

    account = text("The account number.", nullable=False)
    tiger_id = text("The Tiger developer id that serves it.", nullable=False)
    account_type = text("Live, or demo for a paper account.", nullable=False, choices=("live", "demo"))
    license = text("The licence of the developer id, such as TBHK; null where its properties file names none.")


class AccountsAnswer(Answer):
    """What the API key may use and do."""

    accounts = many(AccountRow, "The accounts this key may use.")
    permissions = texts("What this key may do.", choices=("read", "trade", "admin"))
    api_key_name = text("The name of this key.", nullable=False)


class TokenRefreshAnswer(Answer):
    """What a token refresh came to."""

    refreshed = flag("False where the licence uses no token; reason says so.", nullable=False)
    reason = text("Why nothing was refreshed.")
    tiger_id = text("The developer id whose token it is.", nullable=False)
    account = text("The account of the request.", nullable=False)
    managed_accounts = texts("The accounts of this developer id that the key may use.")
    token_expires_at = moment("When the token ends")
    refreshed_at = moment("When the token was refreshed")


class LeaderRow(Answer):
    """The one worker of all workers and machines that does scheduled work."""

    worker = text("Its name, host:pid:mark; null between two leaders.")
    since = moment("When it took the lead")
    term = whole("The number of its term; it grows with each change.", nullable=False, minimum=0)


class TokenAttemptRow(Answer):
    """An attempt to refresh a token, as journalled."""

    number = whole("Its number; it grows with each attempt.", nullable=False, minimum=1)
    cause = text("Why it was made.", nullable=False, choices=("schedule", "manual", "command", "file"))
    requested_by = text("The name of the API key, or the worker.", nullable=False)
    worker = text("The worker that made it.", nullable=False)
    started_at = moment("When it began", nullable=False)
    ended_at = moment("When it ended")
    outcome = text(
        "What became of it. In doubt: Tiger may have given out a token that never arrived. Found: a newer one lay in "
        "the folder. Unfit: one lay there that Tiger refuses. Refused, lost: only a new token from Tiger's developer "
        "page helps.",
        nullable=False,
        choices=("refreshed", "found", "unfit", "failed", "in_doubt", "refused", "lost"),
    )
    code = text("The code of the error.")
    tiger_code = whole("Tiger's own code.")
    message = text("What went wrong, and what to do.")


class TokenRow(Answer):
    """The token of one developer id."""

    credential = text("The name of the credential.", nullable=False)
    tiger_id = text("The developer id.", nullable=False)
    license = text("Its licence; null where its properties file names none.")
    accounts = texts("The accounts of this developer id that the key may use.")
    uses_token = flag("Whether calls of this licence carry a token.", nullable=False)
    status = text(
        "Degraded from half of its life without a refresh; failing when it no longer serves.",
        nullable=False,
        choices=("healthy", "degraded", "failing"),
    )
    concern = text("What is wrong with it.")
    expires_at = moment("When the token ends")
    obtained_at = moment("When the gateway got it")
    refreshed_at = moment("When a refresh last succeeded")
    next_refresh_at = moment("When the next refresh is due")
    refreshing = flag("Whether a refresh is under way.", nullable=False)
    failures = whole("How many refreshes have failed in a row.", nullable=False, minimum=0)
    last_attempt = one(TokenAttemptRow, "The newest attempt that has ended.", nullable=True)


class TokenStatusAnswer(Answer):
    """The state of the tokens."""

    leader = one(LeaderRow, "Who refreshes them.")
    credentials = many(TokenRow, "One row for each developer id that the key may use.")
