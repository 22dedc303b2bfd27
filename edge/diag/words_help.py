"""The help of hallctl's commands in Chinese, by the English that stands at each: paragraphs of docstrings,
and what is said of arguments and options."""

from __future__ import annotations

_OF_ANY = {
    "Show this message and exit.": "显示这份说明。",
    "Look at a hall node and tell it what to do.": "查看大厅节点，下达命令。",
    "mqtt://[USER@]HOST[:PORT] or mqtts://…: reach the node over MQTT.": (
        "mqtt://[用户@]地址[:端口] 或 mqtts://…：从远处经消息服务器到节点。"
    ),
    "With --broker: the hall's id.": "与 --broker 一起用：大厅的标识。",
    "With --broker: the node's id.": "与 --broker 一起用：节点的标识。",
    "Name under which answers come; by default the broker's user, or that in the certificate.": (
        "答复发给谁；不写就是消息服务器的用户，或证书里的名字。"
    ),
    "What certificates of mqtts:// are trusted by; else the system's.": (
        "用 mqtts:// 时信任的 CA 证书；不写就用系统的。"
    ),
    "With mqtts://: who we are.": "用 mqtts:// 时本人的证书。",
    "The key of --cert.": "--cert 的私钥。",
    "A file whose first line is the password.": "第一行是口令的文件。",
    "The daemon's control socket.": "服务的控制套接字。",
    "Print the reply as JSON, for a program.": "以 JSON 输出，给程序用。",
    "Language; by default that of the system.": "语言；不写就用系统的语言。",
    "Exit status: 0 done, 2 refused.": "退出状态：0 完成，2 被拒绝。",
    "Exit status: 0 done, 1 rejected or failed, 2 no daemon, 3 unknown.": (
        "退出状态：0 完成，1 被拒绝或失败，2 没有服务，3 结果不明。"
    ),
    "Exit status: 0 done, 1 rejected or failed, 2 wrong usage or no daemon, 3 unknown.": (
        "退出状态：0 完成，1 被拒绝或失败，2 用法不对或没有服务，3 结果不明。"
    ),
}
_LISTED = {
    "Devices, windows, the queue and the outbox.": "看设备、窗口、排队和待发事件。",
    "The node on a full screen, as it changes.": "全屏看节点的变化。",
    "Events and the log, as they happen.": "看正在发生的事件和日志。",
    "A device's line: bytes and what they mean.": "听一台设备的线路：字节和含义。",
    "The alerts that stand; acknowledge one.": "看告警，或确认一条。",
    "How a device is, why, and what to do next.": "设备怎样、为什么、下一步做什么。",
    "Read the configuration again.": "重新读取配置。",
    "Close one device and open it afresh.": "重新打开一台设备。",
    "Send one request to the daemon.": "下达一条命令。",
    "Verify what this node keeps.": "核对记录，查数据库、时间、磁盘、证书。",
    "Copy what this node keeps into one file.": "备份数据库和配置。",
    "Put a backup in the place of what is kept.": "恢复备份。",
    "Gather what helps to find a fault.": "打包状态和日志，供远程排查。",
    "Look which devices are there.": "看接了哪些设备，给出配置。",
    "Hear a recorded line again.": "把录下的线路再解码一次。",
    "Run one device's simulator.": "运行一台模拟设备。",
    "The broker's certificates and access list.": "消息服务器的证书和权限。",
}
_LOOKING = {
    "Show devices, windows, the queue and the outbox of this node.": "看本节点的设备、窗口、排队和待发事件。",
    "Show the node on a full screen, as it changes: devices, a device's line, windows, outbox, log.": (
        "全屏看节点的变化：设备、一台设备的线路、窗口、待发事件、日志。"
    ),
    "A node that is away is tried again and again. With --json: once, for a program. Exit status: 0 ended, "
    "2 no terminal, or no daemon with --json.": (
        "连不上会一直重试。加 --json 只输出一次，给程序用。"
        "退出状态：0 结束，2 不在终端里，或加了 --json 而没有服务。"
    ),
    "Show what happens at the node as it happens: events, and lines of the daemon's log.": (
        "看节点上正在发生的事：事件和服务的日志。"
    ),
    "Exit status: 0 ended, 1 refused, 2 no daemon.": "退出状态：0 结束，1 被拒绝，2 没有服务。",
    "What happens, the daemon's log, or both.": "看事件、服务的日志，还是都看。",
    "Events of this kind only: ticket, or ticket.issued.": "只看这一类事件：ticket，或 ticket.issued。",
    "Only what names this device.": "只看提到这台设备的。",
    "Only lines that have this text in them.": "只看含这段文字的行。",
    "So many of before.": "先显示之前的几条。",
    "Seconds to listen; else until Ctrl+C.": "听多少秒；不写就到按 Ctrl+C 为止。",
    "Show what passes on a device's line, bytes and what they mean; what is no frame is marked ✗.": (
        "看一台设备的线路上收发的字节和含义；不成帧的标 ✗。"
    ),
    "Of a line on which cards or codes are read, and of what goes on paper, there are lengths only. Exit "
    "status: 0 ended, 1 refused, or the file is full, 2 wrong usage or no daemon.": (
        "读卡、读码的线路和打印的内容只有长度。退出状态：0 结束，1 被拒绝或文件已满，2 用法不对或没有服务。"
    ),
    "Its id; a shared line is heard whole.": "设备的标识；共用的线路整条都听。",
    "A new file, which `hallctl replay` feeds to the codec.": "写进一个新文件，可用 hallctl replay 再解码。",
    "Show the alerts that stand, or acknowledge one.": "看现有的告警，或确认一条。",
    "Say that somebody sees to this alert.": "确认这条告警有人处理。",
    "Who that is.": "谁在处理。",
    "What is being done.": "怎么处理。",
    "Say how a device is, why, and what to do next. Without a daemon, what can be seen without it.": (
        "说出设备怎样、为什么、下一步做什么。服务不在时，说出没有它也能看到的。"
    ),
    "Exit status: 0 sound, 1 something is wrong, 2 wrong usage or no daemon, 3 it cannot be said.": (
        "退出状态：0 正常，1 有问题，2 用法不对或没有服务，3 说不准。"
    ),
    "A device, or all.": "一台设备的标识，或 all（全部）。",
    "internal: nothing is seen of it; external: it shows, says or prints something; interactive: and you are "
    "asked what you see.": (
        "internal：外面看不到动作；external：设备会显示、播放或打印；interactive：并问您看到了什么。"
    ),
    "The node's configuration, looked at where the daemon is away.": "节点的配置；服务不在时查看它。",
}
_TELLING = {
    "Have the daemon read its configuration file again; only devices that it changes are restarted.": (
        "让服务重新读取配置；只重启配置有变的设备。"
    ),
    "Exit status: 0 taken up, 1 rejected and nothing changed, or a driver stuck, 2 no daemon, 3 unknown.": (
        "退出状态：0 已生效，1 被拒绝（什么都没变）或驱动停不下来，2 没有服务，3 结果不明。"
    ),
    "Have the daemon close one device and open it afresh; all others work on.": (
        "让服务关闭一台设备再重新打开；其他设备不受影响。"
    ),
    "Its id; on a shared line, that of the line.": "设备的标识；共用线路上的，写线路的标识。",
    "Send one request to the daemon and print its reply.": "向服务下达一条命令，显示答复。",
    "What to do, for example window.call.": "做什么，例如 window.call。",
    'Its arguments. Numbers, true and false are read as such, "3" as text.': (
        '命令的参数。数字、true、false 按原义读，"3" 按文字读。'
    ),
    "UUID of an earlier request, to get its first answer again.": "之前那条命令的 UUID，再要一次它的答复。",
    "Seconds to wait for the reply.": "等答复多少秒。",
}
_HERE = {
    "Walk the chain of all that this node keeps, and look at its database, time, disk and certificates.": (
        "核对本节点保存的全部记录，查数据库、时间、磁盘和证书。"
    ),
    "Exit status: 0 all is sound but for warnings, 1 something is not, 2 the database cannot be read.": (
        "退出状态：0 正常（可能有警告），1 有问题，2 数据库读不了。"
    ),
    "The node's database, read beside a running daemon.": "节点的数据库；服务运行时也能读。",
    "Its configuration, for its certificates.": "节点的配置，查证书要用。",
    "Do not compare the database's indexes with its tables.": "不比对数据库的索引和表。",
    "Copy what this node keeps, and its configuration, into one file, also while the daemon runs.": (
        "把本节点的记录和配置备份成一个文件，服务不用停。"
    ),
    "Exit status: 0 made, 2 it could not be, and then there is no file.": (
        "退出状态：0 已备份，2 没有成功，也没有留下文件。"
    ),
    "What is made; it must not be there yet.": "要生成的文件；不能是已有的。",
    "The node's database.": "节点的数据库。",
    "The node's configuration; its folder is taken.": "节点的配置；它所在的目录一起备份。",
    "Also passwords and keys, which lie beside it.": "连同旁边的口令和密钥。",
    "Put a backup in the place of what this node keeps. The daemon must not run; the old database is kept.": (
        "用备份替换本节点的记录。服务必须先停；原来的数据库会留着。"
    ),
    "Exit status: 0 done, 2 refused, and then nothing has changed.": (
        "退出状态：0 完成，2 被拒绝，什么都没变。"
    ),
    "What `hallctl backup` has made.": "hallctl backup 生成的文件。",
    "Put its configuration into this folder too; what is there is kept.": (
        "把其中的配置也放进这个目录；原有的文件会留着。"
    ),
    "Gather what helps to find a fault from afar: states, versions, lengths. No name, no number, no "
    "secret.": ("收集远程排查要用的信息：状态、版本、长度。没有姓名、号码、口令。"),
    "Exit status: 0 made, 2 it could not be.": "退出状态：0 已生成，2 没有成功。",
    "The node's configuration.": "节点的配置。",
    "Look which devices are there, and propose lines of a configuration. Nothing prints, shows or opens by "
    "it; ports that another program holds are left alone.": (
        "看接了哪些设备，给出可用的配置。不会打印、显示或开门；别的程序占用的口不碰。"
    ),
    "Exit status: 0 something was found, 1 nothing.": "退出状态：0 有发现，1 没有发现。",
    "Look at this serial port and no other; may come again.": "只看这个串口；可以写多次。",
    "Ask this machine of the network too; may come again.": "也问网络上的这台机器；可以写多次。",
    "Seconds to listen before a port is asked.": "问一个口之前先听多少秒。",
    "Do not look for cameras.": "不找摄像机。",
    "Seconds of a key test: which device is which.": "按键测试多少秒：分清哪台是哪台。",
    "Feed a recorded line to its codec, and print what it makes of it.": "把录下的线路再解码一次，显示结果。",
    "Exit status: 0 all frames are good, 1 some are not, 2 the file cannot be read.": (
        "退出状态：0 全是好帧，1 有坏帧，2 文件读不了。"
    ),
    "As `hallctl sniff --out` has written it.": "hallctl sniff --out 写的文件。",
    "By which codec it is heard; by default that of the file. A third party's is named.": (
        "用哪个驱动解码；不写就用文件里的。第三方的要写明。"
    ),
    "Run one device's simulator, and print the URL at which a daemon or `hallctl scan` finds it.": (
        "运行一台模拟设备，显示服务或 hallctl scan 找到它的 URL。"
    ),
    "It ends with Ctrl+C. Exit status: 0 ended, 1 it cannot listen there, 2 wrong usage.": (
        "按 Ctrl+C 结束。退出状态：0 结束，1 那里用不了，2 用法不对。"
    ),
    "printer, bus68, sdt, …; a third party's too.": "printer、bus68、sdt 等；也可以是第三方的。",
    "What is wrong with it, as behind sim://family?: paper=out, sick=late, ….": (
        "有什么毛病，写法同 sim://family? 后面：paper=out、sick=late 等。"
    ),
    "A link to its pty, the same each time.": "指向它的伪终端的链接，每次相同。",
    "A TCP port here; 0: one that is free.": "本机的 TCP 端口；0 表示任选一个空的。",
    "A serial port, whose cable leads to who is tried.": "一个串口，线的另一头接被试的机器。",
    "Of the port or the pty's line.": "串口或伪终端的波特率。",
}
_BROKER = {
    "Make an authority, a broker's files, and certificates for these; or add these to what there is.": (
        "建立 CA、消息服务器的文件和各方的证书；已有的就加上这些。"
    ),
    "Exit status: 0 made, 2 refused, and then nothing has changed.": (
        "退出状态：0 已生成，2 被拒绝，什么都没变。"
    ),
    "Where the authority is kept; not on the broker.": "存放 CA 的目录；不要放在消息服务器上。",
    "Name or address of the broker.": "消息服务器的名字或地址。",
    "A node, as hall/node.": "一个节点，写成 大厅/节点。",
    "A hub, by its name.": "一个中心的名字。",
    "A technician, by name.": "一名技术人员的名字。",
    "A Home Assistant, by name.": "一个 Home Assistant 的名字。",
    "How long certificates are valid.": "证书有效多少天。",
    "Its first line locks the authority's key; without it only the file's mode 0600 does.": (
        "第一行是锁住 CA 私钥的口令；不写就只靠文件权限 0600。"
    ),
    "All that hold a certificate, and until when.": "列出所有证书和到期时间。",
    "Exit status: 0 all are valid, 1 one ends within 30 days or has ended, 2 there is no authority.": (
        "退出状态：0 都有效，1 有 30 天内到期或已过期的，2 没有 CA。"
    ),
    "A new certificate for the same key; the file client.crt (or broker.crt) is all that changes.": (
        "同一密钥换新证书；只有 client.crt（或 broker.crt）会变。"
    ),
    "The authority's own, too: a new ca.crt for every machine.": (
        "连 CA 自己的一起：每台机器都要换新的 ca.crt。"
    ),
    "Without any: all that end within 30 days.": "不写就是 30 天内到期的全部。",
    "None of his certificates is valid any more, as soon as the broker has the new files.": (
        "作废他的全部证书；消息服务器换上新文件后生效。"
    ),
    "Who is not to come in any more.": "不再允许接入的人。",
}

HELP = {**_OF_ANY, **_LISTED, **_LOOKING, **_TELLING, **_HERE, **_BROKER}
