"""What a citizen is told where the services could not, or would not: plain, kind, and with a way on."""

from __future__ import annotations

from edge.upstream.port import Away, Nonsense, Refused, UpstreamError
from edge.wire import Reply

_ELSEWHERE = ("请到窗口办理，或请工作人员帮助", "Please go to a window, or ask the staff.")
AWAY = (
    "网上服务暂时连不上，请稍后再试，或到窗口办理",
    "The online services cannot be reached now. Please try again later, or go to a window.",
)
NONSENSE = (
    "网上服务的答复有误，请稍后再试，或到窗口办理",
    "The online services gave an answer that cannot be right. Please try again later, or go to a window.",
)
REFUSED = (f"网上服务没有受理，{_ELSEWHERE[0]}", f"The online services did not accept this. {_ELSEWHERE[1]}")

# By the code of a problem, which the services or the node itself has.
WORDS: dict[str, tuple[str, str]] = {
    "unknown_case": (
        "没有查到这个办件，请核对回执上的 14 位编号",
        "There is no case of this number. Please check the 14 digits on your receipt.",
    ),
    "unknown_person": (
        f"网上服务查不到这张证件的信息，{_ELSEWHERE[0]}",
        f"The online services do not know this card. {_ELSEWHERE[1]}",
    ),
    "wrong_number": (
        "没有读清楚，请把证件拿开，再放一次",
        "It was not read clearly. Please take the card away and lay it on again.",
    ),
    "visit_over": (
        "为保护您的信息，本次查询已结束，请重新放上证件",
        "To protect your data this visit has ended. Please lay your card on the reader again.",
    ),
    "unknown_service": (
        "这项业务不能在这里预约，请到咨询台询问",
        "This service cannot be booked here. Please ask at the information desk.",
    ),
    "slot_taken": (
        "这个时间刚被约满，请另选一个时间",
        "That time has just been taken. Please choose another one.",
    ),
    "no_such_time": (
        "这个时间不能预约，请另选一个时间",
        "That time cannot be booked. Please choose another one.",
    ),
    "too_many": (
        "您的预约已达上限，请先取消一个再预约",
        "You have as many appointments as one can have. Please cancel one first.",
    ),
    "unknown_appointment": (
        "没有找到这个预约，它可能已经取消",
        "There is no such appointment. It may have been cancelled.",
    ),
    "not_yours": (
        "这项税费不属于这张证件的持有人，请用纳税人本人的证件",
        "This tax is owed by somebody else. Please use the taxpayer's own card.",
    ),
    "unknown_obligation": (
        "没有这项应缴税费，请返回重新查看",
        "Nothing of this kind is owed. Please go back and look again.",
    ),
    "wrong_value": (
        "填报的数值不能这样申报，请核对后再试",
        "A value cannot be declared like this. Please check it and try again.",
    ),
    "amount_changed": (
        "应缴金额有变化，没有扣款，请核对新的金额",
        "The sum has changed. Nothing was charged. Please check the new sum.",
    ),
    "already_paid": (
        "这项税费已经缴过，不会再扣款，可以补打凭证",
        "This has been paid already and is not charged again. You can print the receipt.",
    ),
    "in_payment": (
        "这项税费正在缴款，请先完成或等它结束（几分钟）",
        "This is being paid just now. Please finish that payment, or wait until it ends in a few minutes.",
    ),
    "nothing_to_pay": ("这项税费没有应缴金额，不用付款", "There is nothing to pay for this."),
}


def refusal(request_id: str, code: str) -> Reply:
    """In our own name, with the code of a problem."""
    zh, en = WORDS.get(code, REFUSED)
    return Reply(id=request_id, result="rejected", code=code, zh=zh, en=en)


def not_done(request_id: str, error: UpstreamError, *, changes: bool = False) -> Reply:
    """The answer for a citizen. `changes`: something was to be done, and after silence nobody knows whether
    it was."""
    match error:
        case Refused():
            reply = refusal(request_id, error.code)
            more = {} if error.total_fen is None else {"total_fen": error.total_fen}
            return reply.model_copy(update={"data": more})
        case Nonsense():
            code, (zh, en) = "upstream_nonsense", NONSENSE
        case _:
            code, (zh, en) = "upstream_away", AWAY
    known = isinstance(error, Away) and error.code in NOT_ASKED
    result = "unknown" if changes and not known else "failed"
    return Reply.model_validate({"id": request_id, "result": result, "code": code, "zh": zh, "en": en})


# Of `Away`: codes with which certainly nothing reached the services.
NOT_ASKED = frozenset(
    {"resting", "unreachable", "no_credentials", "unauthorised", "tls"}
    | {"certificate", "certificate_expired", "certificate_not_yet", "certificate_name"}
)
