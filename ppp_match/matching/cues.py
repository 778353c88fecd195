"""The words by which a sentence says that something is not done or not wanted, in Vietnamese and English.

Here: the patterns that negation.py reads clauses with, all of lower-case NFC text, as it is written with diacritics
(WRITTEN) and without (BARE). Not here: how they are put
together. A need and a capability have cues of their own: "does not cover" is a refusal in a capability and may
be the very problem in a need, so a need's cues name somebody who rules out or what is ruled out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .text import fold

__all__ = ["BARE", "WRITTEN", "Cues"]


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{one})\b" for one in alternatives))


_CLAUSE_END = re.compile(
    r"[.;!?:](?=\s|$)|\n"
    r"|[,\s](?:but|while|although|though|whereas|however|instead(?! of)|nhưng|tuy nhiên|song|mà chỉ|thay vào đó)\b"
    r"|,(?= (?:only|just|merely|rather(?! than)|chỉ|mà là)\b)",
    re.IGNORECASE,
)

# What only looks like a negation: "not only", limits, two negations that assert, words with "không" inside.
_HARMLESS = _any(
    r"(?<!must )(?<!shall )not (?:only|just|merely|simply|solely|limited|depend\w*|rely|require|need|exceed\w*"
    "|to exceed|to mention|less|fewer|more|later|earlier|longer|least|without|unlike|infrequently|uncommon|yet known)",
    "no (?:later|less|fewer|more|longer|earlier|sooner|lower|higher|smaller|greater|worse|better)(?: \\w+)? than",
    "no (?:doubt|matter|one|wonder)|whether or not|if not|why not|last but not least",
    r"(?:not|never|cannot|n['’]t)(?: be)? (?:exclud\w+|reject\w*|refus\w+|rul\w+ out|prohibit\w*|forbid\w*)",
    r"(?:cannot|can not|can['’]t|could not|not) (?:do|live|manage|work|operate|function) without",
    r"(?:never|not|cannot|n['’]t) (?:fail|miss|lose|break|stop|corrode|leak|clog|forget|hesitate|worry)\w*",
    "(?:nothing|anything|none|no \\w+) (?:other|less|but) than",
    r"any(?:thing|one|where) (?:but|except)",
    "không (?:chỉ|những|riêng|đơn thuần|giới hạn|phụ thuộc|vượt|quá|dưới|kém|thua|ngừng|loại trừ|loại bỏ|từ chối"
    "|gián đoạn|phải lo|ngại)",
    "không (?:ít|nhiều|thấp|cao|nhỏ|lớn|muộn|chậm|trễ|sớm|ngắn|dài) hơn|không (?:ít|hề kém|hề thua)",
    "không (?:phải|chỉ là|có nghĩa) (?:chỉ|là không)|không phải không|không thể (?:thiếu|không)|hay không|có không",
    "không (?:khí|gian|dây|người lái|phận|lưu|trung|quân)|hàng không|số không",
    "chưa (?:từng|bao giờ|hề) (?:thất bại|gián đoạn|sai sót|hỏng)",
)
# A negation under a condition says what happens then, and limits of place are the rules' matter.
_CONDITION = _any(
    "if|when|whenever|unless|until|nếu|khi|trường hợp|outside (?!of? ?scope)|elsewhere",
    "ngoài (?:lãnh thổ|nước|tỉnh|vùng)",
)

_SAYS_WHO = "(?:chúng tôi|chúng em|công ty|doanh nghiệp|đơn vị|hợp tác xã|bên (?:tôi|mình|em))"
_CITY = (
    "(?:we|city|council|town|province|district|ward|department|authority|administration|municipality|project"
    "|contract|scope|tender|proposal|proposals|programme|program|partner|supplier|contractor|solution)"
)
_DIGS = (
    "khoan|đục|đào|phá|tháo|xây|lắp|gắn|đặt|chặn|cắt|làm|dùng|sử dụng|phép|ghi hình|quay phim|lưu|chia sẻ"
    "|bán|chôn|đốt|xả|chuyển giao|thay"
)
_ACTS = (
    "triển khai|xây|thi công|bán|lắp|xử l[ýí]|vận hành|kinh doanh|tư vấn|đầu tư|thiết kế|sản xuất|phát triển|theo dõi"
    "|đo|thu gom|thu mua|vận chuyển|cho thuê|sửa chữa|bảo trì|đào tạo|giám sát|quản l[ýí]|khai thác|phân phối"
)
_ACTION = re.compile(rf"(?<= )(?:{_ACTS}|{_DIGS})$")
_FORWARD = {
    "capability": _any(
        "(?:do|does|is|are|have|has|can|will|would|could|may|shall)(?: not|n['’]t)",
        "cannot|never|neither|no longer|no experience|not (?:for|yet|our)|exclud(?:es|ing)|except|other than",
        "(?<=, )not(?: (?:a|an|the|for|in|on|with))?(?= \\w)",
        r"(?:refrains?|abstains?|stay away|steer clear|keep out|withdr[ae]wn?) (?:from|of)|stay out of",
        "(?:we|company|firm) (?:decline|refuse|avoid|leave|left|discontinued|stopped|ceased)",
        "no (?:plans?|intention|capacity|licence|license|interest|expertise|staff|crew) (?:to|for|in|of)",
        rf"{_SAYS_WHO}(?: \w+){{0,2}} (?:không|chưa|chẳng)",
        rf"(?:không|chưa|chẳng)(?: \w+){{0,2}}? (?:{_ACTS}|cung cấp|bao gồm|gồm|nhận|làm|thực hiện|hoạt động|hỗ trợ"
        "|tham gia|kinh nghiệm|có kinh nghiệm|dùng|sử dụng|áp dụng|phục vụ|đảm nhận|đảm nhiệm|phù hợp|tiếp nhận"
        "|can thiệp|mở rộng sang|dành cho|có (?:dịch vụ|sản phẩm|giải pháp|giấy phép|năng lực|đội))",
        "ngoại trừ|loại trừ|từ chối|chứ (?:không|chưa)|không còn|đã (?:ngừng|rút khỏi)",
        "(?<=, )không phải(?: là)?",
    ),
    "need": _any(
        "do(?:es)? not (?:want|include|cover|need|seek|wish|intend|request|ask for|call for|plan|envisage)",
        r"will not (?:be )?(?:accept|consider|fund|finance|pay|buy|purchase|procure|allow|permit|approve|include"
        r"|review|evaluate)\w*",
        "not (?:looking for|seeking|interested in|asking for|include|includ(?:es|ing)|considering|intended for)",
        "(?:have|has|had) (?:rejected|refused|banned|excluded|ruled out|opposed|objected to|turned down|voted against"
        "|decided against|forbidden|prohibited|vetoed)",
        "(?:residents|citizens|people|neighbours|council|city|community|communities) (?:reject|refuse|oppose"
        "|object to|opposed|rejected|refused)",
        "no need (?:for|of)|no (?:use|form|kind|type|sort) of|no (?:new|further|additional) (?=\\w)",
        "exclud(?:es|ing)|(?:must|shall) not|rules? out|(?:we|council|city) (?:reject|exclude)s?",
        "(?:forbids?|prohibits?|banning|bans|disallows?)(?= \\w)|under no circumstances",
        f"{_CITY} (?:cannot|can not|should not|is not to|are not to) (?:accept|use|include|involve|fund|install)",
        "không (?:bao gồm|gồm|chấp nhận|nhận|sử dụng|dùng|muốn|yêu cầu|xét|xem xét|lắp|mua|thuê|tính đến|đề nghị"
        "|cho phép|áp dụng|cần|đồng [ýí]|tán thành|kêu gọi|đặt vấn đề|có nhu cầu|nhằm)",
        rf"không được(?: \w+)? (?:{_DIGS})|không được (?:{_DIGS})|không có hạng mục",
        "loại trừ|ngoại trừ|nghiêm cấm|từ chối|phản đối|bác bỏ|chứ không(?: phải)?|cấm (?:dùng|sử dụng|lắp|xả|đốt)",
        "(?<=, )không phải(?: là)?",
    ),
}
_RULED_OUT = (
    "excluded|prohibited|forbidden|banned|ruled out|rejected|refused|disallowed|vetoed|ineligible|unacceptable|unwanted"
    "|unwelcome|barred|off limits|out of scope"
)
_ALIKE = (
    "(?:is|are|be|was|were|will|shall|can|may|would) not (?:be )?(?:\\w+ly )?(?:acceptable|accepted|allowed|wanted"
    "|suitable|suited|included|offered|covered|supported|eligible|part of|provided|permitted|desired|welcome|foreseen"
    "|envisaged|sought|considered"
    "|an option|in scope|within (?:our |the )?scope|within our remit|our business|something we)",
    "(?:is|are) (?:outside|beyond) (?:our|the|this) (?:scope|remit|mandate|contract|business|project)",
    "unacceptable|out of scope|outside (?:our|the|of) scope|beyond (?:our|the) scope|not in scope|not acceptable",
    "not (?:included|offered|provided|supported|accepted|wanted|permitted|allowed|covered)",
    "không thuộc (?:phạm vi|lĩnh vực|chức năng|ngành nghề|nhiệm vụ|gói thầu)|(?:nằm )?ngoài phạm vi"
    "|không nằm trong phạm vi|không được (?:chấp nhận|xem xét|xét|phép|tính)|không phải (?:lĩnh vực|thế mạnh|sở trường)",
    "bị (?:cấm|loại|loại trừ|từ chối|bác bỏ|phản đối)|không (?:thích hợp|nằm trong gói)",
)
# A heading whose list is denied: "Not included: scaffolding; cranes".
_HEADING = re.compile(
    r"^[\W_]*(?:exclusions?|excluded|excludes|excluding|we exclude|ruled out|out of scope|outside (?:the |our )?scope"
    r"|(?:what (?:is|we do) )?not (?:included|offered|wanted|accepted|in scope|covered|provided|do|part of \w+ \w+)"
    r"|what we do not (?:do|offer|want)|we do not (?:offer|do|want|accept)|unwanted|not our work"
    r"|(?:phần )?(?:không|chưa) (?:bao gồm|cung cấp|chấp nhận|nhận|làm|thực hiện|thuộc phạm vi)|(?:nội dung )?loại trừ"
    r"|ngoại trừ|ngoài phạm vi)[\W_]*$"
)
_BULLET = re.compile(r"^\s*(?:[-•*–+]|\d{1,2}[.)])\s")
# What was refused in the past is a story in a capability, and a decision in a need.
_WHOLE = {
    "capability": _any(rf"(?:is|are|be|stays?|remains?) (?:\w+ly )?(?:{_RULED_OUT})", *_ALIKE),
    "need": _any(rf"(?:is|are|be|been|was|were|being|stays?|remains?) (?:\w+ly )?(?:{_RULED_OUT})", *_ALIKE),
}
# An exception takes something out of what is otherwise done: it is no evidence, hardly more.
_WEAK = {
    "capability": re.compile("except|exclud|other than|ngoại trừ|loại trừ"),
    "need": re.compile("except"),
}
# A verb that is negated of others ("existing pumps do not ...") tells of a problem, which the capability may well solve.
_STATED = re.compile(
    "(?:do|does|is|are|have|has|can|will|would|could|may|shall)(?: not|n['’]t)|cannot|never|không|chưa|chẳng"
)
_VIETNAMESE = re.compile("không|chưa|chẳng")
_OWN_SUBJECT = _any(
    "we|our|ours|us|i|it|company|firm|team|business|enterprise|cooperative|vendor|supplier|service|services|offer|package"
    "|platform|system|software|product|products|kit|licence|license|price|prices|fee",
    "chúng tôi|chúng em|công ty|doanh nghiệp|đơn vị|hợp tác xã|bên|dịch vụ|gói|giải pháp|sản phẩm|hệ thống|nền tảng"
    "|phần mềm|thiết bị|giá|phí|giấy phép",
)
# A short line of its own that says no more than "No cameras", after the title.
_STARK = re.compile(
    r"^[\W_]*(?:no|không(?: có)?) (?!more\b|one\b|need\b|ai\b|có\b|biết\b|đủ\b|còn\b|thể\b|được\b|bao giờ\b)"
    r"(?P<what>(?:[^\W_][\w-]*[ /]?(?:or |hoặc |and |và )?){1,4})[\W_]*$"
)
_VERB = _any(
    "is|are|was|were|will|must|should|can|may|has|have|had|we|they|it|which|that|who|so|to|but|as|because",
    "là|cần|phải|sẽ|được|có|để|nên|đã|đang|do|vì|thì|mà|chúng tôi|thành phố|các đơn vị",
)
_NEW_SUBJECT = re.compile(
    r"(?:,| and| và)(?: and)? (?:we|our|every|the|all|it|this|they|any|both|chúng tôi|mọi|mỗi)\b"
)
_QUICK = re.compile(
    r"\bnot?\b|n['’]t\b|never|cannot|exclu|except|neither|scope|unaccept|prohibit|forbid|bann|\bbans?\b|\bbars?\b"
    r"|barred|refus|rule|reject|object|oppos|veto|declin|against|other than|outside|beyond|unwanted|unwelcome|limits"
    r"|refrain|abstain|away|clear of|keep out|stay out|withdr|avoid|leave|left|discontin|stopp|ceased"
    r"|không|chưa|chẳng|trừ|ngoài|cấm|từ chối|phản đối|bác bỏ|bị loại|dừng|ngừng|thôi|rút khỏi"
)


class Cues(NamedTuple):
    """All patterns, for texts written in one way."""

    action: re.Pattern[str]
    bullet: re.Pattern[str]
    clause_end: re.Pattern[str]
    condition: re.Pattern[str]
    forward: Mapping[str, re.Pattern[str]]
    harmless: re.Pattern[str]
    heading: re.Pattern[str]
    new_subject: re.Pattern[str]
    own_subject: re.Pattern[str]
    quick: re.Pattern[str]
    stark: re.Pattern[str]
    stated: re.Pattern[str]
    verb: re.Pattern[str]
    vietnamese: re.Pattern[str]
    weak: Mapping[str, re.Pattern[str]]
    whole: Mapping[str, re.Pattern[str]]

    def bare(self) -> Cues:
        """The same for Vietnamese without diacritics."""
        folded: dict[str, Any] = {
            name: _folded(one)
            if isinstance(one, re.Pattern)
            else {role: _folded(way) for role, way in one.items()}
            for name, one in self._asdict().items()
        }
        return Cues(**folded)


def _folded(pattern: re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(fold(pattern.pattern), pattern.flags)


WRITTEN = Cues(
    _ACTION,
    _BULLET,
    _CLAUSE_END,
    _CONDITION,
    _FORWARD,
    _HARMLESS,
    _HEADING,
    _NEW_SUBJECT,
    _OWN_SUBJECT,
    _QUICK,
    _STARK,
    _STATED,
    _VERB,
    _VIETNAMESE,
    _WEAK,
    _WHOLE,
)
BARE = WRITTEN.bare()
