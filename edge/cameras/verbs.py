"""What is asked of the cameras: to accept a view, to look at once, and the pictures of a fault.

Pictures stay on the node. A technician who stands at it has them over the control socket; one who does not
has one at a time by `camera.show`, which is kept as an act with his name, and only where the hall allows it.
"""

from __future__ import annotations

import base64
import logging
from typing import Annotated, Literal

from pydantic import Field

from drivers.api import Clock
from edge.cameras.part import AtWork
from edge.commands import Args, Name, Verb
from edge.store import Store
from edge.wire import PERSONAL, CameraPictureShown, Reply, Request, rejected
from edge.witness import keep_look

NO_PICTURE = "还没有这张图片", "there is no such picture yet"
NOT_AFAR = (
    "这个大厅不允许远程查看摄像机图片，请到现场用 hallctl 查看",
    "this hall does not let camera pictures be seen from afar: look at the node itself, with hallctl",
)

log = logging.getLogger(__name__)


class CameraArgs(Args):
    camera: Name


class AcceptArgs(CameraArgs):
    by: Annotated[str, Field(min_length=1, max_length=64)]  # who says that the view is right


class PictureArgs(CameraArgs):
    which: Literal["before", "fault"] = "fault"


class ShowArgs(PictureArgs):
    by: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]  # who looks


class CameraVerbs:
    def __init__(self, cameras: AtWork, store: Store, clock: Clock, *, afar: bool) -> None:
        """`afar`: whether pictures may be shown to who is not at the node."""
        self._cameras = cameras
        self._store = store
        self._clock = clock
        self._afar = afar

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
            Verb(
                "camera.show",
                ShowArgs,
                self.show,
                "the same picture for somebody who is not there; that it was shown is kept",
                reads=True,  # no answer is kept: a picture is gone with the page that showed it
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
            return rejected(request.id, "no_picture", *NO_PICTURE)
        shown = {"jpeg": base64.b64encode(jpeg).decode("ascii")}
        return Reply(id=request.id, result="done", data={"camera": args.camera, PERSONAL: shown})

    async def show(self, args: ShowArgs, request: Request, _client: str) -> Reply:
        if args.camera not in self._cameras:
            return _unknown(request, args.camera)
        if not self._afar:
            return rejected(request.id, "not_allowed", *NOT_AFAR)
        jpeg = self._cameras.picture(args.camera, args.which)
        if not jpeg:
            return rejected(request.id, "no_picture", *NO_PICTURE)
        fact = CameraPictureShown(camera=args.camera, which=args.which)
        if refusal := await keep_look(self._store, self._clock, fact, args.by, request.id):
            return refusal
        log.info("camera.show: %s", args.which, extra={"device": args.camera, "by": args.by})
        data = {"camera": args.camera, "jpeg": base64.b64encode(jpeg).decode("ascii")}
        return Reply(id=request.id, result="done", data=data)


def _unknown(request: Request, camera: str) -> Reply:
    return rejected(request.id, "unknown_camera", f"没有摄像机 {camera}", f"there is no camera {camera}")
