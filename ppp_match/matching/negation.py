"""What a text says it does not do.

Here: `negated`, which marks the tokens of negated clauses in Vietnamese and English. A capability's plain
"we do not ..." counts; a need describes problems in the negative ("nobody knows when the bus comes"), so
only what it clearly rules out counts there. Not here: how such words weigh (index.py).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence

from .text import Token, tokenise

__all__ = ["EXCEPTION", "REFUSAL", "negated"]

# How much a word counts against, where the same word said of what is done counts one for.
REFUSAL = 0.5  # "we do not ...", "X is excluded"
EXCEPTION = 0.05  # "all of X except Y": hardly more than no evidence


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{one})\b" for one in alternatives))


_CLAUSE_END = re.compile(
    r"[.;!?:](?=\s|$)|\n"
    r"|[,\s](?:but|while|although|whereas|however|instead|nhưng|tuy nhiên|song|mà chỉ|thay vào đó)\b",
    re.IGNORECASE,
)
# Not a negation of the thing: "not only", "không chỉ", conditions, limits of place (rules know them better).
_NOT_ONLY = _any(
    "not (?:only|just|merely|limited|depend|rely|require|need|exceed)",
    "không (?:chỉ|những|cần|giới hạn|vượt|phụ thuộc)",
    "if|when|unless|until|without|nếu|khi|outside|beyond|elsewhere",
    "ngoài (?:lãnh thổ|nước|tỉnh|vùng)",
)
_FORWARD = {
    "capability": _any(
        "(?:do|does|did|is|are|was|were|have|has|can|will|could|would)(?: not|n['’]t)",
        "cannot|never|neither|no longer|no experience|not (?:for|yet)|exclud(?:es|ing)|except",
        r"(?:không|chưa|chẳng)(?: \w+){0,2}? (?:cung cấp|bao gồm|nhận|làm|triển khai|thực hiện|hoạt động"
        "|hỗ trợ|xây|thi công|bán|lắp|tham gia|kinh nghiệm|có kinh nghiệm|dùng|sử dụng|áp dụng|xử lý|vận hành"
        "|phục vụ|kinh doanh|tư vấn|đảm nhận|đầu tư|thiết kế|sản xuất|phù hợp|phát triển|theo dõi|đo|thu gom"
        "|dành cho|có (?:dịch vụ|sản phẩm|giải pháp|giấy phép|năng lực|đội))",
        "ngoại trừ|loại trừ",
    ),
    "need": _any(
        "do(?:es)? not (?:want|include|cover|need|seek)|not (?:looking for|interested in|include)",
        "(?:have|has) (?:rejected|refused|banned|excluded|ruled out)|no need (?:for|of)",
        "excluding|must not|rules? out|we (?:reject|exclude)",
        "không (?:bao gồm|chấp nhận|nhận|sử dụng|dùng|muốn|yêu cầu|xét|lắp)",
        "không được (?:phép|dùng|sử dụng|lắp|làm)|loại trừ|nghiêm cấm|cấm (?:dùng|sử dụng|lắp)",
    ),
}
_WHOLE = _any(
    "(?:is|are|be) (?:explicitly |strictly )?(?:excluded|prohibited|forbidden|banned|ruled out)",
    "(?:is|are|be) not (?:acceptable|accepted|allowed|wanted|suitable|suited|included|offered|covered"
    "|supported|eligible|part of|provided|permitted)",
    "unacceptable|out of scope|outside (?:our|the) scope|not in scope|not acceptable",
    "không thuộc phạm vi|ngoài phạm vi|không được chấp nhận|không được phép|bị cấm|bị loại trừ",
)
_QUICK = re.compile(
    r"not\b|n['’]t\b|never|cannot|exclud|except|no longer|no experience|no need|neither|scope|unaccept"
    r"|prohibit|forbid|banned|refus|rule|reject|không|chưa|chẳng|loại trừ|ngoại trừ|ngoài phạm vi|cấm"
)
_EXCEPTIONS = ("except", "exclud", "ngoại trừ", "loại trừ")


_NEW_SUBJECT = re.compile(
    r"(?:,| and| và)(?: and)? (?:we|our|every|the|all|it|this|they|any|both|chúng tôi|mọi|mỗi)\b"
)


def _scope(clause: str, cue: re.Match[str], role: str, *, whole: bool) -> tuple[int, int]:
    """Where the negation begins and ends in the clause: what stands in brackets stays there, an exception and
    what a need rules out ends at the next comma, and a new subject ends it anyway."""
    start, ends = (0 if whole else cue.start()), [len(clause)]
    if clause.count("(", 0, cue.start()) > clause.count(")", 0, cue.start()):
        start = max(start, clause.rfind("(", 0, cue.start()))
        ends.append(clause.find(")", cue.end()))
    if role == "need" or cue.group().startswith(_EXCEPTIONS):
        ends.append(clause.find(",", cue.end()))
        if whole:
            start = max(start, clause.rfind(",", 0, cue.start()) + 1)
    if subject := _NEW_SUBJECT.search(clause, cue.end()):
        ends.append(subject.start())
    return start, min(end for end in ends if end >= 0)


def negated(text: str, tokens: Sequence[Token], role: str) -> list[float]:
    """For each token how much it counts against, 0 where it is not negated; `role` is "capability" or
    "need"."""
    flags = [0.0] * len(tokens)
    if not unicodedata.is_normalized("NFC", text):  # the same tokens, so the same flags
        text = unicodedata.normalize("NFC", text)
        tokens = tokenise(text)
        if len(tokens) != len(flags):
            return flags
    if not _QUICK.search(text.lower()):
        return flags
    starts = [token.start for token in tokens]
    begin = 0
    bounds = [match.start() for match in _CLAUSE_END.finditer(text)] + [len(text)]
    for end in bounds:
        first, last = bisect_left(starts, begin), bisect_left(starts, end)
        clause = re.sub(r"\s+", " ", text[begin:end]).lower()
        begin = end
        if first == last or _NOT_ONLY.search(clause):
            continue
        whole = _WHOLE.search(clause)
        cue = whole or _FORWARD[role].search(clause)
        if cue is None:
            continue
        start, stop = _scope(clause, cue, role, whole=whole is not None)
        at, until = (min(last, first + len(tokenise(clause[:place]))) for place in (start, stop))
        strength = EXCEPTION if whole is None and cue.group().startswith(_EXCEPTIONS) else REFUSAL
        flags[at:until] = [strength] * max(0, until - at)
    return flags
