"""Contact data of persons in texts that everybody will read: e-mail, telephone, messengers, personal pages, names.

What lives here: the detector, pure. It points out, it never decides: the writer mends the text or says that it is no
private contact data. It would rather miss a name than nag about a budget, a date or a number of a decision.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

KINDS = ("email", "phone", "messenger", "page", "person")
LONGEST_SHOWN = 60


@dataclass(frozen=True)
class Finding:
    """What was found: its kind (one of KINDS) and the words, cut to a line."""

    kind: str
    words: str
    start: int


EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\]|\(a còng\)|\[a còng\])\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}",
    re.IGNORECASE,
)
PAGE = re.compile(
    r"(?<![\w.])(?:https?://)?(?:www\.|m\.|vi-vn\.)?(?:facebook\.com|fb\.com|fb\.me|m\.me|zalo\.me|t\.me|wa\.me|"
    r"linkedin\.com/in|instagram\.com|tiktok\.com/@|twitter\.com|x\.com|threads\.net/@|youtube\.com/@|"
    r"telegram\.me|api\.whatsapp\.com)[/\w.@?=&%+-]*",
    re.IGNORECASE,
)
MESSENGER = re.compile(
    r"(?<!\w)(?:zalo|whatsapp|telegram|viber|wechat|skype|signal|facebook|messenger|line)(?:\s+(?:id|cá nhân))?"
    r"\s*[:：]?\s*(?P<handle>@[A-Za-z0-9_.]{3,40}|(?<=[:：])\s?[A-Za-z][A-Za-z0-9_.]{2,40}|(?<=[:：]\s)[A-Za-z][A-Za-z0-9_.]{2,40})",
    re.IGNORECASE,
)
# A country code, then groups; national numbers of Viet Nam; a number that the words before it call a telephone.
ABROAD = re.compile(r"(?<![\w.+-])(?:\+|00)[1-9]\d{0,2}(?:[ .\-]?\(?\d{1,5}\)?){2,6}(?![\w%])")
MOBILE = re.compile(r"(?<![\w.,/+-])(?:\(?0[35789]\d{0,2}\)?(?:[ .\-]?\d{2,4}){2,4})(?![\w%/])")
LANDLINE = re.compile(r"(?<![\w.,/+-])\(?02\d{1,2}\)?(?:[ .\-]?\d{3,4}){2,3}(?![\w%/])")
CALLED = re.compile(
    r"(?<!\w)(?:điện thoại|đt|sđt|số máy|di động|đtdđ|hotline|gọi|tel|phone|mobile|cell|call|zalo|whatsapp|viber)"
    r"(?:\s+(?:số|no|number|us|at|liên hệ))?\s*[.:：]*\s*(?P<number>\(?\+?\d[\d .()\-]{6,18}\d)",
    re.IGNORECASE,
)
DATES = re.compile(r"\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}:\d{2}\b")
HOTLINE = re.compile(r"^(?:1[89]00|11[1-9])")  # shared numbers that belong to nobody in person
MONEY_AFTER = re.compile(
    r"\s{0,3}(?:đồng|vnđ|vnd|usd|eur|sgd|triệu|tỷ|tỉ|nghìn|million|billion|bn|%|m2|m²|m3|m³|km|kwh|người|hộ|residents)",
    re.IGNORECASE,
)
SURNAMES = (
    "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đào Đoàn Trịnh Trương Đinh Lâm Mai Tô Hà "
    "Cao Lưu Tạ Châu Thái Tăng Nông Kiều Quách Vương Lương Phùng"
).replace(" ", "|")
CAPITAL = r"[A-ZĐÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ]"
NAME = rf"{CAPITAL}\w*(?:[ ]{CAPITAL}\w*){{0,3}}"
PERSON = (
    # "ông Minh", "chị Hoa" inside a sentence
    re.compile(rf"(?<![\w-])(?:ông|bà|anh|chị|cô|thầy|đồng chí|đ/c)[ ](?P<name>{NAME})"),
    # "Ông Nguyễn Văn Minh" at its beginning; with a family name, so that Bà Rịa stays a place
    re.compile(rf"(?<!\w)(?:Ông|Bà|Anh|Chị|Cô|Thầy|Đồng chí)[ ](?:{SURNAMES})(?:[ ]{CAPITAL}\w*){{1,3}}"),
    # "Liên hệ Ông Minh", "Liên hệ: Nguyễn Văn Minh"
    re.compile(
        rf"(?<!\w)(?:[Ll]iên hệ|[Gg]ặp|[Cc]ontact|[Cc]all)(?: với| trực tiếp| qua| person)?[ :]+"
        rf"(?:(?:Ông|Bà|Anh|Chị|Cô)[ ]{NAME}|(?:{SURNAMES})(?:[ ]{CAPITAL}\w*){{1,3}})"
    ),
    re.compile(r"(?<!\w)(?:Mr|Mrs|Ms|Miss|Madam)\.?[ ](?P<name>[A-ZĐ][^\W\d_]+(?:[ ][A-ZĐ][^\W\d_]+){0,3})"),
)  # fmt: skip
PLACES_LIKE_NAMES = re.compile(
    r"^(?:Rịa|Đen|Nà|Chiểu|Hom|Quẹo|Tổ|Lãnh|Thìn|Triệu|Trưng|Huyện|Đốc|Điểm|Chúa)\b"
)


def find(text: str) -> list[Finding]:
    """What looks like contact data in a text, in its order, each stretch of it once."""
    text = unicodedata.normalize("NFC", text)
    dateless = DATES.sub(lambda found: "·" * len(found[0]), text)
    found: list[tuple[int, int, str]] = []
    for kind, pattern in (("email", EMAIL), ("page", PAGE)):
        found += [(m.start(), m.end(), kind) for m in pattern.finditer(text)]
    found += [(m.start(), m.end(), "messenger") for m in MESSENGER.finditer(text) if _is_handle(m["handle"])]
    tests: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
        (ABROAD, _is_abroad),
        (MOBILE, lambda digits: len(digits) == 10),
        (LANDLINE, lambda digits: 10 <= len(digits) <= 11),
    )
    for pattern, fits in tests:
        found += [
            (m.start(), m.end(), "phone")
            for m in pattern.finditer(dateless)
            if fits(_digits(m[0])) and not MONEY_AFTER.match(dateless, m.end())
        ]
    found += [
        (m.start(), m.end(), "phone")
        for m in CALLED.finditer(dateless)
        if 8 <= len(_digits(m["number"])) <= 15 and not HOTLINE.match(_digits(m["number"]))
        and not MONEY_AFTER.match(dateless, m.end())
    ]  # fmt: skip
    for pattern in PERSON:
        found += [
            (m.start(), m.end(), "person")
            for m in pattern.finditer(text)
            if not PLACES_LIKE_NAMES.match(m.groupdict().get("name") or "")
        ]
    return [Finding(kind, _shown(text[start:end]), start) for start, end, kind in _apart(found)]


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdecimal())


def _is_abroad(digits: str) -> bool:
    digits = digits.removeprefix("00")
    return 9 <= len(digits) <= 15 and not digits.endswith("000")


def _is_handle(handle: str) -> bool:
    """ "@minh" is a handle, and so is a word with a digit, a point or an underscore in it; "Zalo: kênh" is none."""
    handle = handle.strip()
    return handle.startswith("@") or any(c.isdigit() or c in "_." for c in handle.rstrip("."))


def _shown(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= LONGEST_SHOWN else words[: LONGEST_SHOWN - 1] + "…"


def _apart(found: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The longest of those that overlap, in the order of the text."""
    kept: list[tuple[int, int, str]] = []
    for one in sorted(found, key=lambda f: (f[0] - f[1], f[0], f[2])):
        if all(one[1] <= other[0] or one[0] >= other[1] for other in kept):
            kept.append(one)
    return sorted(kept)
