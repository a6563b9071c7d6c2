"""Which industry a company belongs to, by the Global Industry Classification Standard: four levels, each a prefix."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.simulator.market.listings import LISTINGS

LEVELS = {"GSECTOR": 2, "GGROUP": 4, "GIND": 6, "GSUBIND": 8}
"""The levels with the length of their codes."""

_NAMES = {
    "10": ("Energy", "能源"), "1010": ("Energy", "能源"),
    "101020": ("Oil, Gas & Consumable Fuels", "石油、天然气与消费用燃料"),
    "20": ("Industrials", "工业"), "2010": ("Capital Goods", "资本品"),
    "201010": ("Aerospace & Defense", "航空航天与国防"),
    "201040": ("Electrical Equipment", "电气设备"), "201050": ("Industrial Conglomerates", "综合企业"),
    "201060": ("Machinery", "机械"), "2030": ("Transportation", "运输"),
    "203040": ("Ground Transportation", "地面运输"),
    "25": ("Consumer Discretionary", "非日常生活消费品"), "2510": ("Automobiles & Components", "汽车与零配件"),
    "251020": ("Automobiles", "汽车制造"), "2520": ("Consumer Durables & Apparel", "耐用消费品与服装"),
    "252030": ("Textiles, Apparel & Luxury Goods", "纺织品、服装与奢侈品"), "2530": ("Consumer Services", "消费者服务"),
    "253010": ("Hotels, Restaurants & Leisure", "酒店、餐馆与休闲"),
    "2550": ("Consumer Discretionary Distribution & Retail", "非日常消费品分销与零售"),
    "255030": ("Broadline Retail", "综合零售"), "255040": ("Specialty Retail", "专营零售"),
    "30": ("Consumer Staples", "日常消费品"),
    "3010": ("Consumer Staples Distribution & Retail", "日常消费品分销与零售"),
    "301010": ("Consumer Staples Distribution & Retail", "日常消费品分销与零售"),
    "3020": ("Food, Beverage & Tobacco", "食品、饮料与烟草"), "302010": ("Beverages", "饮料"),
    "3030": ("Household & Personal Products", "家庭与个人用品"), "303010": ("Household Products", "家庭用品"),
    "35": ("Health Care", "医疗保健"), "3510": ("Health Care Equipment & Services", "医疗保健设备与服务"),
    "351020": ("Health Care Providers & Services", "医疗保健提供商与服务"),
    "3520": ("Pharmaceuticals, Biotechnology & Life Sciences", "制药、生物科技与生命科学"),
    "352010": ("Biotechnology", "生物科技"), "352020": ("Pharmaceuticals", "制药"),
    "40": ("Financials", "金融"), "4010": ("Banks", "银行"), "401010": ("Banks", "银行"),
    "4020": ("Financial Services", "金融服务"), "402010": ("Financial Services", "金融服务"),
    "402030": ("Capital Markets", "资本市场"), "4030": ("Insurance", "保险"), "403010": ("Insurance", "保险"),
    "45": ("Information Technology", "信息技术"), "4510": ("Software & Services", "软件与服务"),
    "451020": ("IT Services", "信息技术服务"), "451030": ("Software", "软件"),
    "4520": ("Technology Hardware & Equipment", "技术硬件与设备"), "452010": ("Communications Equipment", "通信设备"),
    "452020": ("Technology Hardware, Storage & Peripherals", "电脑与外围设备"),
    "4530": ("Semiconductors & Semiconductor Equipment", "半导体与半导体设备"),
    "453010": ("Semiconductors & Semiconductor Equipment", "半导体与半导体设备"),
    "50": ("Communication Services", "通信服务"), "5010": ("Telecommunication Services", "电信服务"),
    "501010": ("Diversified Telecommunication Services", "综合电信服务"),
    "501020": ("Wireless Telecommunication Services", "无线电信服务"), "5020": ("Media & Entertainment", "媒体与娱乐"),
    "502020": ("Entertainment", "娱乐"), "502030": ("Interactive Media & Services", "互动媒体与服务"),
}  # fmt: skip

_SUB_INDUSTRIES = (
    ("10102010", "Integrated Oil & Gas", "综合性石油与天然气", "CVX XOM"),
    ("20101010", "Aerospace & Defense", "航空航天与国防", "BA GE"),
    ("20104010", "Electrical Components & Equipment", "电气部件与设备", "300750"),
    ("20105010", "Industrial Conglomerates", "综合企业", "00001"),
    ("20106010", "Construction Machinery & Heavy Transportation Equipment", "建筑机械与重型运输设备", "CAT"),
    ("20304040", "Passenger Ground Transportation", "地面客运", "UBER"),
    ("25102010", "Automobile Manufacturers", "汽车制造商", "F GM NIO RIVN TSLA"),
    ("25203020", "Footwear", "鞋类", "NKE"),
    ("25301020", "Hotels, Resorts & Cruise Lines", "酒店、度假村与豪华游轮", "ABNB"),
    ("25301040", "Restaurants", "餐馆", "MCD 03690"),
    ("25503030", "Broadline Retail", "综合零售", "AMZN BABA PDD 09618 09988"),
    ("25504030", "Home Improvement Retail", "家庭装潢零售", "HD"),
    ("30101040", "Consumer Staples Merchandise Retail", "日常消费品零售", "COST WMT"),
    ("30201020", "Distillers & Vintners", "酿酒商与葡萄酒商", "600519"),
    ("30201030", "Soft Drinks & Non-alcoholic Beverages", "软饮料与非酒精饮料", "KO PEP"),
    ("30301010", "Household Products", "家庭用品", "PG"),
    ("35102030", "Managed Health Care", "管理型保健护理", "UNH"),
    ("35201010", "Biotechnology", "生物科技", "ABBV"),
    ("35202010", "Pharmaceuticals", "制药", "JNJ LLY MRK PFE TLRY"),
    ("40101010", "Diversified Banks", "综合性银行", "BAC C JPM 00005 00939 000001 600036"),
    ("40201030", "Multi-Sector Holdings", "多领域控股", "BRK.B"),
    ("40201060", "Transaction & Payment Processing Services", "交易与支付处理服务", "MA PYPL V"),
    ("40203020", "Investment Banking & Brokerage", "投资银行业与经纪业", "GS"),
    ("40203040", "Financial Exchanges & Data", "金融交易所与数据", "COIN 00388"),
    ("40301020", "Life & Health Insurance", "人寿与健康保险", "01299 02318 601318"),
    ("45102010", "IT Consulting & Other Services", "信息科技咨询与其它服务", "IBM"),
    ("45103010", "Application Software", "应用软件", "ADBE CRM PLTR"),
    ("45103020", "Systems Software", "系统软件", "MSFT ORCL"),
    ("45201020", "Communications Equipment", "通信设备", "CSCO"),
    ("45202030", "Technology Hardware, Storage & Peripherals", "电脑硬件、储存设备及电脑周边", "AAPL 01810"),
    ("45301020", "Semiconductors", "半导体产品", "AMD AVGO INTC MU NVDA QCOM TSM"),
    ("50101020", "Integrated Telecommunication Services", "综合电信业务", "T VZ"),
    ("50102010", "Wireless Telecommunication Services", "无线电信业务", "00941"),
    ("50202010", "Movies & Entertainment", "电影与娱乐", "DIS NFLX"),
    ("50203010", "Interactive Media & Services", "互动媒体与服务", "BIDU GOOG GOOGL META 00700"),
)


@dataclass(frozen=True, slots=True)
class Industry:
    """Name a sector, group, industry or sub-industry."""

    code: str
    level: str
    name: str
    chinese_name: str


def _industries() -> Iterator[Industry]:
    levels = {length: level for level, length in LEVELS.items()}
    for code, (name, chinese_name) in _NAMES.items():
        yield Industry(code, levels[len(code)], name, chinese_name)
    for code, name, chinese_name, _ in _SUB_INDUSTRIES:
        yield Industry(code, "GSUBIND", name, chinese_name)


INDUSTRIES = {industry.code: industry for industry in _industries()}
"""Every industry that a listing belongs to, by code."""

_CODES = {symbol: code for code, _, _, symbols in _SUB_INDUSTRIES for symbol in symbols.split()}


def list_industries(symbol: str) -> list[Industry]:
    """Return the four industries of a company, the widest first; none for funds and indices."""
    code = _CODES.get(symbol)
    return [] if code is None else [INDUSTRIES[code[:length]] for length in LEVELS.values()]


def list_members(code: str, market: str) -> list[str]:
    """Return the symbols of a market's companies in an industry of any level."""
    return [
        symbol
        for symbol, listing in LISTINGS.items()
        if listing.market == market and _CODES.get(symbol, "").startswith(code)
    ]
