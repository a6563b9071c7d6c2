"""Who leaves never ends what another still wants."""

import pytest

from app.push import Interest
from app.push.interests import Wants
from app.tiger.instrument import Instrument
from app.tiger.push.feeds import Feed

ACCOUNT, TIGER_ID = "67686635", "20154747"
APPLE, NVIDIA = Instrument("AAPL"), Instrument("NVDA")


@pytest.fixture
def wants() -> Wants:
    """Give what is wanted of one tiger_id."""
    return Wants()


def interest(wants: Wants) -> Interest:
    return Interest({TIGER_ID: wants}, {ACCOUNT: TIGER_ID})


def test_one_of_fifty_who_leaves_never_ends_what_the_others_want(wants):
    parties = [interest(wants) for _ in range(50)]
    for party in parties:
        party.want_quotes(ACCOUNT, [APPLE])
        party.want_account(ACCOUNT)
    for party in parties[:49]:
        party.close()

    assert wants.list_items() == ((Feed.QUOTES, APPLE),)
    assert wants.list_accounts() == (ACCOUNT,)


def test_the_last_one_who_leaves_ends_it(wants):
    with interest(wants) as party:
        party.want_quotes(ACCOUNT, [APPLE])
        party.want_account(ACCOUNT)

    assert wants.is_empty


def test_who_wants_the_same_twice_wants_it_once(wants):
    party = interest(wants)
    for _ in range(2):
        party.want_quotes(ACCOUNT, [APPLE, APPLE])
        party.want_account(ACCOUNT)
    party.drop_quotes(ACCOUNT, [APPLE])
    party.drop_account(ACCOUNT)

    assert wants.is_empty


def test_feeds_of_an_instrument_are_wanted_one_by_one(wants):
    party = interest(wants)
    party.want_quotes(ACCOUNT, [APPLE])
    party.want_quotes(ACCOUNT, [NVIDIA, APPLE], Feed.DEPTH)
    party.drop_quotes(ACCOUNT, [APPLE])

    assert wants.list_items() == ((Feed.DEPTH, NVIDIA), (Feed.DEPTH, APPLE))


def test_what_was_never_wanted_can_be_dropped(wants):
    interest(wants).want_quotes(ACCOUNT, [APPLE])
    other = interest(wants)
    other.drop_quotes(ACCOUNT, [APPLE])
    other.drop_account(ACCOUNT)
    other.close()

    assert wants.list_items() == ((Feed.QUOTES, APPLE),)


def test_accounts_of_one_tiger_id_share_what_they_want(wants):
    owners = {ACCOUNT: TIGER_ID, "20191106192858300": TIGER_ID}
    for account in owners:
        Interest({TIGER_ID: wants}, owners).want_quotes(account, [APPLE])

    assert wants.list_items() == ((Feed.QUOTES, APPLE),)
