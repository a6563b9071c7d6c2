"""Answers of the account management category."""

from schemas.answers.fields import Answer, flag, many, text, texts, written_moment


class AccountRow(Answer):
    """A brokerage account that the API key may use."""

    account = text("The account number.", nullable=False)
    tiger_id = text("The Tiger developer id that serves it.", nullable=False)
    account_type = text("Live, or demo for a paper account.", nullable=False, choices=("live", "demo"))
    license = text("The licence of the developer id, such as TBHK.", nullable=False)


class AccountsAnswer(Answer):
    """What the API key may use and do."""

    accounts = many(AccountRow, "The accounts this key may use.")
    permissions = texts("What this key may do.", choices=("read", "trade", "admin"))
    api_key_name = text("The name of this key.", nullable=False)


class TokenRefreshAnswer(Answer):
    """What a token refresh came to."""

    refreshed = flag("False where the licence uses no token; reason says so.", nullable=False)
    tiger_id = text("The developer id whose token it is.", nullable=False)
    account = text("The account of the request.", nullable=False)
    managed_accounts = texts("The accounts of this developer id that the key may use.")
    token_expires_at = written_moment("When the token ends")
    refreshed_at = written_moment("When the token was refreshed")
