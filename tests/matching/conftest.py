"""A small bilingual corpus of the tests' own, written for them."""

from __future__ import annotations

import pytest

from ppp_match.matching import Capability, Index, Need

CAPABILITIES = [
    Capability(
        id="sewage-en",
        lang="en",
        title="Decentralised wastewater treatment for small towns",
        text="We design and operate compact wastewater treatment plants for towns of up to 50,000 people.",
        sectors=("water", "water.wastewater"),
        countries_served=("VN", "LA"),
        min_project_usd=200_000,
        max_project_usd=5_000_000,
        contract_forms=("BOT", "O&M"),
    ),
    Capability(
        id="sewage-vi",
        lang="vi",
        title="Xử lý nước thải phân tán cho khu dân cư",
        text="Chúng tôi xây dựng và vận hành trạm xử lý nước thải quy mô nhỏ cho khu dân cư và làng nghề.",
        sectors=("water.wastewater",),
        countries_served=("VN",),
        min_project_usd=50_000,
        max_project_usd=900_000,
        contract_forms=("service",),
    ),
    Capability(
        id="bus-en",
        lang="en",
        title="Passenger information for city buses",
        text="Real-time passenger information: we track buses and tell riders when the next bus arrives.",
        sectors=("transport.public",),
        countries_served=("VN", "TH"),
        contract_forms=("service",),
    ),
    Capability(
        id="bus-vi",
        lang="vi",
        title="Vé điện tử cho xe buýt",
        text="Hệ thống vé điện tử liên thông cho xe buýt và tàu điện ngầm, thanh toán bằng thẻ và "
        "điện thoại.",
        sectors=("transport",),
        countries_served=("VN",),
    ),
    Capability(
        id="camera-en",
        lang="en",
        title="Video analytics for traffic cameras",
        text="Software that detects crashes in camera streams. We do not offer facial recognition.",
        sectors=("safety",),
    ),
    Capability(
        id="retail-en",
        lang="en",
        title="Retail fit-out",
        text="Shop fitting and furniture for retail chains.",
        sectors=("economy",),
    ),
    Capability(
        id="all-en",
        lang="en",
        title="Smart everything for smart cities",
        text="Smart water, smart transport, smart energy, smart health, smart education, smart "
        "safety, smart tourism, smart waste, smart lighting, smart parking, smart government: a platform for "
        "every sector of the city.",
        sectors=(
            "water",
            "transport",
            "energy",
            "health",
            "education",
            "safety",
            "tourism",
            "environment",
            "egov",
        ),
    ),
]

NEEDS = [
    Need(
        id="need-vi",
        lang="vi",
        title="Xử lý nước thải cho ba thị trấn",
        text="Nước thải sinh hoạt của ba thị trấn đang xả thẳng ra sông. Cần đối tác đầu tư trạm "
        "xử lý nước thải.",
        sectors=("water.wastewater",),
        country="VN",
        budget_min_usd=1_000_000,
        budget_max_usd=3_000_000,
        contract_forms=("BOT",),
    ),
    Need(
        id="need-en",
        lang="en",
        title="Tell passengers when the bus comes",
        text="Nobody knows when the next bus will arrive. We look for arrival times on phones and at stops.",
        sectors=("transport.public",),
        country="TH",
        contract_forms=("service",),
    ),
    Need(
        id="need-camera",
        lang="en",
        title="Traffic cameras that notice crashes",
        text="Our cameras should notice crashes by themselves. Facial recognition is excluded.",
    ),
]


@pytest.fixture
def capabilities() -> list[Capability]:
    return list(CAPABILITIES)


@pytest.fixture
def needs() -> list[Need]:
    return list(NEEDS)


@pytest.fixture(scope="session")
def index() -> Index:
    """Shared, so tests only read it."""
    return Index.fit(CAPABILITIES)
