"""Every reason why the rules do nothing, in the words of the person who asked, with a way on."""

from __future__ import annotations

from types import MappingProxyType

from edge.rules.effects import Refuse
from edge.rules.model import Decision, Rejection

REJECTIONS = MappingProxyType(
    {
        # said to citizens
        "unknown_service": (
            "没有找到这项业务，请到咨询台询问。",
            "This service was not found. Please ask at the enquiry desk.",
        ),
        "closed_until": (
            "这项业务现在不办理，请 {time} 起再来取号。",
            "This service is closed just now. Please take a ticket from {time} on.",
        ),
        "closed_today": (
            "这项业务今天不再办理，请改日再来。",
            "This service is closed for today. Please come another day.",
        ),
        "unknown_priority": (
            "没有找到这种优先类别，请到咨询台询问，或取普通号。",
            "This priority class was not found. Please ask at the enquiry desk, or take an ordinary ticket.",
        ),
        "unknown_item": (
            "没有找到这个事项，请核对，或只按业务取号。",
            "This item was not found. Please check it, or take a ticket of its service alone.",
        ),
        "item_elsewhere": (
            "这个事项不属于所选的业务，请选择它所属的业务，或到咨询台询问。",
            "This item belongs to another service. Please choose that one, or ask at the enquiry desk.",
        ),
        "item_code": (
            "事项编码应为 1 到 64 位字母、数字或 . _ -，请核对。",
            "An item's code has 1 to 64 letters, digits, or . _ -. Please check it.",
        ),
        "unknown_ticket": (
            "没有找到这个号，请核对号码；今天的号才有效。",
            "This number was not found. Please check it; only today's numbers are valid.",
        ),
        "called_now": (
            "正在叫这个号，请看屏幕上的窗口。",
            "This number is being called. Please see the screen for the window.",
        ),
        "ticket_done": (
            "这个号已办结，再办请重新取号。",
            "This number has been served. For anything else please take a new ticket.",
        ),
        "ticket_expired": (
            "这个号过号次数已满，已失效，请重新取号。",
            "This number was missed too often and has expired. Please take a new ticket.",
        ),
        "unknown_appointment": (
            "没有找到这个预约，请到咨询台询问，或取普通号。",
            "This appointment was not found. Please ask at the enquiry desk, or take an ordinary ticket.",
        ),
        "appointment_early": (
            "还没到签到时间，请 {time} 起再来签到。",
            "It is too early to check in. Please check in from {time} on.",
        ),
        "appointment_late": (
            "预约时间已过，请取普通号办理。",
            "The time of this appointment has passed. Please take an ordinary ticket.",
        ),
        "appointment_day": (
            "这个预约是 {day} {time} 的，请当天再来，或取普通号。",
            "This appointment is for {day} {time}. Please come then, or take an ordinary ticket.",
        ),
        "appointment_used": (
            "这个预约已经签到，号码是 {ticket}，请听候叫号。",
            "This appointment has been checked in already: number {ticket}. Please listen for it.",
        ),
        "cannot_print": (
            "打印机暂时不能出票，请到咨询台取号。",
            "The ticket printer cannot print just now. Please take a ticket at the enquiry desk.",
        ),
        "numbers_spent": (
            "这项业务今天的号已取完，请到咨询台询问。",
            "All of today's numbers for this service have been given out. Please ask at the enquiry desk.",
        ),
        "in_payment": (
            "这笔申报正在缴款，请稍候再试；没有重复扣款。",
            "This declaration is being paid already. Please try again shortly; nothing is charged twice.",
        ),
        "already_paid": (
            "这笔申报已经缴款，不用再缴；需要凭证请补打。",
            "This declaration is paid already. Please print its receipt again if you need one.",
        ),
        "payment_key_used": (
            "这次缴款已经结束，请重新开始；没有重复扣款。",
            "This payment is over. Please begin again; nothing was charged twice.",
        ),
        "payment_sums": (
            "金额对不上，没有扣款，请重新申报。",
            "The sums do not add up. Nothing was charged. Please declare again.",
        ),
        "payments_full": (
            "本机今天不能再缴款，没有扣款，请换一台机器，或到窗口办理。",
            "This machine can take no more payments today. Nothing was charged. Please use another one.",
        ),
        "unknown_payment": (
            "没有找到这笔缴款，请核对，或放上身份证查找。",
            "This payment was not found. Please check it, or lay your ID card on the reader to find it.",
        ),
        "receipt_not_paid": (
            "这笔缴款没有完成，没有凭证；如果扣了款会自动退回，要缴款请重新办理。",
            "There is no receipt: it was not paid. Anything taken is given back. To pay, please begin again.",
        ),
        "receipt_no_printer": (
            "打印机暂时不能打印，缴款不受影响，请稍后补打凭证。",
            "The printer cannot print just now. The payment is safe; please print its receipt later.",
        ),
        "receipts_enough": (
            "这张凭证今天已打印多次，还需要请到窗口办理。",
            "This receipt was printed several times today. For another copy please go to a window.",
        ),
        "nothing_to_rate": (
            "现在没有待评价的业务，办结后欢迎评价。",
            "There is nothing to rate just now. Please rate once your business is done.",
        ),
        "unknown_act": (
            "没有找到这件业务，请核对；今天办结的业务才能评价。",
            "This business was not found. Please check it; only what was done today can be rated.",
        ),
        "act_not_over": (
            "这件业务还没有办结，办结后欢迎评价。",
            "This business is not done yet. Please rate once it is.",
        ),
        "rating_over": (
            "这件业务已经评价过，或评价时间已过；每件评价一次，欢迎下次评价。",
            "This business has been rated, or the time to rate it is over. Please rate next time.",
        ),
        "rated_already": (
            "这个号已经评价过，每件业务评价一次，欢迎下次评价。",
            "This number has been rated already; each is rated once. Please rate next time.",
        ),
        "not_served": (
            "这个号没有办理业务，请在办结后评价。",
            "Nothing was done for this number. Please rate once your business is done.",
        ),
        "unknown_reason": (
            "没有 {reason} 这个评价理由，请从列出的理由中选择。",
            "There is no reason {reason}. Please choose from those that are listed.",
        ),
        "reason_of_other_level": (
            "理由 {reason} 不属于所选的评价等级，请选择该等级的理由。",
            "Reason {reason} is not one of the chosen level. Please choose reasons of that level.",
        ),
        "reason_twice": (
            "理由 {reason} 选了两次，请每个理由只选一次。",
            "Reason {reason} was given twice. Please give each reason once.",
        ),
        # said to window staff, of express lanes
        "unknown_lane": (
            "没有这条快速通道，请核对名称。",
            "There is no such express lane. Please check its name.",
        ),
        "project_no_ticket": (
            "当前没有在办的号，请先叫号，再开快速通道。",
            "Nobody is being served here. Please call a ticket first, then open the express lane.",
        ),
        "project_known": (
            "这个号已经进了快速通道，请直接办下一步。",
            "This ticket is in an express lane already. Please go on with its next step.",
        ),
        "projects_full": (
            "快速通道里的项目太多，请先办结一些。",
            "There are too many projects in the express lanes. Please close some first.",
        ),
        "unknown_project": (
            "没有这个在办项目，请核对小票上的日期和号码。",
            "There is no such open project. Please check the day and number on its slip.",
        ),
        "unknown_step": (
            "这条通道没有这一步，请核对步骤。",
            "The lane has no such step. Please check it.",
        ),
        "step_elsewhere": (
            "这一步不在本窗口办，请到有这项业务的窗口办理。",
            "This step is not done at this window. Please do it at one that has its service.",
        ),
        "step_done": (
            "这一步已经办完，请办下一步。",
            "This step has been done already. Please go on with the next one.",
        ),
        "step_early": (
            "前面的步骤还没办完：{steps}，请先办这些。",
            "Steps before it are still to be done ({steps}). Please do them first.",
        ),
        # said to window staff, of fees
        "receipt_code": (
            "票据号应为 1 到 64 位字母、数字或 . _ -，不用身份证号，请核对。",
            "Please use 1 to 64 letters, digits, or . _ - for a receipt, and never an identity number.",
        ),
        "receipt_used": (
            "这个票据号已经记过另一笔收费，请核对；另一笔收费要用另一个票据号。",
            "This receipt stands for another charge already. Please check it; each charge has its own.",
        ),
        "fee_no_act": (
            "今天没有叫过这件业务，请核对日期和号码，或不写 act。",
            "No such act has been called today. Please check its day and number, or leave out act.",
        ),
        "fee_item": (
            "配置里没有这个事项，请核对编码，或不写 item。",
            "There is no such item here. Please check its code, or leave out item.",
        ),
        "fee_unknown": (
            "没有找到这笔收费，请核对票据号；太早的收费本机不再保存，请按财务规定退。",
            "There is no such charge. Please check the receipt; what is no longer kept goes by the books.",
        ),
        "refund_too_much": (
            "退费不能超过所收：这张票据还可退 {left} 元，请核对金额。",
            "Please check the amount: {left} yuan are left of this receipt, and no more is given back.",
        ),
        "fees_full": (
            "今天记的收费太多，记不下了，请联系管理员。",
            "Too many charges have been kept today. Please tell the administrator.",
        ),
        # said to who books
        "appointment_reference": (
            "预约编号请用 8 到 64 位字母、数字或 - _，不用身份证号和手机号。",
            "Please use 8 to 64 letters, digits, - or _, and never an identity or telephone number.",
        ),
        "appointment_known": (
            "这个预约编号已有别的时间，请先取消，再预约。",
            "This reference has another time already. Please cancel it first, then book again.",
        ),
        "appointment_past": (
            "这个时间已经过去，请选以后的时间。",
            "That time has passed. Please choose a later one.",
        ),
        "appointment_far": (
            "这个日期太远，还不能预约，请选近一些的日期。",
            "That day is too far ahead. Please choose an earlier one.",
        ),
        "appointment_closed": (
            "那个时间不办理这项业务，请选开放的时间。",
            "That service is closed then. Please choose a time at which it is open.",
        ),
        "appointment_slot": (
            "这个时段已约满，请选别的时段。",
            "That time is fully booked. Please choose another one.",
        ),
        "appointments_full": (
            "预约总数已满，请过几天再约，或直接来取号。",
            "No more appointments can be kept. Please book in some days, or just come and take a ticket.",
        ),
        # said to who writes on the boards
        "notice_too_long": (
            "通知太长，请缩短到 200 字以内。",
            "The notice is too long. Please shorten it to 200 characters.",
        ),
        "notice_not_text": (
            "通知里有换行或不能显示的字符，请写成一行文字。",
            "The notice has line breaks or characters that cannot be shown. Please write one line of text.",
        ),
        # said to window staff
        "unknown_window": (
            "配置中没有这个窗口，请联系管理员。",
            "This window is not configured. Please tell the administrator.",
        ),
        "not_logged_in": (
            "请先登录：输入工号，再按登录键。",
            "Please log in first: type your staff number, then press log in.",
        ),
        "staff_number": (
            "工号应为 1 到 16 位数字，请重新输入后再登录。",
            "A staff number has 1 to 16 digits. Please type it again, then log in.",
        ),
        "paused": (
            "窗口已暂停，请先按恢复键，再叫号。",
            "The window is paused. Please press resume, then call.",
        ),
        "queue_empty": (
            "现在没有人等候，有人取号后再叫号即可。",
            "Nobody is waiting. Call again once someone has taken a ticket.",
        ),
        "no_such_ticket": (
            "这个号不在本窗口等候，请核对号码，或直接叫下一位。",
            "This number is not waiting for this window. Please check it, or call the next one.",
        ),
        "ticket_expired_here": (
            "这个号过号次数已满，已失效，请办事人重新取号。",
            "This number was missed too often and has expired. Please let the person take a new ticket.",
        ),
        "nothing_called": (
            "当前没有叫到的号，请先叫号。",
            "No ticket has been called here. Please call one first.",
        ),
        "already_serving": (
            "正在办理中，办完请按结束或评价键。",
            "Service has begun. Please press finish or evaluate when it is done.",
        ),
        "called_enough": (
            "已叫满次数，请按过号键；来人后可按号码再叫。",
            "Called often enough. Please press skip; if the person comes, call the number.",
        ),
        "nothing_to_finish": (
            "当前没有在办的业务，请先叫号。",
            "Nobody is being served here. Please call a ticket first.",
        ),
        "nothing_to_hold": (
            "当前没有可以保留的号，请先叫号。",
            "There is no ticket here to put by. Please call one first.",
        ),
        "hold_minutes": (
            "保留时间应为 1 到 120 分钟，请重新输入后再按保留键。",
            "A ticket is put by for 1 to 120 minutes. Please type them again, then press hold.",
        ),
        "ticket_open": (
            "当前号还没有办结，请先结束、过号、取消、保留或转移。",
            "A ticket is still open here. Please finish, skip, cancel, hold or transfer it first.",
        ),
        "nothing_to_transfer": (
            "当前没有可以转移的号，请先叫号。",
            "There is no ticket here to send on. Please call one first.",
        ),
        "transfer_where": (
            "请先输入窗口号，再按转移键。",
            "Please type the number of the window first, then press transfer.",
        ),
        "transfer_no_window": (
            "没有这个窗口，请核对窗口号。",
            "There is no such window. Please check its number.",
        ),
        "transfer_itself": (
            "这个号就在这里办理，请选择别的窗口或业务。",
            "The ticket is here already. Please choose another window or service.",
        ),
        "transfer_no_service": (
            "那里不办这项业务，请选择别的窗口或业务。",
            "That service is not given there. Please choose another window or service.",
        ),
        "transfer_until": (
            "那里按排班 {time} 才开，请选择别的窗口，或保留这个号。",
            "By the roster that opens at {time}. Please choose another window, or hold the ticket.",
        ),
        "transfer_closed_today": (
            "那里按排班今天不再开，请选择别的窗口，或请办事人改日再来。",
            "By the roster that is closed for today. Please choose another window, or ask for another day.",
        ),
        "transfer_closed": (
            "那里现在没有人办理，请选择别的窗口，或保留这个号。",
            "Nobody is there now. Please choose another window, or hold the ticket.",
        ),
    }
)


def rejection(code: str, **words: str) -> Rejection:
    zh, en = REJECTIONS[code]
    return Rejection(code, zh.format(**words), en.format(**words))


def refused(code: str, **words: str) -> Decision:
    """Nothing happens, and who asked is told why. `words`: what the text names."""
    return Decision(rejection=rejection(code, **words))


def refused_at(window: str, code: str, **words: str) -> Decision:
    """The same, to the person at a window's caller, which beeps."""
    return Decision(effects=(Refuse(window),), rejection=rejection(code, **words))
