"""The interactive level: whoever stands at the device says what there was to see, and is believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from drivers.checking.words import Text
from edge.diag.judging.causes import Cause
from edge.diag.judging.judgement import Judgement
from edge.diag.words import Words

Asked = Callable[[str], str]  # "y", "n" or "?"

_NOT_SEEN = Cause(
    "not_seen",
    Text(
        "线路上它应答正常，但现场没有看到或听到该有的",
        "its line says that it was done, and nothing came of it that can be seen or heard",
    ),
    Text(
        "问题在看得见的一头：打印机看纸卷是否装反、打印头是否脏；屏和呼叫器看显示部分的电源和排线；音箱看音量和插头；"
        "评价器看亮灯的那根线",
        "look at the end that is seen: a printer's roll may lie the wrong way round, or its head be dirty; "
        "of a board, strip or caller look at the display's power and ribbon; of a loudspeaker at volume and "
        "plug; of a pad at the wire of its lamps",
    ),
)
_SEEN = Text("现场看到了，正常", "it was seen at the device, and was right")
_UNSEEN = Text("现场没有看到或不对", "it was not seen at the device, or was wrong")


def interviewed(each: Judgement, words: Words, ask: Asked) -> Judgement:
    """Where it has done what can be seen; a device that did not is judged already."""
    if not each.look.zh or each.verdict == "fault":
        return each
    answer = ask(words.pick(each.look.zh, each.look.en))
    if answer == "y":
        verdict = "ok" if each.verdict == "unknown" else each.verdict
        return replace(each, verdict=verdict, evidence=(*each.evidence, _SEEN), look=Text())
    if answer == "n":
        evidence = (*each.evidence, _UNSEEN)
        return replace(each, verdict="fault", cause=_NOT_SEEN, evidence=evidence, look=Text())
    return each
