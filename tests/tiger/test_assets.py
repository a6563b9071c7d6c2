"""Assets are those of the securities segment, with nothing added up and nothing made up."""

from pathlib import Path

import pytest

from app.errors import TigerError
from app.simulator.faults import Fault
from app.simulator.options import SimulatorOptions
from app.simulator.running import Simulator
from app.tiger.sessions import Session, Sessions
from app.tiger.trading.assets import fetch_assets, get_global_segment
from tests.support.client import PAPER
from tests.tiger.opening import open_sessions

DOCUMENTED = [
    "net_liquidation",
    "cash_balance",
    "buying_power",
    "gross_position_value",
    "unrealized_pnl",
    "realized_pnl",
]


def test_an_account_has_the_documented_figures(session: Session) -> None:
    assets = fetch_assets(session)

    assert (assets["account_id"], assets["tiger_id"]) == ("67686635", "20154747")
    assert all(isinstance(assets[name], float | int) for name in DOCUMENTED)
    assert assets["update_timestamp"] > 1_600_000_000_000
    assert assets["currency"] == "USD"


def test_the_figures_are_those_of_the_securities_segment(session: Session) -> None:
    assets = fetch_assets(session)

    (securities,) = [segment for segment in assets["segments"] if segment["category"] == "S"]
    assert {name: assets[name] for name in DOCUMENTED} == {name: securities[name] for name in DOCUMENTED}


def test_cash_and_positions_make_the_net_liquidation(session: Session) -> None:
    assets = fetch_assets(session)

    worth = assets["cash_balance"] + assets["gross_position_value"]
    assert assets["net_liquidation"] == pytest.approx(worth, rel=0.001)


def test_a_paper_account_has_assets_too(sessions: Sessions) -> None:
    assert fetch_assets(sessions.session(PAPER))["account_id"] == PAPER


def test_the_segments_name_their_currencies(session: Session) -> None:
    segments = {segment["category"]: segment for segment in fetch_assets(session)["segments"]}

    assert {asset["currency"] for asset in segments["S"]["currency_assets"]} >= {"USD"}


def test_figures_that_tiger_leaves_out_are_null(simulator: Simulator, session: Session) -> None:
    simulator.inject(Fault("missing_fields", method="prime_assets", times=1, fields=("buyingPower", "unrealizedPL")))

    assets = fetch_assets(session)

    assert (assets["buying_power"], assets["unrealized_pnl"]) == (None, None)


def test_an_answer_without_segments_is_an_error(simulator: Simulator, session: Session) -> None:
    simulator.inject(Fault("missing_fields", method="prime_assets", times=1, fields=("segments",)))

    with pytest.raises(TigerError):
        fetch_assets(session)


def test_a_global_account_is_asked_in_its_own_way(tmp_path: Path) -> None:
    options = SimulatorOptions(folder=tmp_path, global_account=True, limit_scale=0, key_bits=1024)
    with Simulator.running(options) as simulator:
        assets = fetch_assets(open_sessions(simulator).session("U1234567"))

        assert simulator.calls("assets") == 1
    assert all(isinstance(assets[name], float | int) for name in DOCUMENTED)


@pytest.mark.parametrize(("sent", "told"), [("realizedPnl", "realized_pnl"), ("realizedPnL", "realized_pnl")])
def test_the_profit_of_a_global_account_is_read_in_either_spelling(sent: str, told: str) -> None:
    figures = get_global_segment(None, {sent: 12.5, f"un{sent}": -3.0})

    assert (figures[told], figures[f"un{told}"]) == (12.5, -3.0)
