"""Answers about what companies are valued at, and the industries they belong to."""

from schemas.answers.fields import Answer, many, number, text, texts, whole


class StockFundamentals(Answer):
    """What a stock is valued at; money is in the currency of the stock, and null is what Tiger does not say."""

    symbol = text("The symbol.", nullable=False)
    market = text("The market.", nullable=False)
    market_cap = number("What all shares are worth.")
    float_market_cap = number("What the shares that trade freely are worth.")
    pe_ratio = number("Price to the earnings of the last twelve months.")
    last_year_pe_ratio = number("Price to the earnings of the last fiscal year.")
    pb_ratio = number("Price to book value.")
    ps_ratio = number("Price to sales.")
    eps = number("Earnings per share of the last twelve months.")
    last_year_eps = number("Earnings per share of the last fiscal year.")
    dividend_yield = number("Dividends of a year, as a fraction of the price: 0.0038 is 0.38 %.")
    roe = number("Return on equity, as a fraction: 1.4981 is 149.81 %.")
    roa = number("Return on assets, as a fraction.")
    week52_high = number("The highest price of 52 weeks.")
    week52_low = number("The lowest price of 52 weeks.")
    volume_ratio = number("Volume of this day to what is usual by this time.")
    turnover_rate = number("Shares traded this day, as a fraction of those that trade freely.")


class FundamentalsAnswer(Answer):
    """What some stocks are valued at."""

    fundamentals = many(StockFundamentals, "One row for each stock, in the order asked for.")
    missing = texts("The symbols that Tiger has no such figures of.")


class Industry(Answer):
    """A sector, group, industry or sub-industry of the Global Industry Classification Standard."""

    id = text("Tiger's id of it, a code of two to eight digits.", nullable=False)
    level = text("The level: GSECTOR, GGROUP, GIND or GSUBIND.")
    name = text("The name.")
    chinese_name = text("The name in Chinese.")


class IndustryStock(Answer):
    """A stock of an industry."""

    symbol = text("The symbol.", nullable=False)
    name = text("The name of the company.")
    market = text("The market.")
    industries = many(Industry, "All industries that it belongs to, the widest first.")


class IndustriesAnswer(Answer):
    """Industries, of a level or of a stock; where an industry was named, its stocks."""

    level = text("The level asked for.", nullable=False, required=False)
    symbol = text("The stock asked for.", nullable=False, required=False)
    industry = text("The id of the industry asked for.", nullable=False, required=False)
    market = text("The market of the stocks.", nullable=False, required=False)
    count = whole("How many stocks there are.", nullable=False, required=False, minimum=0)
    industries = many(Industry, "The industries, those of a stock with the widest first.", required=False)
    stocks = many(IndustryStock, "The stocks of the industry, by symbol.", required=False)
