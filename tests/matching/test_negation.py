"""What a text says it doesn't do or doesn't want, and what only sounds like it, in both languages."""

from __future__ import annotations

import pytest

from ppp_match.matching.analysis import Analyser
from ppp_match.matching.bilingual import default_lexicon
from ppp_match.matching.language import Restorer
from ppp_match.matching.negation import EXCEPTION, negated
from ppp_match.matching.text import tokenise


def marked(text: str, role: str, least: float = 0.0) -> set[str]:
    """The words of a text that are denied more than `least`."""
    tokens = tokenise(text)
    flags = negated(text, tokens, role)
    return {token.word for token, flag in zip(tokens, flags, strict=True) if flag > least}


def refused(text: str, role: str) -> set[str]:
    return marked(text, role, EXCEPTION)


# (sentence, words that it denies, words that it does not)
OFFERS = [
    ("We do not lend bicycles, but we repair them.", "bicycle", "repair"),
    ("We don't run ferries.", "ferry", ""),
    ("Our crews never enter private gardens.", "garden", ""),
    ("Our pumps can not lift sand.", "sand", ""),
    ("We no longer manufacture turbines.", "turbine", ""),
    ("We have no experience with tunnels.", "tunnel", ""),
    ("We have no plans to open laboratories.", "laboratory", ""),
    ("The company refrains from brokering land.", "land", ""),
    ("We stay out of hospital kitchens.", "hospital kitchen", ""),
    ("We refuse asphalt.", "asphalt", ""),
    ("We decline orders for fireworks.", "firework", ""),
    ("Neither dredging nor piling is part of what we sell.", "dredging piling", ""),
    ("Crane hire is not included.", "crane hire", ""),
    ("Roof repairs are excluded.", "roof repair", ""),
    ("Legal advice is outside our scope.", "legal advice", ""),
    ("Translation is not something we offer.", "translation", ""),
    ("Medical waste will not be accepted.", "medical waste", ""),
    ("We sell software, not hardware.", "hardware", "software"),
    ("Does not include installation.", "installation", ""),
    ("Fitting of kitchens. No plumbing or wiring.", "plumbing wiring", "kitchen"),
    ("We do not build wells, only inspect them.", "well", "inspect"),
    ("We do not drill wells and our laboratory tests water.", "drill", "laboratory water"),
    ("Chúng tôi không cho thuê xe nâng.", "nâng", ""),
    ("Công ty chưa từng làm cầu cảng.", "cảng", ""),
    ("Đơn vị không can thiệp vào kết cấu mái.", "mái", ""),
    ("Không bao gồm giấy phép xây dựng.", "giấy phép", ""),
    ("Việc lắp kính nằm ngoài phạm vi.", "kính", ""),
    ("Dịch vụ pháp lý không thuộc lĩnh vực của chúng tôi.", "pháp", ""),
    ("Chúng tôi bán phần mềm chứ không bán máy chủ.", "chủ", "mềm"),
    ("Đã ngừng sản xuất tua bin.", "tua bin", ""),
    ("Chúng tôi từ chối vận chuyển chất nổ.", "nổ", ""),
    ("Công ty không nhận đơn hàng nhỏ, nhưng tư vấn miễn phí.", "nhỏ", "tư"),
    ("Lắp bếp công nghiệp. Không thi công điện.", "điện", "bếp"),
    ("Lắp bếp công nghiệp. Không bao gồm giấy phép.", "phép", "bếp"),
    ("Fitting of kitchens. Does not include wiring.", "wiring", "kitchen"),
]
NO_REFUSALS = [
    "We not only lend bicycles but also repair them.",
    "Not just a map, a whole register.",
    "Delivery no later than noon.",
    "Crews of no fewer than six people.",
    "The service is not limited to schools.",
    "We do not only repair pumps, we also build them.",
    "We never miss a leak.",
    "Our sensors do not fail in salt water.",
    "We do not exclude small villages.",
    "Nothing other than clean water leaves the plant.",
    "A city cannot do without buses.",
    "Existing alarms do not warn the fire brigade.",
    "Many villages that cannot afford a clinic use our boats.",
    "Why not rent the boats?",
    "Is coal not accepted?",
    "Whether or not the road is paved, our vans arrive.",
    "Chúng tôi không chỉ sửa máy bơm mà còn chế tạo.",
    "Không những đo mà còn cảnh báo.",
    "Đội không ít hơn sáu người.",
    "Giao hàng không muộn hơn 12 giờ.",
    "Dịch vụ không giới hạn ở trường học.",
    "Trạm đo chất lượng không khí và không gian xanh.",
    "Cảm biến không dây, máy bay không người lái.",
    "Nước sạch là thứ không thể thiếu.",
    "Chúng tôi không ngừng cải tiến máy bơm.",
    "Chúng tôi không từ chối hợp đồng nhỏ.",
    "Máy bơm chưa từng hỏng.",
    "Hàng không dân dụng là khách hàng của chúng tôi.",
]
NEEDS = [
    ("The council has banned plastic barriers.", "plastic barrier", ""),
    ("Neighbours oppose a chimney.", "chimney", ""),
    ("The ward objects to trucks. The residents have objected to drums.", "drum", ""),
    ("Helicopters are not acceptable.", "helicopter", ""),
    ("Balconies, awnings and gates are not included.", "balcony awning gate", ""),
    ("Excavation is forbidden by the heritage act, so walls stay closed.", "excavation", "wall"),
    ("Chlorine is ruled out.", "chlorine", ""),
    ("We do not want drones, balloons or kites.", "drone balloon kite", ""),
    ("We are not looking for consultants.", "consultant", ""),
    ("The city will not fund stadiums.", "stadium", ""),
    ("Proposals must not rely on coal.", "coal", ""),
    ("There is no need for escalators.", "escalator", ""),
    ("The law prohibits fishing nets.", "fishing net", ""),
    ("Not in scope: marble cladding is not part of this contract.", "marble cladding", ""),
    ("A study excluding harbours.", "harbor", "study"),
    ("Clean the canal. No dredging.", "dredging", "canal"),
    ("Không lắp camera trong lớp.", "camera", ""),
    ("Không chấp nhận lò đốt.", "lò đốt", ""),
    ("Thiết bị không được khoan vào tường cổ.", "tường cổ", ""),
    ("Người dân phản đối cột ăng ten.", "ăng ten", ""),
    ("Xây nhà ga nằm ngoài phạm vi.", "ga", ""),
    ("Phương án chôn lấp bị loại.", "chôn lấp", ""),
    ("Nghiêm cấm xả sơn xuống kênh.", "sơn", ""),
    ("Cần đèn chứ không phải biển quảng cáo.", "biển quảng cáo", "đèn"),
    ("Không cần mua xe mới.", "xe", ""),
    ("Dọn kênh. Không nạo vét.", "nạo vét", "kênh"),
]
NO_EXCLUSIONS = [
    "Nobody tells parents when the boat leaves.",
    "The pumps do not reach the upper streets.",
    "Half of the lamps no longer work.",
    "Residents have not seen a bus for a year.",
    "There are no benches at the stops.",
    "The alarm should ring not later than ten seconds after the smoke.",
    "We need not only lamps but also poles.",
    "Not less than forty boats.",
    "If ferries are not available, buses should run.",
    "Do residents reject the bridge?",
    "The city does not exclude small firms.",
    "Schools cannot function without kitchens.",
    "Rác không được thu gom đúng giờ.",
    "Nước thải chưa được xử lý chảy ra kênh.",
    "Người dân không biết xe khi nào đến.",
    "Không đủ ghế ở trạm chờ.",
    "Không chỉ cần đèn mà còn cần cột.",
    "Không ít hơn bốn mươi thuyền.",
    "Chất lượng không khí ở ngã tư.",
    "Trường không có bếp, không gian chật.",
    "Xe không dây kéo, tàu không người lái.",
    "Thời gian không quá 10 phút.",
]


@pytest.mark.parametrize(("text", "denied", "kept"), OFFERS)
def test_a_capability_refuses(text: str, denied: str, kept: str) -> None:
    found = refused(f"Title\n{text}", "capability")
    assert set(denied.split()) <= found
    assert not found & set(kept.split())


@pytest.mark.parametrize("text", NO_REFUSALS)
def test_a_capability_that_refuses_nothing(text: str) -> None:
    assert refused(f"Title\n{text}", "capability") == set()


@pytest.mark.parametrize(("text", "denied", "kept"), NEEDS)
def test_a_need_excludes(text: str, denied: str, kept: str) -> None:
    found = refused(f"Title\n{text}", "need")
    assert set(denied.split()) <= found
    assert not found & set(kept.split())


@pytest.mark.parametrize("text", NO_EXCLUSIONS)
def test_a_need_that_excludes_nothing(text: str) -> None:
    assert refused(f"Title\n{text}", "need") == set()


def test_a_heading_denies_its_list() -> None:
    offer = "Roofs\nNot included: scaffolding; cranes. We bring tiles."
    assert refused(offer, "capability") == {"scaffolding", "crane"}
    need = "Roofs\nExclusions:\n- asphalt\n- straw\nTiles come from the village."
    assert refused(need, "need") == {"asphalt", "straw"}
    assert {"tông", "rơm"} <= refused("Mái nhà\nKhông bao gồm: bê tông, rơm.\nNgói do phường cấp.", "need")


def test_the_cue_itself_is_neither_offered_nor_denied() -> None:
    tokens = tokenise("Cranes are excluded by the harbour act.")
    flags = dict(
        zip(
            (token.word for token in tokens),
            negated("Cranes are excluded by the harbour act.", tokens, "need"),
            strict=True,
        )
    )
    assert flags["crane"] > EXCEPTION
    assert flags["excluded"] == flags["act"] == EXCEPTION


def test_an_exception_is_no_refusal() -> None:
    assert refused("Repair of boats (except ferries) and rafts", "capability") == set()
    assert marked("Repair of boats (except ferries) and rafts", "capability") == {"except", "ferry"}


def test_without_full_stops_a_negation_ends_somewhere() -> None:
    text = "We do not sell boats " + "the engines have pistons and valves and belts " * 6 + "anchors"
    assert "boat" in refused(text, "capability")
    assert "anchor" not in refused(text, "capability")


def test_a_text_without_diacritics_denies_the_same() -> None:
    restorer = Restorer()
    default_lexicon().teach(restorer)
    analyser = Analyser(default_lexicon(), restorer)
    for text, role in (
        ("Cho thue thuyen. Cong ty khong cung cap dich vu thu gom rac.", "capability"),
        ("Can don vi ve sinh kenh. Khong bao gom thu gom rac.", "need"),
    ):
        part = analyser.analyse_text(text, "vi", role).parts[0]
        denied = {
            token.word for token, flag in zip(part.tokens, part.negated, strict=True) if flag > EXCEPTION
        }
        assert part.restored
        assert "rác" in denied
        assert not denied & {"thuyền", "kênh", "vệ", "sinh"}


@pytest.mark.parametrize(
    ("text", "role", "denied", "kept"),
    [
        ("Cho thue thuyen. Chung toi khong cho thue xe nang.", "capability", "nang", "thuyen"),
        ("Sua may bom. Cong ty chua lam cau cang.", "capability", "cang", "bom"),
        ("Lap bep. Khong bao gom giay phep xay dung.", "capability", "phep", "bep"),
        ("Chung toi khong chi sua may bom ma con che tao.", "capability", "", "bom tao"),
        ("Tram do khong khi, cam bien khong day.", "capability", "", "khi day bien"),
        ("Don kenh. Phuong an chon lap bi loai.", "need", "chon lap", "kenh"),
        ("Don kenh. Khong chap nhan lo dot.", "need", "dot", "kenh"),
        ("Rac khong duoc thu gom dung gio.", "need", "", "rac gom"),
    ],
)
def test_cues_without_diacritics(text: str, role: str, denied: str, kept: str) -> None:
    tokens = tokenise(text)
    flags = negated(text, tokens, role, bare=True)
    found = {token.word for token, flag in zip(tokens, flags, strict=True) if flag > EXCEPTION}
    assert set(denied.split()) <= found
    assert not found & set(kept.split())
