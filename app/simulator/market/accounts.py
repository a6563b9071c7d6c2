"""The lines of a company's accounts, derived from revenue and net income so that they add up."""

from app.simulator.market.companies import Period
from app.simulator.market.dividends import get_paid
from app.simulator.market.instruments import Instrument
from app.simulator.market.noise import seed_of, uniform

_TAX_RATE = 0.18


def figures_of(instrument: Instrument, period: Period) -> dict[str, float]:
    """Return the figures of a period by Tiger's field names, in the report currency.

    Balance sheet lines are those at the period's end; they stand in proportion to a year's revenue.
    """
    revenue, net_income, shares = period.revenue, period.net_income, instrument.shares
    chance = seed_of(instrument.symbol, "shape of the accounts")
    gross_margin = min(0.92, max(net_income / revenue * 1.25, 0.0) + 0.18 + 0.2 * uniform(chance, 1))
    before_tax = net_income / (1 - _TAX_RATE) if net_income > 0 else float(net_income)
    interest = revenue * 0.006
    operating = before_tax + interest
    gross = max(revenue * gross_margin, operating)
    expenses = gross - operating
    depreciation = revenue * (0.02 + 0.04 * uniform(chance, 2))
    year_revenue = revenue * 4 / period.quarters
    assets = year_revenue * (1.0 + uniform(chance, 3))
    debt = assets * (0.10 + 0.2 * uniform(chance, 4))
    equity = assets * (0.30 + 0.25 * uniform(chance, 5))
    cash = assets * (0.08 + 0.12 * uniform(chance, 6))
    current_assets, current_liabilities = assets * 0.42, assets * 0.29
    from_operations = net_income + depreciation
    investment = revenue * 0.05
    dividends = get_paid(instrument, period.ends_on, period.quarters)
    money = {
        "total_revenue": revenue,
        "revenues": revenue,
        "as_reported_total_revenue": revenue,
        "cost_of_revenues": revenue - gross,
        "cost_of_goods_sold": revenue - gross,
        "gross_profit": gross,
        "rd_exp": expenses * 0.5,
        "sga_exp_total": expenses * 0.5,
        "selling_general_admin_exp": expenses * 0.5,
        "other_operating_exp_total": expenses,
        "total_operating_expenses": expenses,
        "operating_income": operating,
        "interest_expense": interest,
        "ebit": operating,
        "ebita": operating,
        "ebitda": operating + depreciation,
        "depreciation_amort_total": depreciation,
        "ebt_excl_unusual_items": before_tax,
        "ebt_incl_unusual_items": before_tax,
        "income_tax_expense": before_tax - net_income,
        "earnings_from_cont_ops": net_income,
        "net_income_to_company": net_income,
        "net_income": net_income,
        "ni_to_common_incl_extra_items": net_income,
        "ni_to_common_excl_extra_items": net_income,
        "normalized_net_income": net_income,
        "cash_and_equivalents": cash,
        "total_cash_st_investments": cash,
        "total_current_assets": current_assets,
        "total_assets": assets,
        "total_current_liabilities": current_liabilities,
        "total_liabilities": assets - equity,
        "longterm_debt": debt,
        "total_debt": debt,
        "net_debt": debt - cash,
        "total_common_equity": equity,
        "total_equity": equity,
        "total_liabilities_and_equity": assets,
        "working_capital": current_assets - current_liabilities,
        "net_income_cf": net_income,
        "depreciation_amort_total_cf": depreciation,
        "cash_from_ops": from_operations,
        "capital_expenditure": -investment,
        "levered_free_cash_flow": from_operations - investment,
        "unlevered_free_cash_flow": from_operations - investment + interest,
        "common_dividends_paid": -dividends * shares,
        "total_dividends_paid": -dividends * shares,
    }
    figures: dict[str, float] = {name: float(round(amount)) for name, amount in money.items()}
    earnings = round(net_income / shares, 4)
    figures |= dict.fromkeys(
        (
            "basic_eps",
            "basic_eps_excl_extra_items",
            "diluted_eps_incl_extra_items",
            "diluted_eps_excl_extra_items",
            "normalized_basic_eps",
            "normalized_diluted_eps",
        ),
        earnings,
    )
    figures |= dict.fromkeys(
        (
            "weighted_avg_shares_outstanding",
            "weighted_avg_diluted_shares_out",
            "total_shares_out_on_filing_date",
        ),
        float(shares),
    )
    figures |= {
        "revenues_per_share": round(revenue / shares, 4),
        "book_valueshare": round(equity / shares, 4),
        "dividends_per_share": round(dividends, 4),
        "gross_margin": round(gross / revenue * 100, 4),
        "ebitda_margin": round((operating + depreciation) / revenue * 100, 4),
        "ebit_margin": round(operating / revenue * 100, 4),
        "net_income_margin": round(net_income / revenue * 100, 4),
        "return_on_assets": round(net_income * 4 / period.quarters / assets * 100, 4),
        "return_on_equity": round(net_income * 4 / period.quarters / equity * 100, 4),
        "current_ratio": round(current_assets / current_liabilities, 4),
        "effective_tax_rate": round((before_tax - net_income) / before_tax * 100, 4),
    }
    if net_income > 0:
        figures["payout_ratio"] = round(dividends * shares / net_income * 100, 4)
    return figures
