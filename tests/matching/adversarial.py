"""Needs and capabilities that were invented to mislead a matcher: what a good order is was written down before it ran.

`CASES` names for each need which capability has to come before which; `UNANSWERED` are needs that nothing here meets.
The texts were written for these tests and resemble no set the matcher is measured on.
"""

from __future__ import annotations

from ppp_match.matching import Capability, Need

__all__ = ["CAPABILITIES", "CASES", "NEEDS", "UNANSWERED"]


def _offer(document_id: str, lang: str, title: str, text: str, *sectors: str) -> Capability:
    return Capability(id=document_id, lang=lang, title=title, text=text, sectors=sectors)


def _need(document_id: str, lang: str | None, title: str, text: str, *sectors: str) -> Need:
    return Need(id=document_id, lang=lang, title=title, text=text, sectors=sectors)


CAPABILITIES = [
    # Counting people: by camera, by beam, by phone signal
    _offer(
        "count-camera",
        "en",
        "Camera counters for shopping streets",
        "Overhead cameras count pedestrians in shopping streets and market halls, by hour and by direction, with "
        "a weekly report for the district office.",
        "planning",
    ),
    _offer(
        "count-beam",
        "en",
        "Infrared beam counters for footpaths",
        "Passive infrared posts count passers-by on footpaths and in shopping streets without any "
        "picture being taken. "
        "Hourly figures and a weekly report.",
        "planning",
    ),
    _offer(
        "count-wifi-vi",
        "vi",
        "Đếm khách bộ hành bằng sóng điện thoại",
        "Cảm biến bắt sóng điện thoại ước lượng số người đi bộ trên phố mua sắm theo giờ. Không "
        "quay phim, không lưu "
        "danh tính.",
        "planning",
    ),
    # Sludge and septage
    _offer(
        "septage-burn",
        "en",
        "Incineration of septic sludge",
        "We dry septic tank sludge and burn it in a fluidised bed furnace. Heat goes to a nearby laundry.",
        "water.wastewater",
    ),
    _offer(
        "septage-compost-vi",
        "vi",
        "Ủ bùn bể phốt thành đất trồng cây",
        "Thu gom bùn bể phốt, ép khô rồi ủ hiếu khí với vỏ trấu thành đất trồng cây xanh đô thị.",
        "water.wastewater",
    ),
    _offer(
        "septage-no-haul",
        "en",
        "Design of faecal sludge drying beds",
        "Engineering design of planted drying beds for faecal sludge. We do not empty septic tanks and do not "
        "transport sludge.",
        "water.wastewater",
    ),
    _offer(
        "septage-haul",
        "en",
        "Scheduled emptying of septic tanks",
        "Vacuum trucks empty septic tanks street by street on a fixed schedule and take the sludge to the plant.",
        "water.wastewater",
    ),
    # School meals
    _offer(
        "meals-kitchen-vi",
        "vi",
        "Bếp trung tâm nấu suất ăn cho trường tiểu học",
        "Bếp một chiều nấu 6.000 suất ăn trưa mỗi ngày, giao nóng đến trường tiểu học trước 11 giờ, thực đơn do "
        "chuyên gia dinh dưỡng lập.",
        "education",
    ),
    _offer(
        "meals-vending",
        "en",
        "Snack vending machines for schools",
        "Vending machines with chilled snacks and drinks for school corridors; we do not cook meals.",
        "education",
    ),
    _offer(
        "meals-app-vi",
        "vi",
        "Ứng dụng đặt suất ăn trưa ở trường",
        "Phụ huynh chọn và trả tiền suất ăn trưa trên điện thoại. Chúng tôi chỉ làm phần mềm, "
        "không nấu ăn và không "
        "giao suất ăn.",
        "education",
    ),
    # Trees
    _offer(
        "trees-radar",
        "en",
        "Finding rotten street trees before they fall",
        "Arborists with sonic tomographs check trunks and roots, rate the danger of each tree and "
        "keep a register on "
        "a map.",
        "environment",
    ),
    _offer(
        "trees-fell",
        "en",
        "Tree felling and stump removal",
        "Crews with cranes fell large trees on streets and grind the stumps.",
        "environment",
    ),
    _offer(
        "trees-nursery-vi",
        "vi",
        "Vườn ươm cây xanh đường phố",
        "Cung cấp và trồng sao đen, dầu rái, bàng Đài Loan; bảo dưỡng mười hai tháng sau trồng.",
        "environment",
    ),
    # Ferries
    _offer(
        "ferry-electric",
        "en",
        "Battery passenger ferries for rivers",
        "Catamarans with battery drive for sixty passengers, with chargers at the piers and training of crews.",
        "transport",
    ),
    _offer(
        "ferry-diesel",
        "en",
        "River ferries with diesel engines",
        "Robust passenger ferries for rivers with twin diesel engines, delivered within six months.",
        "transport",
    ),
    _offer(
        "ferry-ticket-vi",
        "vi",
        "Bán vé phà bằng mã QR",
        "Máy soát vé và ứng dụng bán vé cho bến phà, đối soát doanh thu hằng ngày.",
        "transport",
    ),
    # Markets, fire, archives, dialysis, noise
    _offer(
        "fire-market-vi",
        "vi",
        "Báo cháy không dây cho chợ truyền thống",
        "Đầu báo khói và nhiệt không dây, trung tâm báo cháy gọi thẳng cho ban quản lý chợ và đội cứu hỏa.",
        "safety",
    ),
    _offer(
        "fire-truck",
        "en",
        "Small fire engines for narrow alleys",
        "Three-wheeled fire engines with high-pressure mist for alleys two metres wide.",
        "safety",
    ),
    _offer(
        "archive-scan",
        "en",
        "Scanning of civil status registers",
        "We scan handwritten birth and marriage registers, type them twice and deliver a searchable database.",
        "egov",
    ),
    _offer(
        "archive-shelf-vi",
        "vi",
        "Giá kệ và kho lưu trữ hồ sơ giấy",
        "Thiết kế, lắp đặt giá kệ di động và cho thuê kho lưu trữ hồ sơ giấy. Không số hóa tài liệu.",
        "egov",
    ),
    _offer(
        "noise-map",
        "en",
        "Noise maps from roadside microphones",
        "Solar microphones measure noise at night, tell lorries from karaoke and draw noise maps for inspectors.",
        "environment",
    ),
    _offer(
        "noise-wall-vi",
        "vi",
        "Tường chống ồn dọc đường cao tốc",
        "Sản xuất, lắp dựng tường chống ồn bằng bê tông bọt dọc đường cao tốc và đường sắt.",
        "transport",
    ),
    # Close to one another: public toilets
    _offer(
        "toilet-clean-vi",
        "vi",
        "Dọn vệ sinh nhà vệ sinh công cộng",
        "Đội tạp vụ dọn nhà vệ sinh công cộng sáu lượt mỗi ngày, thay giấy và xà phòng.",
        "environment",
    ),
    _offer(
        "toilet-build",
        "en",
        "Prefabricated public toilets",
        "Steel cabins with public toilets are set up within a day and connected to sewer and water.",
        "environment",
    ),
    _offer(
        "toilet-finder",
        "en",
        "An app that shows the nearest public toilet",
        "Residents find the nearest public toilet on a map and rate it. We do not build toilets and do not clean them.",
        "environment",
    ),
    _offer(
        "toilet-school-vi",
        "vi",
        "Cải tạo nhà vệ sinh trường học",
        "Cải tạo, lắp thiết bị nhà vệ sinh trong trường học; không nhận công trình công cộng ngoài trường.",
        "education",
    ),
    # Parking
    _offer(
        "parking-guide",
        "en",
        "Guidance to free parking bays",
        "Sensors in the bays and signs at the junctions lead drivers to free parking spaces.",
        "transport",
    ),
    _offer(
        "parking-tower-vi",
        "vi",
        "Bãi đỗ xe xếp tầng bằng thép",
        "Thiết kế, lắp dựng bãi đỗ xe xếp tầng tự động trên đất hẹp, sức chứa 40 đến 200 ô tô.",
        "transport",
    ),
    _offer(
        "park-garden",
        "en",
        "Design of parks and gardens",
        "Landscape architects plan parks, gardens and playgrounds with local plants.",
        "environment",
    ),
    # Generalists and stuffed texts
    _offer(
        "all-en",
        "en",
        "Total smart city solutions",
        "Smart water, wastewater, sludge, septic tanks, smart transport, ferries, tickets, smart "
        "education, school meals, "
        "smart trees, parks, smart safety, fire alarms, smart archives, registers, smart noise, "
        "counters, pedestrians, "
        "AI, IoT, big data, digital twin and blockchain. One partner for all sectors.",
        *["water", "transport", "education", "environment", "safety", "egov", "planning", "energy", "health"],
    ),
    _offer(
        "all-vi",
        "vi",
        "Giải pháp đô thị thông minh toàn diện",
        "Cấp nước, thoát nước, bùn bể phốt, giao thông, phà, vé điện tử, giáo dục, suất ăn trường "
        "học, cây xanh, chợ, "
        "báo cháy, lưu trữ, tiếng ồn, đếm người, y tế, năng lượng, chuyển đổi số, trí tuệ nhân tạo.",
        *["water", "transport", "education", "environment", "safety", "egov", "planning", "energy", "health"],
    ),
    _offer(
        "stuffed-septic",
        "en",
        "Septic septic septic",
        "Septic tank emptying schedule. " * 30 + "Best price for septic tank emptying, ask our sales team.",
        "water.wastewater",
    ),
    _offer(
        "stuffed-meals-vi",
        "vi",
        "Suất ăn trưa tiểu học suất ăn trưa tiểu học",
        "Suất ăn trưa trường tiểu học. " * 30 + "Liên hệ đại lý phần mềm kế toán của chúng tôi.",
        "education",
    ),
    _offer(
        "stuffed-fire",
        "en",
        "Fire alarm market fire alarm market",
        "Fire alarm, traditional market, fire alarm, traditional market. " * 15
        + "We print banners and flyers.",
        "safety",
    ),
    # Other languages
    _offer(
        "flood-ms",
        "ms",
        "Amaran awal banjir untuk kampung",
        "Penderia paras air sungai dan siren amaran banjir untuk kampung di tebing sungai.",
        "water.flood",
    ),
    _offer(
        "waste-id",
        "id",
        "Bank sampah dan pengangkutan sampah rumah tangga",
        "Kami mengelola bank sampah, mengangkut sampah rumah tangga terpilah dan membuat kompos.",
        "environment.waste",
    ),
    _offer(
        "water-th",
        "th",
        "ระบบตรวจวัดน้ำรั่วในท่อประปา",
        "เราติดตั้งเครื่องวัดเสียงเพื่อค้นหาจุดน้ำรั่วในท่อประปาของเทศบาล",
        "water.supply",
    ),
    _offer(
        "water-km",
        "km",
        "ប្រព័ន្ធចម្រោះទឹកសម្រាប់សាលារៀន",
        "យើងដំឡើងម៉ាស៊ីនចម្រោះទឹកស្អាតសម្រាប់សាលារៀននៅជនបទ",
        "water.supply",
    ),
    _offer(
        "light-lo",
        "lo",
        "ໄຟຖະໜົນພະລັງງານແສງຕາເວັນ",
        "ພວກເຮົາຕິດຕັ້ງໄຟຖະໜົນພະລັງງານແສງຕາເວັນໃຫ້ບ້ານຊົນນະບົດ",
        "energy.lighting",
    ),
    _offer(
        "clinic-my",
        "my",
        "ရွေ့လျားဆေးခန်းယာဉ်",
        "ကျေးလက်ဒေသများအတွက် ရွေ့လျားဆေးခန်းယာဉ်နှင့် ဆရာဝန်အဖွဲ့ ပေးပါသည်",
        "health",
    ),
    _offer(
        "jeepney-fil",
        "fil",
        "Elektrikong dyip para sa mga barangay",
        "Nagpapaupa kami ng elektrikong dyip at istasyon ng pag-charge para sa mga ruta ng barangay.",
        "transport.public",
    ),
]

# (need, [(comes before, comes after), ...])
CASES: list[tuple[Need, list[tuple[str, str]]]] = [
    (
        _need(
            "no-camera-en",
            "en",
            "How many people walk through our shopping streets",
            "The trade office needs pedestrian counts by hour in eleven shopping streets and a weekly report. "
            "Shopkeepers and residents have objected to cameras.",
            "planning",
        ),
        [("count-beam", "count-camera"), ("count-wifi-vi", "all-en"), ("count-beam", "all-en")],
    ),
    (
        _need(
            "no-camera-vi",
            "vi",
            "Đếm người đi bộ ở phố mua sắm",
            "Phòng Kinh tế cần số người đi bộ theo giờ ở mười một phố mua sắm, báo cáo hằng tuần. "
            "Phường không chấp nhận "
            "camera.",
            "planning",
        ),
        [("count-wifi-vi", "count-camera"), ("count-beam", "count-camera"), ("count-beam", "all-vi")],
    ),
    (
        _need(
            "no-burning",
            "en",
            "Somewhere for our septic sludge to go",
            "Septic tank sludge from 30,000 homes is dumped in fields. We look for a partner who "
            "treats it for good. "
            "Incineration is prohibited by the provincial plan.",
            "water.wastewater",
        ),
        [("septage-compost-vi", "septage-burn"), ("septage-compost-vi", "all-en")],
    ),
    (
        _need(
            "no-burning-vi",
            "vi",
            "Xử lý bùn bể phốt của 30.000 hộ",
            "Bùn bể phốt đang bị đổ ra ruộng. Cần đơn vị xử lý bùn lâu dài. Phương án đốt nằm ngoài phạm vi.",
            "water.wastewater",
        ),
        [("septage-compost-vi", "septage-burn"), ("septage-burn", "noise-map")],
    ),
    (
        _need(
            "emptying",
            "en",
            "Regular emptying of septic tanks",
            "Households call a truck only when the septic tank overflows. The city wants tanks emptied "
            "on a schedule and "
            "the sludge transported to the plant.",
            "water.wastewater",
        ),
        [("septage-haul", "septage-no-haul"), ("septage-haul", "stuffed-septic"), ("septage-haul", "all-en")],
    ),
    (
        _need(
            "emptying-telegraphic",
            "en",
            "Septic emptying",
            "Septic tanks, 30k households. Scheduled emptying, trucks, haulage to plant. 5 yrs. No incineration.",
            "water.wastewater",
        ),
        [("septage-haul", "septage-burn"), ("septage-haul", "stuffed-septic")],
    ),
    (
        _need(
            "meals",
            "vi",
            "Suất ăn trưa cho 20 trường tiểu học",
            "Trường không có bếp, phụ huynh phải đón con về buổi trưa. Thành phố cần đơn vị nấu và "
            "giao suất ăn trưa nóng "
            "đến 20 trường tiểu học.",
            "education",
        ),
        [
            ("meals-kitchen-vi", "meals-app-vi"),
            ("meals-kitchen-vi", "stuffed-meals-vi"),
            ("meals-kitchen-vi", "all-vi"),
        ],
    ),
    (
        _need(
            "meals-bare",
            None,
            "Suat an trua cho 20 truong tieu hoc",
            "Truong khong co bep. Thanh pho can don vi nau va giao suat an trua nong den 20 truong "
            "tieu hoc. Khong bao gom "
            "phan mem dat suat an.",
            "education",
        ),
        [("meals-kitchen-vi", "meals-app-vi"), ("meals-kitchen-vi", "stuffed-meals-vi")],
    ),
    (
        _need(
            "meals-cross",
            "en",
            "Hot lunches for twenty primary schools",
            "The schools have no kitchens. A caterer should cook and deliver hot lunches every school day.",
            "education",
        ),
        [("meals-kitchen-vi", "meals-vending"), ("meals-kitchen-vi", "meals-app-vi")],
    ),
    (
        _need(
            "trees",
            "en",
            "Which street trees will fall in the next storm",
            "Two people were hurt by falling trees. We want every large street tree examined and its "
            "danger rated. We are "
            "not looking for felling or planting.",
            "environment",
        ),
        [("trees-radar", "trees-fell"), ("trees-radar", "trees-nursery-vi")],
    ),
    (
        _need(
            "trees-not-only",
            "en",
            "Street trees: not only inspection but also felling",
            "We need not only inspection but also felling of dangerous street trees, no later than the storm season.",
            "environment",
        ),
        [("trees-fell", "trees-nursery-vi"), ("trees-fell", "all-en")],
    ),
    (
        _need(
            "ferry",
            "en",
            "Quiet passenger ferries on the river",
            "Nine river crossings need new passenger ferries for fifty to seventy people. Diesel "
            "engines will not be "
            "accepted.",
            "transport",
        ),
        [("ferry-electric", "ferry-diesel"), ("ferry-electric", "ferry-ticket-vi")],
    ),
    (
        _need(
            "ferry-vi",
            "vi",
            "Thay phà cũ bằng phà chạy điện",
            "Chín bến ngang sông cần phà chở khách mới, chạy êm. Không xem xét phà chạy dầu diesel.",
            "transport",
        ),
        [("ferry-electric", "ferry-diesel"), ("ferry-electric", "all-vi")],
    ),
    (
        _need(
            "fire-bureaucratic",
            "vi",
            "V/v đề xuất phương án trang bị hệ thống cảnh báo cháy sớm tại các chợ trên địa bàn",
            "Căn cứ Kế hoạch số 118/KH-UBND và theo chức năng, nhiệm vụ được giao, Ủy ban nhân dân "
            "quận kính đề nghị các "
            "đơn vị có năng lực, kinh nghiệm nghiên cứu, đề xuất phương án trang bị đầu báo khói, báo "
            "cháy tại các chợ "
            "truyền thống thuộc phạm vi quản lý, bảo đảm tuân thủ quy định hiện hành. Không bao gồm "
            "mua sắm xe chữa cháy.",
            "safety",
        ),
        [("fire-market-vi", "fire-truck"), ("fire-market-vi", "stuffed-fire"), ("fire-market-vi", "all-vi")],
    ),
    (
        _need(
            "fire-cross",
            "en",
            "Early alarm of fires in our markets",
            "Pursuant to the resolution of the standing committee, proposals are hereby invited for "
            "the equipment of nine "
            "traditional markets with smoke detectors that alert the market management and the fire brigade.",
            "safety",
        ),
        [("fire-market-vi", "fire-truck"), ("fire-market-vi", "stuffed-fire"), ("fire-market-vi", "all-en")],
    ),
    (
        _need(
            "archive",
            "vi",
            "Số hóa sổ hộ tịch viết tay",
            "Sổ khai sinh, kết hôn từ năm 1950 đang mủn. Cần quét, nhập liệu và tra cứu được.",
            "egov",
        ),
        [("archive-scan", "archive-shelf-vi"), ("archive-scan", "all-vi")],
    ),
    (
        _need(
            "noise",
            "vi",
            "Ai gây ồn ban đêm",
            "Người dân than phiền tiếng ồn karaoke và xe tải. Cần thiết bị đo và bản đồ tiếng ồn cho "
            "thanh tra. Không đầu tư "
            "tường chống ồn.",
            "environment",
        ),
        [("noise-map", "noise-wall-vi"), ("noise-map", "all-vi")],
    ),
    (
        _need(
            "toilet-cleaning",
            "en",
            "Our public toilets are dirty",
            "Forty public toilets need cleaning several times a day, with paper and soap. No new buildings.",
            "environment",
        ),
        [
            ("toilet-clean-vi", "toilet-build"),
            ("toilet-clean-vi", "toilet-finder"),
            ("toilet-clean-vi", "toilet-school-vi"),
        ],
    ),
    (
        _need(
            "toilet-building-vi",
            "vi",
            "Lắp nhà vệ sinh công cộng ở công viên",
            "Cần lắp nhanh 12 nhà vệ sinh công cộng, đấu nối nước và thoát nước. Không bao gồm dọn vệ sinh hằng ngày.",
            "environment",
        ),
        [("toilet-build", "toilet-school-vi"), ("toilet-build", "toilet-finder"), ("toilet-build", "all-vi")],
    ),
    (
        _need(
            "parking-bare",
            None,
            "Tim cho do xe trong",
            "Tai xe chay vong tim cho do xe. Can cam bien va bien bao chi cho trong. Khong xay bai do xe.",
            "transport",
        ),
        [
            ("parking-guide", "parking-tower-vi"),
            ("parking-guide", "park-garden"),
            ("parking-guide", "all-vi"),
        ],
    ),
    (
        _need(
            "parking-telegraphic",
            "en",
            "Parking, centre",
            "2,000 bays. Need: occupancy, signs. Excluded: multi-storey car parks, civil works.",
            "transport",
        ),
        [("parking-guide", "parking-tower-vi"), ("parking-guide", "park-garden")],
    ),
    (
        _need(
            "counting-mixed",
            "vi",
            "Đếm lượt khách (people counting)",
            "UBND phường cần data người đi bộ theo giờ cho shopping street, report hằng tuần. Không dùng camera.",
            "planning",
        ),
        [("count-wifi-vi", "count-camera"), ("count-beam", "count-camera")],
    ),
    (
        _need(
            "flood-ms-need",
            "ms",
            "Amaran banjir",
            "Kampung kami perlukan siren amaran banjir.",
            "water.flood",
        ),
        [("flood-ms", "all-en"), ("flood-ms", "waste-id")],
    ),
    (
        _need(
            "waste-id-need",
            "id",
            "Pengangkutan sampah",
            "Kota mencari mitra pengangkutan sampah rumah tangga dan bank sampah.",
        ),
        [("waste-id", "all-en"), ("waste-id", "flood-ms")],
    ),
    (
        _need("water-th-need", "th", "ค้นหาน้ำรั่ว", "เทศบาลต้องการค้นหาจุดน้ำรั่วในท่อประปา"),
        [("water-th", "all-en"), ("water-th", "water-km")],
    ),
    (
        _need("water-km-need", "km", "ទឹកស្អាតសម្រាប់សាលារៀន", "ក្រុងត្រូវការម៉ាស៊ីនចម្រោះទឹកសម្រាប់សាលារៀន"),
        [("water-km", "water-th"), ("water-km", "all-vi")],
    ),
    (
        _need("light-lo-need", "lo", "ໄຟຖະໜົນ", "ເມືອງຕ້ອງການໄຟຖະໜົນພະລັງງານແສງຕາເວັນ"),
        [("light-lo", "water-th"), ("light-lo", "all-en")],
    ),
    (
        _need("clinic-my-need", "my", "ရွေ့လျားဆေးခန်း", "ကျေးလက်ဒေသအတွက် ရွေ့လျားဆေးခန်းယာဉ် လိုအပ်သည်"),
        [("clinic-my", "light-lo"), ("clinic-my", "all-en")],
    ),
    (
        _need(
            "jeepney-need",
            "fil",
            "Elektrikong dyip",
            "Kailangan ng lungsod ng elektrikong dyip at istasyon ng pag-charge.",
        ),
        [("jeepney-fil", "flood-ms"), ("jeepney-fil", "all-en")],
    ),
]
NEEDS = [need for need, _ in CASES]

UNANSWERED = [
    _need(
        "cemetery",
        "en",
        "A register of graves",
        "Our four cemeteries have no plan of the graves, and families search for hours.",
        "land",
    ),
    _need(
        "rabies-vi",
        "vi",
        "Tiêm phòng dại cho chó mèo",
        "Phường cần đội thú y lưu động tiêm phòng dại và đeo vòng cho chó mèo.",
        "health",
    ),
    _need(
        "ice-rink",
        "en",
        "An ice rink",
        "Young people want a covered ice rink that is open all year.",
        "culture",
    ),
    _need(
        "divorce-vi",
        "vi",
        "Hòa giải ở cơ sở",
        "Tập huấn kỹ năng hòa giải mâu thuẫn gia đình cho tổ trưởng dân phố.",
        "social",
    ),
    _need(
        "beach-glass-bare",
        None,
        "Cuu ho bai bien",
        "Can doi cuu ho tren bai bien vao mua du lich.",
        "tourism",
    ),
    _need(
        "jobs-telegraphic",
        "en",
        "Welding teachers",
        "Welding, vocational. 6 teachers, 2 yrs, dormitory. Urgent.",
        "jobs",
    ),
]
