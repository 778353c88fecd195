"""The grid of requirements and evidence: every requirement once, marks inside their texts, no evidence said as such."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ppp_match.matching import Capability, Index
from ppp_match.matching.evidence import Asked, Passage, Row, sentences, standards_in

# Words of other trades, so that the index knows which words are rare.
OTHERS = [
    "Smart street lighting with remote control of each lamp and a yearly fee.",
    "Xe buýt điện và trạm sạc cho bãi xe của thành phố.",
    "Waste collection with sorting at the source and electric trucks.",
    "Phần mềm quản lý bệnh viện, hồ sơ bệnh án điện tử.",
    "Chillers and air conditioning of public buildings, paid from savings.",
    "Đo bụi mịn quanh trường học, công khai số liệu hằng giờ.",
]


@pytest.fixture(scope="module")
def index() -> Index:
    return Index.fit([Capability(id=str(at), text=text) for at, text in enumerate(OTHERS)])


def ask(
    index: Index, text: str, *passages: Passage | str, kind: str = "requirement", lang: str | None = None
) -> Row:
    said = [one if isinstance(one, Passage) else Passage("how", one) for one in passages]
    (row,) = index.evidence([Asked(kind, text, lang)], said)
    return row


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Cảnh báo sớm ngập đường phố", "We send an early warning of street flooding four hours ahead."),
        (
            "Kết nối với trạm bơm thoát nước",
            "The model drives drainage pumping stations through their SCADA.",
        ),
        ("Xử lý nước thải cho chợ và khu dân cư", "Compact wastewater treatment for residential areas."),
        ("Early warning of street flooding", "Chúng tôi cảnh báo sớm ngập đường phố trước bốn giờ."),
        ("Open protocol between controllers and meters", "Controllers speak an open protocol."),
        ("Hiệu chuẩn định kỳ cảm biến", "Mỗi quý hiệu chuẩn cảm biến một lần."),
    ],
)
def test_evidence_is_found_in_either_language(index, asked, said):
    row = ask(index, asked, "We are a friendly team of forty.", said)
    assert row.status == "found"
    assert row.passage is not None
    assert row.passage.text == said
    assert row.asked_marks
    assert row.passage_marks


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Đáp ứng an toàn thông tin cấp độ 3", "Level sensors report every ten minutes."),
        ("Signs in Khmer with pictograms", "Automatic parking towers with 60 places."),
        ("Quản lý tài sản", "Xử lý rác thải"),  # one syllable in common
        ("At least 45 minutes of warning", "45 engineers"),  # a number in common
        ("", "Anything"),
        ("…", "Anything"),
    ],
)
def test_no_evidence_is_said_as_such(index, asked, said):
    row = ask(index, asked, said)
    assert (row.status, row.passage, row.share) == ("none", None, 0.0)


def test_what_is_denied_is_counter_evidence(index):
    asked = "Replacement of the drainage pumps"
    row = ask(index, asked, Passage("not_offered", "Replacement of drainage pumps", denied=True))
    assert row.status == "counter"
    assert {mark.kind for mark in (*row.asked_marks, *row.passage_marks)} == {"against"}
    row = ask(index, asked, "We do not offer replacement of drainage pumps.")
    assert row.status == "counter"
    row = ask(index, asked, "We plan the replacement of drainage pumps.")
    assert row.status == "found"


def test_a_denial_stands_beside_weaker_evidence(index):
    said = "Replacement of all the drainage pumps of a city in one season."
    row = ask(
        index,
        "Replacement of the drainage pumps of the city",
        said,
        Passage("not_offered", "No replacement of pumps in the city", denied=True),
    )
    assert row.status == "found"
    assert row.passage is not None
    assert row.passage.text == said
    assert row.against is not None
    assert row.against.field == "not_offered"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Street lamps and cabling.", "found"),  # it does not speak of it
        ("We do not use face recognition.", "found"),
        ("Cameras with face recognition find wanted persons.", "counter"),
    ],
)
def test_what_a_need_rules_out(index, said, status):
    assert ask(index, "No face recognition", said, kind="exclusion").status == status


def test_a_denied_exclusion_shows_its_passage(index):
    row = ask(index, "Không nhận diện khuôn mặt", "We do not use face recognition.", kind="exclusion")
    assert row.passage is not None
    assert ask(index, "Không nhận diện khuôn mặt", "Lamps.", kind="exclusion").passage is None


def test_a_confirmed_project_goes_before_the_same_words(index):
    words = "Early warning of street flooding"
    row = ask(index, words, words, Passage("reference", words, reference=0, confirmed=True))
    assert row.passage is not None
    assert row.passage.confirmed


def test_numbers_on_bridges_are_equal_on_both_sides(index):
    row = ask(index, "Cảnh báo sớm ngập đường phố", "We send an early warning of street flooding.")
    left = [mark.number for mark in row.asked_marks if mark.kind == "bridge"]
    right = sorted(mark.number for mark in row.passage_marks if mark.kind == "bridge")
    assert left == list(range(1, len(left) + 1))
    assert left == right
    assert left


def test_the_same_word_is_marked_as_the_same(index):
    row = ask(index, "Open protocol for meters", "Our meters speak an open protocol.")
    assert {mark.kind for mark in row.asked_marks} == {"same"}


@pytest.mark.parametrize(
    ("asked", "said", "status"),
    [
        ("ISO/IEC 27001", "Certified to ISO/IEC 27001:2022 since 2021", "found"),
        ("ISO 27001", "ISO 9001", "none"),
        ("ISO 2700", "ISO 27001", "none"),
        ("QCVN 14:2008/BTNMT", "Nước ra đạt QCVN 14:2008/BTNMT cột A", "found"),
        ("ISO 27001", "We are not certified to ISO 27001.", "counter"),
    ],
)
def test_standards_go_by_name(index, asked, said, status):
    assert ask(index, asked, said, kind="standard").status == status


def test_standards_are_read_out_of_a_text():
    text = "Must hold ISO/IEC 27001 and QCVN 14:2008/BTNMT, OCPP 2.0.1. In 2024 ISO was asked. ISO/IEC 27001."
    assert standards_in(text) == ["ISO/IEC 27001", "QCVN 14:2008/BTNMT", "OCPP 2.0.1"]


def test_scale_needs_a_number_in_the_passage(index):
    words = "140 measuring points"
    assert ask(index, words, "84 measuring points over three seasons", kind="scale").status == "found"
    assert ask(index, words, "Measuring points on roofs", kind="scale").status == "none"
    assert (
        ask(index, words, "Measuring points, Hue, 2024", kind="scale").status == "none"
    )  # a year is no size


def test_what_the_rules_answer_is_taken_over(index):
    asked = [Asked("language", "vi", stated=state) for state in ("yes", "no", "unknown")]
    assert [row.status for row in index.evidence(asked, [])] == ["found", "counter", "none"]


def test_sentences_are_those_a_reader_sees():
    text = (
        "First line. Second, approx. three metres; third part\n- a **bold** point\n\n2) another\n...\n"
        "Đo bằng cảm biến. Đối chiếu."
    )
    assert sentences(text) == [
        "First line.",
        "Second, approx. three metres;",
        "third part",
        "a bold point",
        "another",
        "Đo bằng cảm biến.",
        "Đối chiếu.",
    ]


SOME = """
flood warning street early pump no not ngập cảnh báo sớm trạm bơm không 45 3 ISO27001 , . ; \ufb01 \u0131 \u0130 洪水
\u0301 e\u0301
"""
WORDS = st.sampled_from(SOME.split())
TEXTS = st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=40)
KINDS = st.sampled_from(["requirement", "outcome", "standard", "scale", "exclusion"])


@settings(max_examples=120, deadline=None)
@given(
    asked=st.lists(st.tuples(KINDS, TEXTS), max_size=6),
    said=st.lists(st.tuples(TEXTS, st.booleans()), max_size=6),
)
def test_every_requirement_comes_once_and_marks_lie_inside(index, asked, said):
    wanted = [Asked(kind, text) for kind, text in asked]
    passages = [Passage("how", text, denied=denied) for text, denied in said]
    rows = index.evidence(wanted, passages)
    assert [row.asked for row in rows] == wanted
    assert rows == index.evidence(wanted, passages)
    for row in rows:
        assert row.status in ("found", "counter", "none")
        assert 0.0 <= row.share <= 1.0
        for marks, text in (
            (row.asked_marks, row.asked.text),
            (row.passage_marks, row.passage.text if row.passage else ""),
            (row.against_marks, row.against.text if row.against else ""),
        ):
            ends = 0
            for mark in marks:
                assert ends <= mark.start < mark.end <= len(text)
                ends = mark.end
