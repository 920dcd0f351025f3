"""Deeds that an answer claims: files that it says were written, and a bare "done" where no step did anything."""

import re

from trivet_critic.promises import PATH, is_among
from trivet_sdk import Observed, Transcript

_DEED = (
    r"saved|stored|written|wrote|exported|dumped|recorded|created|made|produced|generated|converted|copied|rendered|appended"
    r"|added|updated|changed|edited|fixed|replaced|deleted|removed|moved|renamed|sorted|installed|sent|emailed|posted|published"
)
_I_DID = rf"(?:(?:\bI|\bwe)(?:'ve| have)?(?: now| just| also| successfully)* (?:{_DEED})\b)"
_DONE_TO = rf"(?:\b(?:has|have) (?:now |just |also |successfully )*been (?:{_DEED})\b)"
_DEED_CN = "保存|写入|写到|存入|存到|导出|生成|创建|转换|更新|修改|删除|移动|重命名|排序|安装|发送"
_DID_CN = rf"(?:已经?|我)(?:成功)?(?:将|把)?[^。！？\n]{{0,60}}?(?:{_DEED_CN})"
_CLAIM = re.compile(rf"{_I_DID}|{_DONE_TO}|{_DID_CN}|^\s*(?:{_DEED})\b(?! (?:of|by|from|in|at|on)\b)", re.IGNORECASE)
_WRITTEN = re.compile(
    rf"(?:{_I_DID}|^\s*(?:{_DEED})\b|{_DID_CN})[^\n]{{0,160}}?(?:\b(?:to|into|in|as|under|called|named)\b|到|为|成|入|在)\s*"
    rf"(?:the |a |an |new |file |文件)*[`'\"“”「」]?(?P<path>{PATH})",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"\s*(?:(?:it'?s |it is |all |that is |that's |everything is |the (?:task|goal|job|work) (?:is|has been) )?"
    r"(?:done|finished|completed?|ready|achieved|successful(?:ly completed)?)|ok(?:ay)?|success|all set"
    r"|(?:任务|目标|全部|都|一切)?(?:已经?)?(?:完成|做完|搞定|成功|好)了?)\s*[.!。！]*\s*",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|[。！？；\n]+")
_WORDS_ALONE = frozenset({"answer", "ask", "think"})


def unproven(answer: str, transcript: Transcript) -> list[str]:
    """What the answer claims to have done and nothing shows, a sentence each."""
    faults = []
    has_acted = any(
        isinstance(turn, Observed) and turn.result is not None and turn.step.tool not in _WORDS_ALONE
        for turn in transcript.turns
    )
    sentences = _SENTENCE.split(answer)
    if not has_acted and (_BARE.fullmatch(answer) or any(_CLAIM.search(sentence) for sentence in sentences)):
        faults.append("The answer says that something was done, but no step has done anything.")
    files = list(
        dict.fromkeys(path for sentence in sentences for path in _files(sentence) if not _shown(path, transcript))
    )
    faults += [f"The answer says that '{path}' was written, but no step has written it." for path in files[:3]]
    return faults


def _files(sentence: str) -> list[str]:
    return [match["path"] for match in _WRITTEN.finditer(sentence)]


def _shown(path: str, transcript: Transcript) -> bool:
    """A step wrote it, or was at least handed its name: not every tool tells which files it writes."""
    if is_among(path, transcript.artifacts):
        return True
    return any(
        isinstance(turn, Observed) and turn.result is not None and turn.step.tool not in _WORDS_ALONE
        and path in str(turn.step.arguments)
        for turn in transcript.turns
    )  # fmt: skip
