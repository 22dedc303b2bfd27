"""What is asked of the cameras: to accept a view, to look at once, and the pictures of a fault.

Pictures go over the control socket only: they stay on the node, but for a technician who stands at it.
"""

from __future__ import annotations

import base64
from typing import Annotated, Literal

from pydantic import Field

from edge.cameras.part import AtWork
from edge.commands import Args, Name, Verb
from edge.wire import PERSONAL, Reply, Request, rejected


class CameraArgs(Args):
    camera: Name


class AcceptArgs(CameraArgs):
    by: Annotated[str, Field(min_length=1, max_length=64)]  # who says that the view is right


class PictureArgs(CameraArgs):
    which: Literal["before", "fault"] = "fault"


class CameraVerbs:
    def __init__(self, cameras: AtWork) -> None:
        self._cameras = cameras

    def all(self) -> list[Verb]:
        return [
            Verb(
                "camera.accept", AcceptArgs, self.accept, "what the camera shows now is right: learn it anew"
            ),
            Verb("camera.look", CameraArgs, self.look, "look at a camera at once", reads=True),
            Verb(
                "camera.picture",
                PictureArgs,
                self.picture,
                "the picture of a camera's last fault, or the one before it, as JPEG",
                private=True,
            ),
        ]

    async def accept(self, args: AcceptArgs, request: Request, _client: str) -> Reply:
        if args.camera not in self._cameras:
            return _unknown(request, args.camera)
        await self._cameras.accept(args.camera, args.by)
        return Reply(id=request.id, result="done", data={"camera": args.camera})

    async def look(self, args: CameraArgs, request: Request, _client: str) -> Reply:
        if args.camera not in self._cameras:
            return _unknown(request, args.camera)
        outcome = await self._cameras.look(args.camera)
        return Reply(id=request.id, result=outcome.result.value, code=outcome.code)

    async def picture(self, args: PictureArgs, request: Request, _client: str) -> Reply:
        if args.camera not in self._cameras:
            return _unknown(request, args.camera)
        jpeg = self._cameras.picture(args.camera, args.which)
        if not jpeg:
            return rejected(request.id, "no_picture", "还没有这张图片", "there is no such picture yet")
        shown = {"jpeg": base64.b64encode(jpeg).decode("ascii")}
        return Reply(id=request.id, result="done", data={"camera": args.camera, PERSONAL: shown})


def _unknown(request: Request, camera: str) -> Reply:
    return rejected(request.id, "unknown_camera", f"没有摄像机 {camera}", f"there is no camera {camera}")
