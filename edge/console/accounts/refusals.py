"""Why something about an account is not done, in the words of who asked."""

from __future__ import annotations

import logging
from typing import NamedTuple

log = logging.getLogger(__name__)


class Words(NamedTuple):
    zh: str
    en: str


class Refused(Exception):
    """Nothing has changed. Its words say why, and what to do. `status`: as HTTP has it."""

    status = 409

    def __init__(self, words: Words) -> None:
        super().__init__(f"{words.zh} · {words.en}")
        self.words = words


AWAY = Words(
    "统一登录现在连不上，请稍后再试，或用本地账号登录。",
    "The login service cannot be reached now. Please try again later, or log in with an account of here.",
)


class ServiceAway(Refused):
    """The login service does not answer, or not as it should; `why` is for the log."""

    status = 502

    def __init__(self, why: str) -> None:
        super().__init__(AWAY)
        log.warning("the login service: %s", why[:500].replace("\n", " "))


BAD_NAME = Words(
    "账号名用 2 到 32 个小写字母、数字或 . _ -，以字母或数字开头。",
    "An account's name has 2 to 32 small letters, digits or . _ -, and begins with a letter or digit.",
)
BAD_SHOWN = Words(
    "请写称呼，最多 32 个字。", "Please write how the person is called, in at most 32 characters."
)
BAD_HALL = Words("没有这个大厅，请从列表中选。", "There is no such hall. Please choose one of the list.")
NAME_TAKEN = Words("这个账号名已经有了，请另选一个。", "This name is taken. Please choose another.")
NO_ACCOUNT = Words("没有这个账号。", "There is no such account.")
LAST_MANAGER = Words(
    "这是最后一位管理全部大厅的管理员，要先有另一位。",
    "This is the last manager of all halls. There has to be another one first.",
)
DISABLED = Words("这个账号已停用，请先恢复。", "This account is disabled. Please restore it first.")
NOT_LOCAL = Words(
    "这个账号由统一登录管理，密码在那边改。",
    "This account is kept by the login service: its password is changed there.",
)
LINK_GONE = Words(
    "这个链接已经用过或已过期，请让管理员再发一个。",
    "This link has been used or is too old. Please ask a manager for another.",
)
PASSWORD_SHORT = Words("密码至少 12 个字符。", "A password has at least 12 characters.")
PASSWORD_LONG = Words("密码最多 128 个字符。", "A password has at most 128 characters.")
PASSWORD_COMMON = Words(
    "这个密码太容易猜到，请换一个，比如几个不相干的词。",
    "This password is easily guessed. Please choose another, such as a few unrelated words.",
)
PASSWORDS_DIFFER = Words("两次写的密码不一样。", "The two passwords differ.")
PASSWORD_WRONG = Words("现在的密码不对。", "The present password is not right.")
CODE_WRONG = Words(
    "验证码不对或已用过，请等下一个再试。",
    "The code is not right or has been used. Please wait for the next one.",
)
BAD_LABEL = Words(
    "请写明给哪个程序用，最多 32 个字。", "Please write which program it is for, in at most 32 characters."
)
BAD_LIFE = Words("令牌最多用 365 天。", "A token lasts 365 days at most.")
TOO_MANY_TOKENS = Words(
    "一个账号最多 10 个令牌，请先撤销不用的。",
    "An account has 10 tokens at most. Please end those that are not used.",
)
NOT_BELIEVED = Words(
    "统一登录没有成功，请重新登录；再不行请联系技术人员。",
    "Logging in by the login service has failed. Please try again; if it fails again, tell the technicians.",
)
NO_ROLE = Words(
    "统一登录没有给您这里的角色，请联系中心管理员。",
    "The login service gives you no role here. Please ask the centre's manager.",
)
NO_HALL = Words(
    "统一登录没有说您属于哪个大厅，请联系中心管理员。",
    "The login service does not say which hall is yours. Please ask the centre's manager.",
)
NAME_OF_OTHER = Words(
    "这里已有同名的账号，不能用统一登录进入。请联系中心管理员。",
    "There is another account of your name here, so the login service cannot let you in. "
    "Please ask the centre's manager.",
)
DISABLED_SELF = Words(
    "您的账号已停用，请联系中心管理员。",
    "Your account is disabled. Please ask the centre's manager.",
)
