"""What may be wrong with a terminal that has a heartbeat, in a technician's words."""

from __future__ import annotations

from drivers.api import ConditionSpec

CONDITIONS = (
    ConditionSpec(
        "silent",
        "error",
        "终端没有心跳",
        "the terminal has no heartbeat",
        "检查终端的电源、网线和程序；恢复后自动重连",
        "look at its power, its network cable and its program; it is tried again by itself",
    ),
    ConditionSpec(
        "not_http",
        "error",
        "终端的应答不是 HTTP",
        "what it answers is no HTTP",
        '核对端口；若终端发送的是文本行，设 protocol = "tcp"',
        'compare the port; for a terminal that sends lines set protocol = "tcp"',
    ),
    ConditionSpec(
        "http_error",
        "error",
        "终端用 HTTP 错误应答",
        "it answers with an error of HTTP",
        "核对 path；检查终端上的程序",
        "compare path, and look at the program on the terminal",
    ),
    ConditionSpec(
        "redirected",
        "error",
        "终端要求转到别的地址，没有照做",
        "it points to another address, which is not followed",
        "把正确的地址和 path 写进配置",
        "write the right address and path into the configuration",
    ),
    ConditionSpec(
        "too_long",
        "error",
        "心跳内容过长",
        "the heartbeat is too long",
        "核对 path 是否是心跳；确实这么长就加大 max_bytes",
        "see whether path is that of the heartbeat; if it is as long as that, raise max_bytes",
    ),
    ConditionSpec(
        "not_json",
        "error",
        "心跳不是 JSON",
        "the heartbeat is no JSON",
        "核对端口和 path；把日志发给终端厂家",
        "compare port and path; send the log to the terminal's maker",
    ),
    ConditionSpec(
        "field_missing",
        "warning",
        "心跳里缺少字段",
        "the heartbeat lacks a field",
        "对照终端的文档，改正 fields 里的 JSON 指针",
        "compare its papers, and correct the JSON pointer in fields",
    ),
    ConditionSpec(
        "field_unreadable",
        "warning",
        "心跳里的字段不能识别",
        "a field of the heartbeat cannot be read",
        "对照终端的文档，改正 fields 里的 JSON 指针或 values 里的对照表",
        "compare its papers, and correct the JSON pointer in fields or the map in values",
    ),
    ConditionSpec(
        "slow",
        "warning",
        "终端应答很慢",
        "the terminal answers slowly",
        "检查终端是否过忙，以及网络",
        "see whether the terminal is too busy, and look at the network",
    ),
    ConditionSpec(
        "out_of_service",
        "error",
        "终端停止服务",
        "the terminal is out of service",
        "到终端前查看其屏幕上的提示",
        "go and look at what its screen says",
    ),
    ConditionSpec(
        "fault",
        "error",
        "终端报告故障",
        "the terminal reports a fault",
        "到终端前查看其屏幕上的提示，必要时报修",
        "go and look at what its screen says; have it repaired if need be",
    ),
    ConditionSpec(
        "degraded",
        "warning",
        "终端部分功能不可用",
        "the terminal works in part",
        "到终端前查看其屏幕上的提示",
        "go and look at what its screen says",
    ),
    ConditionSpec("paper_out", "error", "缺纸", "out of paper", "装纸", "put in paper"),
    ConditionSpec(
        "paper_jammed",
        "error",
        "卡纸",
        "paper is jammed",
        "打开打印机取出卡住的纸",
        "open the printer and take the paper out",
    ),
    ConditionSpec("paper_low", "info", "纸将用尽", "paper is low", "准备新纸", "have paper at hand"),
    ConditionSpec(
        "door_open", "warning", "机门打开", "a door is open", "关好并锁上机门", "close and lock the door"
    ),
)
