"""Contact data is pointed out, and budgets, dates, standards and numbers of decisions are left alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppp_match.listings.contact_data import KINDS, find
from tests.factories import CAPABILITY_TEXT, NEED_TEXT


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("Gửi về minh.nguyen@example.com trước tháng 6", "email", "minh.nguyen@example.com"),
        ("hoa [at] unit.example", "email", "hoa [at] unit.example"),
        ("Gọi 0912 345 678 để biết thêm", "phone", "0912 345 678"),
        ("0912345678", "phone", "0912345678"),
        ("Zalo 0912.345.678", "phone", "0912.345.678"),
        ("ĐT: 028 3822 1234", "phone", "028 3822 1234"),
        ("(024) 3936-2222", "phone", "(024) 3936-2222"),
        ("+84 912 345 678", "phone", "+84 912 345 678"),
        ("+65 6123 4567", "phone", "+65 6123 4567"),
        ("Phone: 6123 4567", "phone", "6123 4567"),
        ("+1 (415) 555-2671", "phone", "+1 (415) 555-2671"),
        ("Telegram @minh_nguyen", "messenger", "@minh_nguyen"),
        ("WhatsApp: minh.n88", "messenger", "minh.n88"),
        ("xem facebook.com/nguyen.minh.88", "page", "facebook.com/nguyen.minh.88"),
        ("https://www.linkedin.com/in/minh-nguyen", "page", "linkedin.com/in/minh-nguyen"),
        ("https://zalo.me/0912345678", "page", "zalo.me/0912345678"),
        ("Liên hệ ông Minh ở phòng kỹ thuật", "person", "ông Minh"),
        ("Liên hệ: Nguyễn Văn Minh", "person", "Nguyễn Văn Minh"),
        ("Bà Nguyễn Thị Hoa phụ trách", "person", "Bà Nguyễn Thị Hoa"),
        ("Hỏi chị Hoa", "person", "chị Hoa"),
        ("Ask for Mr Minh", "person", "Mr Minh"),
        ("Contact Ms. Hoa Le at the desk", "person", "Ms. Hoa Le"),
    ],
)
def test_found(text, kind, words):
    found = find(text)
    assert [f.kind for f in found] == [kind], found
    assert words in found[0].words or found[0].words in words


@pytest.mark.parametrize(
    "text",
    [
        "15–100 tỷ đồng, tức 15.000.000.000 – 100.000.000.000 đồng",
        "USD 1,250,000.50; 0,912 triệu; tăng +30.000.000 đồng so với 2024",
        "từ 01/06/2027 đến 31.12.2028, lúc 08:00–17:30; ngày 05.06.2026 15:00",
        "ISO 37120:2018, ISO/IEC 27001:2022, TCVN 7957:2008, IEC 61131-3",
        "nhu cầu N-0412, năng lực C-0188",
        "Quyết định 950/QĐ-TTg ngày 01/8/2018; Luật 64/2020/QH14; NĐ 35/2021/NĐ-CP",
        "SDG 11.5, 3.d; tọa độ 10.7769, 106.7009; 212 giờ; 0.30 0.45 0.60 0.75",
        "Đường dây nóng 1900 1234 và 115 đã có; hotline 1800 8168",
        "Cảnh báo qua Zalo và Facebook của thành phố; kênh Zalo: cảnh báo ngập; nhắn tin WhatsApp",
        "Bà Rịa - Vũng Tàu, Bà Nà, cầu Ông Lãnh, phố Bà Triệu, núi Bà Đen",
        "bà con tổ dân phố, anh chị em công nhân, cô giáo, ông bà cao tuổi",
        "Trung tâm Hạ tầng kỹ thuật, Ủy ban nhân dân thành phố Hồ Chí Minh",
        "52.000 người trên 60 tuổi, 140 điểm đo, 0,5 km²; PM2.5 < 50 µg/m³",
        "Mã hồ sơ 0123456789012345; công tơ 02 30 45",
        "Contact the partnership desk; call for proposals; MS Azure, line 3, signal processing: real-time",
        "https://www.iso.org/standard/68498.html",
        "+2.5 °C, +15 %, +3 to +5 days, -30% in 3 years",
        *NEED_TEXT.values(),
        *CAPABILITY_TEXT.values(),
    ],
)
def test_left_alone(text):
    assert find(text) == []


def test_everything_of_a_business_card_is_named_once():
    text = "Liên hệ ông Nguyễn Văn Minh, 0912 345 678, minh@example.com, https://zalo.me/0912345678"
    assert [f.kind for f in find(text)] == ["person", "phone", "email", "page"]


@given(st.text(max_size=400))
def test_any_text_is_looked_through(text):
    for found in find(text):
        assert found.kind in KINDS
        assert found.words


@pytest.mark.parametrize(
    "piece", ["0", "0 ", "09.", "+1 (", "a@", "a.", "Zalo: ", "ông A ", "A B ", "gọi 1", "- "]
)
def test_no_text_takes_long(piece):
    start = time.perf_counter()
    find(piece * 2500)
    assert time.perf_counter() - start < 1.5
