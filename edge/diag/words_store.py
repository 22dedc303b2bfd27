"""A database that cannot be used, in both languages: the store says it in English, for the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.checking.words import Text
from edge.diag.phrases import Phrases
from edge.diag.trouble import Trouble

if TYPE_CHECKING:
    from edge.store import StoreRefused

_STORE = Phrases((
    (r"there is no such file|there is no database", "没有这个文件"),
    (r"it cannot be read \((.*)\)", "读不了（{0}）"),
    (r"it is no database of hall-edge", "不是 hall-edge 的数据库"),
    (r"it is from before the chain", "是旧版本的，还没有校验链"),
    (r"its directory is missing", "没有这个目录"),
    (r"the disk is full \((.*)\)", "磁盘满了（{0}）"),
    (r"(?:it|(\S+)) cannot be opened \((.*)\)", "{0} 打不开（{1}）"),
    (r"process (\S+) has this database open", "进程 {0} 正在使用这个数据库"),
    (r"Name the node's database with --store", "用 --store 指明节点的数据库"),
    (r"Look for it in `\[node\] store`", "查看配置里的 [node] store"),
    (r"Run this as root or hall-edge", "以 root 或 hall-edge 的身份执行"),
    (r"Start hall-edge on it once", "用 hall-edge 启动一次"),
    (r"Make (\S+)", "建立目录 {0}"),
    (r"Make room; nothing is lost", "腾出空间；数据没有丢"),
    (r"Check the owner, and that it is writable|Check its owner", "检查文件的所有者和写权限"),
    (r"Stop the other hall-edge, or give this one a database of its own",
     "停止另一个 hall-edge，或另用一个数据库"),
    (r"Install that version of hall-edge again, or a later one", "装回写它的那个版本或更新的版本"),
    (r"Stop hall-edge, check the disk, and copy (\S+), .*",
     "停止 hall-edge，检查磁盘，把 {0}、{0}-wal、{0}-shm 复制到安全的地方；再用 hallctl restore 恢复备份"),
))  # fmt: skip


def refused(error: StoreRefused) -> Trouble:
    remedy = Text(_STORE.zh(error.remedy), error.remedy)
    return Trouble(Text(f"{error.path}：{_STORE.zh(error.reason)}", f"{error.path}: {error.reason}"), remedy)
