"""How dates, numbers, money and Markdown are written in both languages: the template filters.

vi: 22/11/2026 · 400.000 · 15–100 tỷ đồng.   en: 22 November 2026 · 400,000 · VND 15–100 bn.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

import nh3
from flask import Flask
from flask_babel import format_datetime, format_decimal, get_locale, to_user_timezone
from markdown_it import MarkdownIt
from markupsafe import Markup

from ppp_match.config import Settings

ZONES = {
    "Asia/Ho_Chi_Minh": ("giờ Việt Nam", "Viet Nam time"),
    "Asia/Singapore": ("giờ Singapore", "Singapore time"),
    "Asia/Bangkok": ("giờ Thái Lan", "Thailand time"),
    "Asia/Kuala_Lumpur": ("giờ Malaysia", "Malaysia time"),
    "Asia/Jakarta": ("giờ Tây Indonesia", "Western Indonesia time"),
    "Asia/Manila": ("giờ Philippines", "Philippine time"),
    "Asia/Phnom_Penh": ("giờ Campuchia", "Cambodia time"),
    "Asia/Vientiane": ("giờ Lào", "Lao time"),
    "Asia/Tokyo": ("giờ Nhật Bản", "Japan time"),
    "UTC": ("giờ UTC", "UTC"),
}
ALLOWED_TAGS = {
    "p",
    "br",
    "strong",
    "em",
    "ul",
    "ol",
    "li",
    "blockquote",
    "code",
    "h3",
    "h4",
    "a",
    "table",
} | {
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}


def _lang() -> str:
    return str(get_locale() or "vi")[:2]


def datefmt(value: date | datetime | None) -> str:
    """22/11/2026 or 22 November 2026; a moment is shown as the reader's day."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = to_user_timezone(value).date()
    if _lang() == "vi":
        return f"{value:%d/%m/%Y}"
    return f"{value.day} {value:%B %Y}"


def datetimefmt(value: datetime | None) -> str:
    """22/11/2026, 17:00 (giờ Việt Nam) or 22 November 2026, 17:00 (Viet Nam time), in the reader's zone."""
    if value is None:
        return ""
    local = to_user_timezone(value)
    name = str(getattr(local.tzinfo, "zone", None) or getattr(local.tzinfo, "key", None) or local.tzname())
    zone = ZONES.get(name, (name, name))[0 if _lang() == "vi" else 1]
    return f"{datefmt(value)}, {local:%H:%M} ({zone})"


def timefmt(value: datetime) -> str:
    """The hour in the reader's zone: 17:00."""
    return str(format_datetime(value, "HH:mm"))


def numberfmt(value: float | Decimal | int | None, digits: int | None = None) -> str:
    """400.000 or 400,000; 5,2 or 5.2. `digits` fixes the number of decimals."""
    if value is None:
        return ""
    if digits is not None:
        return str(format_decimal(round(Decimal(str(value)), digits), format=f"#,##0.{'0' * digits}"))
    return str(format_decimal(Decimal(str(value)).normalize() if value else 0))


SCALES = {
    "vi": ((Decimal(10**9), "tỷ"), (Decimal(10**6), "triệu"), (Decimal(1), "")),
    "en": ((Decimal(10**9), "bn"), (Decimal(10**6), "m"), (Decimal(1), "")),
}
CURRENCY_WORDS_VI = {"VND": "đồng", "USD": "USD"}


def _short(value: Decimal, unit: Decimal) -> str:
    return numberfmt(round(value / unit, 2))


def moneyfmt(low: Decimal | None, high: Decimal | None, currency: str | None) -> str:
    """15–100 tỷ đồng or VND 15–100 bn; one amount when both are the same or one is missing; '' for none."""
    amounts = [Decimal(a) for a in (low, high) if a is not None]
    if not amounts or not currency:
        return ""
    lang = _lang()
    unit, word = _unit(max(amounts), lang)
    if min(amounts) * 20 < unit:
        # "0,01–2 tỷ" reads badly, and "20 triệu–2 tỷ" has two units: both ends take the unit of the lower one, so
        # 20–2.000 triệu đồng, 41.382–1.240.000 USD.
        unit, word = _unit(min((a for a in amounts if a), default=unit), lang)
    figure = "–".join(dict.fromkeys(_short(a, unit) for a in amounts))
    if lang == "vi":
        return " ".join(p for p in (figure, word, CURRENCY_WORDS_VI.get(currency, currency)) if p)
    return " ".join(p for p in (currency, figure, word) if p)


def aboutfmt(low: Decimal | float | None, high: Decimal | float | None, currency: str | None) -> str:
    """`moneyfmt` of amounts that an exchange rate made: with three figures that count, since a rate tells no more."""
    ends = [None if end is None else three_figures(Decimal(end)) for end in (low, high)]
    return moneyfmt(ends[0], ends[1], currency)


def three_figures(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1).scaleb(max(value.adjusted() - 2, -2))) if value else value


def _unit(value: Decimal, lang: str) -> tuple[Decimal, str]:
    """The largest unit in which an amount is at least one, with its word."""
    return next((unit, word) for unit, word in SCALES[lang] if value >= unit or unit == 1)


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")


def markdown(text: str) -> Markup:
    """User text as safe HTML: rendered by markdown-it-py, then cleaned by nh3; headings start at h3."""
    raw = _markdown().render(text or "")
    for level in (2, 1):
        raw = raw.replace(f"<h{level}>", "<h3>").replace(f"</h{level}>", "</h3>")
    clean = nh3.clean(raw, tags=ALLOWED_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https"})
    return Markup(clean)  # noqa: S704  cleaned by nh3 in the line above  # nosec B704


def register(app: Flask, settings: Settings) -> None:
    app.jinja_env.filters.update(
        datefmt=datefmt,
        datetimefmt=datetimefmt,
        timefmt=timefmt,
        numberfmt=numberfmt,
        moneyfmt=moneyfmt,
        markdown=markdown,
    )
    app.jinja_env.globals.update(moneyfmt=moneyfmt, aboutfmt=aboutfmt)
