"""Why a look at a camera brought nothing: one type with a code, and the step at which it ended."""

from __future__ import annotations

from typing import Literal

from drivers.api import DriverError

Fault = Literal[
    "auth_failed",
    "bad_stream",
    "moved",
    "no_answer",
    "no_frames",
    "no_video",
    "not_found",
    "not_rtsp",
    "picture_too_large",
    "server_error",
    "session_limit",
    "unsupported",
]

_REMEDIES: dict[Fault, str] = {
    "auth_failed": "Compare user name and password with the camera's own; try again after half an hour.",
    "bad_stream": "Restart the camera; if it stays so, set its encoder to plain H.264 or H.265.",
    "moved": "Enter the address that the camera names.",
    "no_answer": "Restart the camera; it takes connections and says nothing.",
    "no_frames": "Restart the camera; see whether its encoder is on and its key frames are close enough.",
    "no_video": "Compare the path in the URL with the camera's manual: there is no video under it.",
    "not_found": "Compare the path in the URL with the camera's manual.",
    "not_rtsp": "Compare address and port: what answers there is not a camera.",
    "picture_too_large": "Lower the resolution of this stream at the camera.",
    "server_error": "Restart the camera; if it stays so, update its firmware.",
    "session_limit": "End other programs that watch this camera, or raise its limit of connections.",
    "unsupported": "Set the camera to H.264 or H.265 over RTSP.",
}


class LookFailed(DriverError):
    """The line stands and there is no picture. `step` is the request that was not answered as hoped, or
    "frames"; `status` the camera's answer, 0 where there was none. Next: by `code`."""

    def __init__(self, code: Fault, detail: str, *, step: str = "", status: int = 0) -> None:
        super().__init__(f"{step}: {detail}" if step else detail, code=code, remedy=_REMEDIES[code])
        self.step = step
        self.status = status


class Moved(LookFailed):
    """The camera refers to another machine. Next: open a line to `url`, if it is trusted."""

    def __init__(self, url: str, *, step: str, status: int) -> None:
        super().__init__("moved", "refers to another machine", step=step, status=status)
        self.url = url  # not in the text: what a camera names may hold a password


class BadSyntax(DriverError):
    """Bits that are not what the standard says. Next: do without what they would have told."""

    code = "bad_stream"


class PictureTooLarge(LookFailed):
    """More than any level of the standards, or than a decoder may be asked to hold."""

    def __init__(self, detail: str) -> None:
        super().__init__("picture_too_large", detail)
