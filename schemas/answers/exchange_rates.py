"""Answers about exchange rates."""

from schemas.answers.fields import Answer, day, many, number, text, texts


class ExchangeRate(Answer):
    """The rate of one day."""

    date = day("The day", nullable=False)
    units_per_dollar = number("How much of the currency one United States dollar buys.")


class CurrencyRates(Answer):
    """The rates of one currency."""

    currency = text("The currency, three letters.", nullable=False)
    values = many(ExchangeRate, "Its rates, oldest first; days of which Tiger has none are left out.")


class CompanyCurrency(Answer):
    """The currencies that a company uses."""

    symbol = text("The symbol.", nullable=False)
    currency = text("The currency its shares trade in.")
    report_currency = text("The currency of its accounts.")


class ExchangeRatesAnswer(Answer):
    """Exchange rates of some currencies."""

    base = text("The currency that is one: USD.", nullable=False)
    begin_date = day("The first day asked for", nullable=False)
    end_date = day("The last day asked for", nullable=False)
    rates = many(CurrencyRates, "The rates of each currency, in the order asked for.")
    missing = texts("The currencies that Tiger has no rates of.")
    companies = many(CompanyCurrency, "The currencies of the companies that were named.")
    missing_symbols = texts("The companies that Tiger knows no currency of.")
