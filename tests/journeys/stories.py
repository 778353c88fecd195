"""What the people of the journeys write: a need and a capability in each language."""

from __future__ import annotations

from dataclasses import dataclass, field

NEED_TEXTS = {
    "vi": {
        "Title of the need": "Giảm thất thoát nước ở bốn phường cũ",
        "What is the problem?": (
            "Mạng lưới cấp nước của bốn phường cũ thất thoát 31% lượng nước sạch mỗi năm. Ống gang đặt từ trước năm "
            "1985, rò rỉ ban đêm chỉ được biết khi mặt đường sụt. Năm 2025 có 412 điểm vỡ ống, mỗi điểm mất trung "
            "bình 19 giờ để tìm ra. Người dân ở cuối tuyến có nước yếu vào buổi sáng, hai bệnh viện phải chở nước "
            "bằng xe bồn vào mùa khô."
        ),
        "What result do you want, and how is success measured?": (
            "Thất thoát giảm từ 31% xuống 20% trong ba năm, đo bằng đồng hồ tổng của từng khu vực."
        ),
        "What is particular about the place?": "Đất yếu, hẻm hẹp, ống chạy dưới nhà dân, triều hai lần mỗi ngày.",
        "Scale: of what?": "km đường ống",
        "Contact unit": "Phòng Kỹ thuật cấp nước",
        "Conflicts of interest": "Không",
    },
    "en": {
        "Title of the need": "Cut water losses in four old districts",
        "What is the problem?": (
            "The water network of four old districts loses 31 per cent of its treated water every year. Cast-iron "
            "pipes were laid before 1985, and leaks at night are found only when the road sinks. In 2025 there were "
            "412 bursts, and finding each took 19 hours on average. People at the end of the line have low pressure "
            "in the morning, and two hospitals bring water by lorry in the dry season."
        ),
        "What result do you want, and how is success measured?": (
            "Losses fall from 31 to 20 per cent in three years, measured by the main meter of every district."
        ),
        "What is particular about the place?": "Soft soil, narrow lanes, pipes below houses, tides twice a day.",
        "Scale: of what?": "km of pipes",
        "Contact unit": "Water supply engineering office",
        "Conflicts of interest": "None",
    },
}

CAPABILITY_TEXTS = {
    "vi": {
        "Title of the capability": "Tìm rò rỉ ống nước ban đêm bằng cảm biến âm",
        "Which problem do you solve?": (
            "Công ty cấp nước chỉ biết rò rỉ khi mặt đường sụt. Chúng tôi nghe đường ống ban đêm bằng cảm biến âm, "
            "chỉ ra điểm rò trong vòng hai mét để giảm thất thoát nước và rút ngắn thời gian sửa."
        ),
        "How does it work?": (
            "Cảm biến âm gắn vào van, gửi dữ liệu mỗi đêm, phần mềm so sánh hai đầu ống và báo cho tổ sửa chữa."
        ),
        "What do you not do?": "Không đào đường, không thay ống",
        "Support on the spot": "Sáu kỹ thuật viên ở Cần Thơ, có mặt trong bốn giờ",
        "Owners and ties to officials": "Do người sáng lập sở hữu, không liên hệ với cán bộ nào",
    },
    "en": {
        "Title of the capability": "Find leaking water pipes at night by sound",
        "Which problem do you solve?": (
            "Utilities learn of a leak when the road sinks. We listen to the pipes at night with acoustic sensors and "
            "name the place of a leak within two metres, so that water losses fall and repairs are short."
        ),
        "How does it work?": (
            "Acoustic sensors on valves send their data every night; software compares both ends of a pipe and tells "
            "the repair crew where to dig."
        ),
        "What do you not do?": "No digging, no replacement of pipes",
        "Support on the spot": "Six technicians in Can Tho, on site within four hours",
        "Owners and ties to officials": "Owned by its founders; no official is linked",
    },
}


@dataclass
class Story:
    """One form as a person fills it: English label -> what is typed, and code lists of what is chosen."""

    texts: dict[str, str]
    numbers: dict[str, str] = field(default_factory=dict)
    days: dict[str, str] = field(default_factory=dict)
    radios: dict[str, tuple[str, str]] = field(default_factory=dict)
    checks: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    sectors: list[str] = field(default_factory=list)
    money: tuple[str, str] = ("", "")

    @property
    def title(self) -> str:
        return next(iter(self.texts.values()))


def need_story(lang: str) -> Story:
    return Story(
        texts=NEED_TEXTS[lang],
        numbers={"How many people are affected?": "52000", "Scale: how many?": "140"},
        days={"Planned start": "2028-01-10", "Responses until": "2028-12-31"},
        radios={
            "Project stage": ("stage", "identify"),
            "Where does the budget stand?": ("budget_status", "planned"),
        },
        checks={
            "Focus area of the ASEAN Smart Cities Framework": ("ascf_area", ["built_infrastructure"]),
            "Strategic outcome": ("outcome_area", ["quality_of_life"]),
            "Group under Decision 950 (Viet Nam)": ("d950_group", ["utilities"]),
            "What kind of partner do you look for?": ("partner_kind", ["technology", "investor"]),
            "Forms of contract considered": ("contract_form", ["service", "pilot"]),
            "Working languages": ("language", ["vi", "en"]),
        },
        sectors=["water.supply"],
        money=("Budget", {"vi": "1–40 tỷ đồng", "en": "VND 1–40 bn"}[lang]),
    )


def capability_story(lang: str) -> Story:
    return Story(
        texts=CAPABILITY_TEXTS[lang],
        radios={"How mature is it?": ("maturity", "deployed")},
        checks={
            "What do you offer?": ("offer_kind", ["software", "services"]),
            "Focus area of the ASEAN Smart Cities Framework": ("ascf_area", ["built_infrastructure"]),
            "Strategic outcome": ("outcome_area", ["quality_of_life"]),
            "Countries served": ("country", ["VN"]),
            "Forms of contract you accept": ("contract_form", ["service", "pilot"]),
            "Working languages": ("language", ["vi", "en"]),
            "Where data can be stored": ("data_hosting", ["in_country"]),
        },
        sectors=["water.supply"],
        money=("Size of projects you take", {"vi": "50k–2 triệu USD", "en": "USD 50k–2m"}[lang]),
    )
