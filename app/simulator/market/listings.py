"""The listings themselves: well-known symbols with their real names, and plausible levels to wander about.

The figures are round and invented for simulation; nobody should read prices or share counts off them.
"""

from datetime import date

from app.simulator.market.calendars import FIRST_DAY
from app.simulator.market.instruments import INDEX, Instrument

# Symbol, name, Chinese name, exchange, price in USD, annual volatility, millions of shares.
_US_STOCKS: tuple[tuple[str, str, str, str, float, float, float], ...] = (
    ("AAPL", "Apple Inc.", "苹果", "NASDAQ", 235, 0.24, 14_900),
    ("ABBV", "AbbVie Inc.", "艾伯维公司", "NYSE", 195, 0.22, 1_767),
    ("ABNB", "Airbnb, Inc.", "爱彼迎", "NASDAQ", 128, 0.36, 622),
    ("ADBE", "Adobe Inc.", "奥多比", "NASDAQ", 372, 0.31, 424),
    ("AMD", "Advanced Micro Devices, Inc.", "美国超微公司", "NASDAQ", 165, 0.44, 1_622),
    ("AMZN", "Amazon.com, Inc.", "亚马逊", "NASDAQ", 222, 0.30, 10_660),
    ("AVGO", "Broadcom Inc.", "博通", "NASDAQ", 290, 0.41, 4_722),
    ("BA", "The Boeing Company", "波音", "NYSE", 214, 0.34, 756),
    ("BABA", "Alibaba Group Holding Limited", "阿里巴巴", "NYSE", 131, 0.40, 2_380),
    ("BAC", "Bank of America Corporation", "美国银行", "NYSE", 47, 0.24, 7_407),
    ("BIDU", "Baidu, Inc.", "百度", "NASDAQ", 102, 0.40, 343),
    ("BRK.B", "Berkshire Hathaway Inc.", "伯克希尔B", "NYSE", 485, 0.16, 2_157),
    ("C", "Citigroup Inc.", "花旗", "NYSE", 93, 0.27, 1_840),
    ("CAT", "Caterpillar Inc.", "卡特彼勒", "NYSE", 405, 0.28, 468),
    ("COIN", "Coinbase Global, Inc.", "Coinbase Global", "NASDAQ", 310, 0.62, 256),
    ("COST", "Costco Wholesale Corporation", "好市多", "NASDAQ", 945, 0.20, 443),
    ("CRM", "Salesforce, Inc.", "赛富时", "NYSE", 252, 0.30, 956),
    ("CSCO", "Cisco Systems, Inc.", "思科", "NASDAQ", 68, 0.21, 3_960),
    ("CVX", "Chevron Corporation", "雪佛龙", "NYSE", 154, 0.22, 1_725),
    ("DIS", "The Walt Disney Company", "迪士尼", "NYSE", 113, 0.26, 1_798),
    ("F", "Ford Motor Company", "福特汽车", "NYSE", 11.4, 0.31, 3_908),
    ("GE", "General Electric Company", "GE航空航天", "NYSE", 268, 0.28, 1_060),
    ("GM", "General Motors Company", "通用汽车", "NYSE", 56, 0.31, 952),
    ("GOOG", "Alphabet Inc. Class C", "谷歌-C", "NASDAQ", 203, 0.29, 5_400),
    ("GOOGL", "Alphabet Inc. Class A", "谷歌", "NASDAQ", 202, 0.29, 5_820),
    ("GS", "The Goldman Sachs Group, Inc.", "高盛", "NYSE", 728, 0.27, 303),
    ("HD", "The Home Depot, Inc.", "家得宝", "NYSE", 395, 0.21, 995),
    ("IBM", "International Business Machines Corporation", "IBM", "NYSE", 244, 0.24, 931),
    ("INTC", "Intel Corporation", "英特尔", "NASDAQ", 24.5, 0.46, 4_377),
    ("JNJ", "Johnson & Johnson", "强生", "NYSE", 172, 0.17, 2_407),
    ("JPM", "JPMorgan Chase & Co.", "摩根大通", "NYSE", 292, 0.23, 2_750),
    ("KO", "The Coca-Cola Company", "可口可乐", "NYSE", 69, 0.15, 4_304),
    ("LLY", "Eli Lilly and Company", "礼来", "NYSE", 710, 0.34, 946),
    ("MA", "Mastercard Incorporated", "万事达", "NYSE", 585, 0.20, 904),
    ("MCD", "McDonald's Corporation", "麦当劳", "NYSE", 305, 0.18, 714),
    ("META", "Meta Platforms, Inc.", "Meta Platforms", "NASDAQ", 755, 0.33, 2_512),
    ("MRK", "Merck & Co., Inc.", "默沙东", "NYSE", 83, 0.24, 2_498),
    ("MSFT", "Microsoft Corporation", "微软", "NASDAQ", 508, 0.22, 7_433),
    ("MU", "Micron Technology, Inc.", "美光科技", "NASDAQ", 121, 0.46, 1_119),
    ("NFLX", "Netflix, Inc.", "奈飞", "NASDAQ", 1_205, 0.31, 425),
    ("NIO", "NIO Inc.", "蔚来", "NYSE", 5.2, 0.58, 2_240),
    ("NKE", "NIKE, Inc.", "耐克", "NYSE", 76, 0.30, 1_477),
    ("NVDA", "NVIDIA Corporation", "英伟达", "NASDAQ", 178, 0.42, 24_347),
    ("ORCL", "Oracle Corporation", "甲骨文", "NYSE", 246, 0.36, 2_809),
    ("PDD", "PDD Holdings Inc.", "拼多多", "NASDAQ", 118, 0.42, 1_420),
    ("PEP", "PepsiCo, Inc.", "百事可乐", "NASDAQ", 146, 0.17, 1_369),
    ("PFE", "Pfizer Inc.", "辉瑞", "NYSE", 24.8, 0.23, 5_686),
    ("PG", "The Procter & Gamble Company", "宝洁", "NYSE", 156, 0.16, 2_341),
    ("PLTR", "Palantir Technologies Inc.", "Palantir", "NASDAQ", 165, 0.60, 2_373),
    ("PYPL", "PayPal Holdings, Inc.", "PayPal", "NASDAQ", 69, 0.34, 955),
    ("QCOM", "QUALCOMM Incorporated", "高通", "NASDAQ", 152, 0.33, 1_079),
    ("RIVN", "Rivian Automotive, Inc.", "Rivian Automotive", "NASDAQ", 12.6, 0.58, 1_214),
    ("T", "AT&T Inc.", "美国电话电报", "NYSE", 28.4, 0.20, 7_150),
    ("TLRY", "Tilray Brands, Inc.", "Tilray Brands", "NASDAQ", 0.82, 0.66, 1_119),
    ("TSLA", "Tesla, Inc.", "特斯拉", "NASDAQ", 335, 0.52, 3_225),
    ("TSM", "Taiwan Semiconductor Manufacturing Company Limited", "台积电", "NYSE", 238, 0.36, 5_186),
    ("UBER", "Uber Technologies, Inc.", "优步", "NYSE", 93, 0.34, 2_085),
    ("UNH", "UnitedHealth Group Incorporated", "联合健康", "NYSE", 302, 0.33, 906),
    ("V", "Visa Inc.", "Visa", "NYSE", 345, 0.19, 1_940),
    ("VZ", "Verizon Communications Inc.", "威瑞森", "NYSE", 43, 0.18, 4_216),
    ("WMT", "Walmart Inc.", "沃尔玛", "NYSE", 101, 0.20, 7_980),
    ("XOM", "Exxon Mobil Corporation", "埃克森美孚", "NYSE", 108, 0.23, 4_263),
)

_US_FUNDS: tuple[tuple[str, str, str, str, float, float, float], ...] = (
    ("DIA", "SPDR Dow Jones Industrial Average ETF Trust", "道指ETF-SPDR", "ARCA", 449, 0.14, 85),
    ("GLD", "SPDR Gold Shares", "黄金ETF-SPDR", "ARCA", 310, 0.16, 335),
    ("IWM", "iShares Russell 2000 ETF", "罗素2000指数ETF-iShares", "ARCA", 226, 0.21, 290),
    ("QQQ", "Invesco QQQ Trust", "纳指100ETF-Invesco QQQ Trust", "NASDAQ", 572, 0.20, 640),
    ("SPY", "SPDR S&P 500 ETF Trust", "标普500ETF-SPDR", "ARCA", 641, 0.15, 1_020),
    ("TLT", "iShares 20+ Year Treasury Bond ETF", "20年以上美国国债ETF-iShares", "NASDAQ", 87, 0.14, 560),
    ("VOO", "Vanguard S&P 500 ETF", "标普500ETF-Vanguard", "ARCA", 589, 0.15, 1_230),
)

_US_INDICES: tuple[tuple[str, str, str, float, float], ...] = (
    (".DJI", "Dow Jones Industrial Average", "道琼斯", 44_900, 0.14),
    (".IXIC", "NASDAQ Composite", "纳斯达克", 21_600, 0.20),
    (".SPX", "S&P 500 Index", "标普500", 6_430, 0.15),
)

# The last column is the board lot.
_HK_STOCKS: tuple[tuple[str, str, str, float, float, float, int], ...] = (
    ("00001", "CK Hutchison Holdings Limited", "长和", 51.5, 0.24, 3_830, 500),
    ("00005", "HSBC Holdings plc", "汇丰控股", 99.6, 0.20, 17_360, 400),
    ("00388", "Hong Kong Exchanges and Clearing Limited", "香港交易所", 436, 0.27, 1_268, 100),
    ("00700", "Tencent Holdings Limited", "腾讯控股", 590, 0.30, 9_160, 100),
    ("00939", "China Construction Bank Corporation", "建设银行", 7.7, 0.20, 240_400, 1_000),
    ("00941", "China Mobile Limited", "中国移动", 86.4, 0.17, 21_600, 500),
    ("01299", "AIA Group Limited", "友邦保险", 73.2, 0.28, 10_560, 200),
    ("01810", "Xiaomi Corporation", "小米集团-W", 53.1, 0.42, 26_060, 200),
    ("02318", "Ping An Insurance (Group) Company of China, Ltd.", "中国平安", 57.3, 0.30, 18_210, 500),
    ("03690", "Meituan", "美团-W", 122, 0.40, 6_110, 100),
    ("09618", "JD.com, Inc.", "京东集团-SW", 126, 0.38, 3_180, 50),
    ("09988", "Alibaba Group Holding Limited", "阿里巴巴-W", 128, 0.40, 19_080, 100),
)

_CN_STOCKS: tuple[tuple[str, str, str, str, float, float, float], ...] = (
    ("000001", "Ping An Bank Co., Ltd.", "平安银行", "SZSE", 12.2, 0.22, 19_406),
    ("300750", "Contemporary Amperex Technology Co., Limited", "宁德时代", "SZSE", 272, 0.34, 4_560),
    ("600036", "China Merchants Bank Co., Ltd.", "招商银行", "SSE", 43.8, 0.24, 25_220),
    ("600519", "Kweichow Moutai Co., Ltd.", "贵州茅台", "SSE", 1_440, 0.22, 1_256),
    ("601318", "Ping An Insurance (Group) Company of China, Ltd.", "中国平安", "SSE", 58.1, 0.26, 18_210),
)

_LISTED_LATER = {
    "ABNB": date(2020, 12, 10),
    "COIN": date(2021, 4, 14),
    "PLTR": date(2020, 9, 30),
    "RIVN": date(2021, 11, 10),
}
_NOT_SHORTABLE = frozenset({"TLRY"})
_SELL_ODD_LOTS = frozenset({"00001", "01299"})
_MILLION = 1_000_000


def _listings() -> list[Instrument]:
    listed = [
        Instrument(
            symbol=symbol,
            name=name,
            chinese_name=chinese,
            market="US",
            exchange=exchange,
            reference_price=price,
            volatility=volatility,
            shares=round(millions * _MILLION),
            is_etf=is_etf,
            shortable=symbol not in _NOT_SHORTABLE,
            listed_on=_LISTED_LATER.get(symbol, FIRST_DAY),
        )
        for rows, is_etf in ((_US_STOCKS, False), (_US_FUNDS, True))
        for symbol, name, chinese, exchange, price, volatility, millions in rows
    ]
    listed += [
        Instrument(symbol, name, chinese, "US", "INDEX", level, volatility, 0, INDEX, shortable=False)
        for symbol, name, chinese, level, volatility in _US_INDICES
    ]
    listed += [
        Instrument(
            symbol,
            name,
            chinese,
            "HK",
            "SEHK",
            price,
            volatility,
            round(millions * _MILLION),
            lot_size=lot,
            sells_odd_lots=symbol in _SELL_ODD_LOTS,
        )
        for symbol, name, chinese, price, volatility, millions, lot in _HK_STOCKS
    ]
    listed.append(
        Instrument(
            symbol="02800",
            name="Tracker Fund of Hong Kong",
            chinese_name="盈富基金",
            market="HK",
            exchange="SEHK",
            reference_price=25.6,
            volatility=0.22,
            shares=6_300 * _MILLION,
            lot_size=500,
            is_etf=True,
        )
    )
    listed.append(
        Instrument("HSI", "Hang Seng Index", "恒生指数", "HK", "INDEX", 25_200, 0.22, 0, INDEX, shortable=False)
    )
    listed += [
        Instrument(
            symbol=symbol,
            name=name,
            chinese_name=chinese,
            market="CN",
            exchange=exchange,
            reference_price=price,
            volatility=volatility,
            shares=round(millions * _MILLION),
            lot_size=100,
            shortable=False,
        )
        for symbol, name, chinese, exchange, price, volatility, millions in _CN_STOCKS
    ]
    return listed


LISTINGS: dict[str, Instrument] = {instrument.symbol: instrument for instrument in _listings()}
"""Every quotable symbol, in the order in which lists answer."""
