"""Why a broker is not reached or lets nobody in, by what the network and TLS say: in words, with a remedy."""

from __future__ import annotations

import re
from dataclasses import dataclass

from drivers.checking.words import Text
from edge.control import ControlError


@dataclass(frozen=True, slots=True)
class Refusal:
    """`said`: the pattern of what the network or TLS says."""

    code: str
    said: str
    what: Text
    next: Text


# The first that fits. "alert" is what the broker says of our certificate, "verify failed" what we say of its.
REFUSALS = (
    Refusal(
        "certificate_expired",
        "alert certificate expired",
        Text(
            "消息服务器说我们的证书已过期",
            "the broker says that our certificate has expired",
        ),
        Text(
            "在保管 CA 的机器上 hallctl broker renew，把新的 client.crt 放过来；没到期就核对服务器的时钟",
            "hallctl broker renew where the authority is kept, then put the new client.crt here; if "
            "it has not expired, look at the broker's clock",
        ),
    ),
    Refusal(
        "certificate_revoked",
        "alert certificate revoked",
        Text(
            "我们的证书已被作废",
            "our certificate has been revoked",
        ),
        Text(
            "确认还该连接的，用 hallctl broker provision 另签一张",
            "if this machine is still to connect, have a new one made by hallctl broker provision",
        ),
    ),
    Refusal(
        "certificate_unknown",
        "alert (unknown ca|bad certificate|decrypt error|unsupported certificate|certificate unknown)",
        Text(
            "消息服务器不认我们的证书：它不是这个大厅的 CA 签的，或不是给客户端用的",
            "the broker does not take our certificate: another authority signed it, or it is none of "
            "a client",
        ),
        Text(
            "用这个大厅 CA 目录里的 client.crt 和 client.key（hallctl broker list 列出）",
            "take client.crt and client.key of this hall's authority (hallctl broker list has them)",
        ),
    ),
    Refusal(
        "certificate_required",
        "certificate required|alert handshake failure",
        Text(
            "消息服务器要证书，我们没有出示",
            "the broker asks for a certificate, and none was shown",
        ),
        Text(
            "hallctl 加 --cert 和 --key；节点在 [mqtt] 写 cert 和 key",
            "give hallctl --cert and --key; a node has cert and key in [mqtt]",
        ),
    ),
    Refusal(
        "broker_expired",
        "verify failed: certificate has expired",
        Text(
            "消息服务器的证书已过期（按本机的时钟）",
            "the broker's certificate has expired, by this machine's clock",
        ),
        Text(
            "先看本机的时间对不对（timedatectl）；对就在保管 CA 的机器上 hallctl broker renew，"
            "把 broker.crt 放到服务器并重启 mosquitto",
            "look at this machine's clock (timedatectl); if it is right, hallctl broker renew where "
            "the authority is kept, put broker.crt on the broker and restart mosquitto",
        ),
    ),
    Refusal(
        "clock_behind",
        "verify failed: certificate is not yet valid",
        Text(
            "消息服务器的证书还没生效：多半是本机的时钟错了",
            "the broker's certificate is not valid yet: likely this machine's clock is wrong",
        ),
        Text(
            "对时：timedatectl set-ntp true；主板电池没电时更换（CR2032）。在这之前事件都留在本机，不会丢",
            "set the clock: timedatectl set-ntp true; replace an empty battery on the board "
            "(CR2032). Until then all events stay on the node, and none is lost",
        ),
    ),
    Refusal(
        "broker_name",
        "hostname mismatch|IP address mismatch|not valid for",
        Text(
            "消息服务器的证书里没有这个地址",
            "the broker's certificate is not for this name or address",
        ),
        Text(
            "用证书里的名字连接，或用 hallctl broker provision --host 补上这个名字",
            "connect by a name that stands in it, or add this one by hallctl broker provision --host",
        ),
    ),
    Refusal(
        "broker_unknown",
        "verify failed|wrong version number|record layer failure",
        Text(
            "对方的证书不是我们的 CA 签的：CA 文件不对，或这不是我们的消息服务器",
            "the certificate there was not signed by our authority: a wrong ca.crt, or a broker that "
            "is not ours",
        ),
        Text(
            "核对地址；ca 用签发服务器证书的那个目录里的 ca.crt",
            "compare the address; ca is the ca.crt of the authority that signed the broker's certificate",
        ),
    ),
    Refusal(
        "files_unusable",
        "certificates cannot be used",
        Text(
            "证书或密钥文件读不了",
            "the files of certificate and key cannot be used",
        ),
        Text(
            "检查路径和权限；ca.crt、client.crt、client.key 要来自同一个目录",
            "look at their paths and rights; ca.crt, client.crt and client.key come from one folder",
        ),
    ),
    Refusal(
        "password",
        "not authori[sz]ed|bad user ?name or password",
        Text(
            "消息服务器不接受用户名或口令",
            "the broker does not take the user name or the password",
        ),
        Text(
            "核对地址里的用户名和 --password-file；节点看 [mqtt] 的 username 和 password_file",
            "compare the user in the address and --password-file; of a node username and "
            "password_file in [mqtt]",
        ),
    ),
    Refusal(
        "plain",
        "closed before it was accepted.*reset by peer",
        Text(
            "消息服务器接了就断：多半它要加密连接",
            "the broker hangs up at once: likely it wants an encrypted connection",
        ),
        Text(
            "地址写成 mqtts://，并给出 ca、cert、key",
            "write mqtts:// in its address, and give ca, cert and key",
        ),
    ),
    Refusal(
        "acl",
        "access list refuses",
        Text(
            "消息服务器的访问表不允许我们订阅",
            "the broker's access list does not let us hear",
        ),
        Text(
            "核对访问表里本用户的权限；用 hallctl broker provision 生成的可以直接用",
            "see what its access list grants this user; the one that hallctl broker provision writes will do",
        ),
    ),
)
AWAY = Refusal(
    "away",
    "",
    Text("连不上消息服务器", "the broker is not reached"),
    Text(
        "核对地址和端口，再看网络和服务器上的 mosquitto",
        "check the broker's address and port, then the network and mosquitto on the broker",
    ),
)


class TurnedAway(ControlError):
    """`said`: the cause in both languages, with what the network said of it."""

    def __init__(self, cause: str) -> None:
        found = refusal(cause)
        super().__init__(cause, found.next.en, found.next.zh)
        self.said = Text(f"{found.what.zh}（{cause}）", f"{found.what.en} ({cause})")


def refusal(cause: str) -> Refusal:
    return next((each for each in REFUSALS if re.search(each.said, cause, re.IGNORECASE)), AWAY)
