"""What ends a command of hallctl: why, and what to do about it, in both languages."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterable

from drivers.checking.words import NOTHING, Text

# errno(3), of those that files and folders meet.
_WHY = {
    errno.ENOENT: "没有这个文件或目录",
    errno.EACCES: "没有权限",
    errno.EPERM: "不允许",
    errno.EEXIST: "已经有了",
    errno.ENOTDIR: "不是目录",
    errno.EISDIR: "是目录，不是文件",
    errno.ENOSPC: "磁盘满了",
    errno.EDQUOT: "超过了磁盘配额",
    errno.EROFS: "磁盘是只读的",
    errno.EIO: "磁盘读写出错",
    errno.ENAMETOOLONG: "名字太长",
    errno.EADDRINUSE: "已被别的程序占用",
}
NOT_DONE = 2  # wrong usage, no daemon, or it could not be begun


class Trouble(Exception):
    """`said` is the cause, for a person; `status` that with which the command ends."""

    def __init__(self, said: Text, remedy: Text = NOTHING, status: int = NOT_DONE) -> None:
        super().__init__(said.en)
        self.said = said
        self.remedy = remedy
        self.status = status

    def json(self) -> str:
        """A line for a program."""
        said, remedy = self.said, self.remedy
        error = {"zh": said.zh, "en": said.en, "remedy_zh": remedy.zh, "remedy_en": remedy.en}
        return json.dumps({"error": error, "status": self.status}, ensure_ascii=False)


def of_file(error: OSError, remedy: Text, name: object = "") -> Trouble:
    """A file that could not be read or written."""
    which, why = name or error.filename or "", error.strerror or str(error)
    return Trouble(Text(f"{which}：{_WHY.get(error.errno or 0, why)}", f"{which}: {why}"), remedy)


def joined(texts: Iterable[Text]) -> Text:
    """Several causes in one."""
    found = [each for each in texts if each.en]
    return Text("；".join(each.zh for each in found), "; ".join(each.en for each in found))
