"""Reading a TOML file that a person wrote: whatever is wrong with the file itself is a `Problem`."""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drivers.checking.problems import Problem
from drivers.checking.values import VALUE_LIMIT, mask, show
from drivers.checking.words import Text

SIZE_LIMIT = 1 << 20  # bytes: a hall of 52 windows needs 30 KiB, so more is some other file
DEPTH_LIMIT = 16  # tables within tables: the deepest that any setting needs is 6
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)$")
_SECRET = re.compile(r"(?i)((?:pass\w*|secret|token|api_?key)[\"']?\s*[=＝]\s*)\S.*")
_FULL_WIDTH = "“”‘’＝，。：；［］｛｝＃（）＂＇　"  # an input method left on: looks right, is not TOML


class BadFile(Exception):
    """The file gives no settings at all, for one reason."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def read_toml(path: Path) -> dict[str, Any]:
    """The file's tables. Raises BadFile."""
    text = _text(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadFile(_syntax(str(error), text)) from None
    except RecursionError:
        raise BadFile(_too_deep(path)) from None
    except ValueError as error:  # an integer of thousands of digits
        raise BadFile(Problem(str(path), "", Text.same(str(error)))) from None
    if _depth(data) > DEPTH_LIMIT:
        raise BadFile(_too_deep(path))
    return data


def _text(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):  # also keeps a FIFO from blocking the start
            what = Text("这是一个目录", "is a directory") if stat.S_ISDIR(mode) else _NO_FILE
            raise BadFile(Problem(str(path), "", what, Text("给出 .toml 文件的路径", "name the .toml file")))
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        hint = Text(
            "检查路径；示例见 config/hall.example.toml", "check the path; config/hall.example.toml is a start"
        )
        raise BadFile(Problem(str(path), "", Text("文件不存在", "does not exist"), hint)) from None
    except PermissionError:
        hint = Text(
            "让服务的用户能读它：chown、chmod 640", "let the service's user read it: chown, chmod 640"
        )
        raise BadFile(Problem(str(path), "", Text("没有读取权限", "may not be read"), hint)) from None
    except (OSError, ValueError) as error:  # a loop of links, a name too long, a NUL in it, a failing disk
        raise BadFile(
            Problem(show(str(path)), "", Text(f"读取失败：{error}", f"cannot be read: {error}"))
        ) from None
    return _decode(path, data)


_NO_FILE = Text("这不是普通文件", "is not a regular file")
_SAVE_UTF8 = Text("用 UTF-8（无 BOM）保存", "save it as UTF-8 without BOM")


def _decode(path: Path, data: bytes) -> str:
    if len(data) > SIZE_LIMIT:
        reason = Text(f"大于 {SIZE_LIMIT >> 20} MiB", f"is larger than {SIZE_LIMIT >> 20} MiB")
        hint = Text("这大概不是配置文件", "this is hardly a configuration")
        raise BadFile(Problem(str(path), "", reason, hint))
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        reason = Text("文件开头有 BOM 标记", "begins with a byte-order mark")
        raise BadFile(Problem(str(path), "", reason, _SAVE_UTF8))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = Text("不是 UTF-8 编码（可能是 GBK）", "is not UTF-8 (perhaps GBK)")
        raise BadFile(
            Problem(f"line {line}", f"byte 0x{data[error.start]:02x}", reason, _SAVE_UTF8)
        ) from None


def _too_deep(path: Path) -> Problem:
    reason = Text(f"表嵌套超过 {DEPTH_LIMIT} 层", f"nests tables deeper than {DEPTH_LIMIT}")
    return Problem(str(path), "", reason, Text("没有设置需要这么深", "no setting needs that"))


def _depth(data: Mapping[str, Any]) -> int:
    """Level by level, not by recursion: the data may be deeper than the stack."""
    depth, level = 0, [*data.values()]
    while level and depth <= DEPTH_LIMIT:
        depth += 1
        level = [
            inner
            for value in level
            if isinstance(value, (dict, list))
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
    return depth


# --- syntax ---
_SYNTAX: dict[str, Text] = {  # the beginnings of tomllib's messages, in Chinese, and what to write instead
    "Expected '=' after a key": Text("键后面缺少等号", 'write  key = value, text in quotes: name = "大厅"'),
    "Invalid value": Text("值写法不对；文字要加引号", 'text stands in quotes: name = "大厅"'),
    "Invalid statement": Text("这一行不是设置", "a line is  key = value, [table], [[list]] or # comment"),
    "Expected newline or end of document": Text("一行只写一项设置", "one setting a line"),
    "Unterminated string": Text("引号没有结束", "close the quotes"),
    "Unclosed array": Text("列表缺少 ] 或逗号", "close the list with ], commas between its entries"),
    "Unclosed inline table": Text(
        "内联表缺少 } 或逗号", "close the table with }, commas between its entries"
    ),
    "Cannot overwrite a value": Text("同一个键写了两次", "each key once in a table"),
    "Duplicate inline table key": Text("同一个键写了两次", "each key once in a table"),
    "Cannot declare": Text("同一个表写了两次", "each [table] once; entries of a list are [[table]]"),
    "Unescaped '\\' in a string": Text(
        "反斜杠要写成 \\\\，或用单引号", "write \\\\, or use single quotes: 'C:\\x'"
    ),
    "Illegal character '\\n'": Text("引号没有在行内结束", "close the quotes in the same line"),
    "Illegal character": Text("含有不可见的控制字符", "remove the control character"),
    "Found invalid character": Text("含有不可见的控制字符", "remove the control character"),
    "Expected ']' at the end of a table declaration": Text("表名缺少 ]", "close the table's name: [hall]"),
    "Expected ']]' at the end of an array declaration": Text("表名缺少 ]]", "close the name: [[device]]"),
}


def _syntax(message: str, text: str) -> Problem:
    place = _PLACE.search(message)
    said = message.rsplit(" (at ", 1)[0]
    start = next((start for start in _SYNTAX if message.startswith(start)), None)
    words = _SYNTAX[start] if start else Text("TOML 写法不对", "")
    reason, hint = Text(words.zh, f"is not TOML: {said}"), Text("", words.en)
    lines = text.splitlines() or [""]
    if not place:  # a file that was cut short, say
        return Problem(f"line {len(lines)}, end of file", _line(lines[-1]), reason, hint)
    line, column = int(place[1]), int(place[2])
    source = lines[line - 1] if line <= len(lines) else ""
    wide = next((c for c in source[max(column - 2, 0) :] if c in _FULL_WIDTH), "")
    if wide:
        hint = Text(f"有全角字符 {wide}，请换成半角", f"replace the full-width {wide} by its plain form")
    return Problem(f"line {line}, column {column}", _line(source), reason, hint)


def _line(source: str) -> str:
    """The line as the file has it, up to a value that may be a secret."""
    shown = _SECRET.sub(r"\1***", mask(source.strip()))
    return shown if len(shown) <= VALUE_LIMIT else shown[: VALUE_LIMIT - 1] + "…"
