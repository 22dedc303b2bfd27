"""Words of what hallctl shows as it happens."""

from __future__ import annotations

LIVE: dict[str, tuple[str, str]] = {
    "lengths_only": (
        "这条线路上读的是个人信息，只有长度：{}",
        "a person's own is read on this line: lengths only: {}",
    ),
    "bytes": ("（{} 字节，内容不保留）", "({} bytes, not kept)"),
    "cut": ("…还有 {} 字节", "… {} bytes more"),
    "missed": ("── 中间有 {} 段没有看到 ──", "── {} pieces between were missed ──"),
    "missed_lines": ("── 中间有 {} 条没有看到 ──", "── {} between were missed ──"),
    "lost_node": ("── 连不上了，自动重试：{} ──", "── it is away, and tried again: {} ──"),
    "back": ("── 又连上了 ──", "── it is back ──"),
    "listening": ("正在听 {}，按 Ctrl+C 结束", "listening to {}; Ctrl+C ends it"),
    "written": ("已写入 {file}：{pieces} 段，{size} 字节", "{file}: {pieces} pieces, {size} bytes"),
    "tape_exists": (
        "{} 已经有了，没有覆盖",
        "{} is there already and was left alone",
    ),
    "tape_unwritable": ("写不了 {file}：{why}", "{file} cannot be written: {why}"),
    "tape_full": (
        "{file} 已有 {mb} MB，到此为止；要接着听就换一个文件",
        "{file} has {mb} MB and is not written further; listen on into another file",
    ),
    "tape_bad": (
        "{file} 不是线路的录音，或者是别的版本的：{why}",
        "{file} is no recording of a line, or one of another version: {why}",
    ),
    "record_again": ("用 hallctl sniff --out 再录一次", "Record it again with hallctl sniff --out"),
    "tape_of": ("{device}（线路 {line}，驱动 {family}）", "{device} (line {line}, {family})"),
    "replayed": (
        "共 {pieces} 段：收 {heard} 字节，发 {sent} 字节；好帧 {good}，坏帧 {bad}",
        "{pieces} pieces: {heard} bytes in, {sent} bytes out; {good} good frames, {bad} bad",
    ),
    "nothing_to_hear": (
        "这个文件只有长度，没有内容可以解码",
        "this file has lengths only: there is nothing to decode",
    ),
    # of the full screen
    "tab_devices": ("设备", "Devices"),
    "tab_windows": ("窗口", "Windows"),
    "tab_outbox": ("待发和排队", "Outbox"),
    "tab_log": ("日志", "Log"),
    "connected": ("● 已连接", "● connected"),
    "away": ("✗ 连不上：{}", "✗ away: {}"),
    "first_look": ("○ 正在连接", "○ connecting"),
    "line_of": ("线路 {}", "Line of {}"),
    "no_frames": ("还没有收发", "nothing has passed yet"),
    "all_well": ("没有情况", "nothing is wrong"),
    "conditions_short": ("情况", "what is wrong"),
    "no_terminal": ("要在终端里运行", "it wants a terminal"),
    "for_a_program": ("给程序用：hallctl watch --json", "For a program: hallctl watch --json"),
    "no_windows": ("没有窗口", "no windows"),
    "held_on": ("‖ 已停住，按空格继续", "‖ held; space goes on"),
    "key_quit": ("退出", "Quit"),
    "key_next": ("下一台有情况的", "Next not well"),
    "key_space": ("空格", "space"),
    "some_wrong": ("▲ {} 台有情况", "▲ {} not well"),
    "key_hold": ("停住", "Hold"),
}
