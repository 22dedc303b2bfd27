"""The window on the glass: what SDL shows and feels, in our own words. The only part that opens a display."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ.setdefault("SDL_TOUCH_MOUSE_EVENTS", "0")  # a finger is a finger, and not a mouse as well
os.environ.setdefault("SDL_MOUSE_TOUCH_EVENTS", "0")

import pygame

from kiosk_ui.hand import Closed, Felt, Finger, Key, KeyName
from kiosk_ui.panel import Panel

log = logging.getLogger(__name__)

MOUSE = -1  # the mouse as a finger; fingers count from 0
MAX_EVENTS = 200  # of one look: ten fingers that move at 100 Hz send some 50 in a twentieth of a second
INPUTS = Path("/proc/bus/input/devices")
_MULTI_TOUCH = 1 << 0x2F  # ABS_MT_SLOT, in the bits of the axes that a device has
_PLACE = 1 << 0x00 | 1 << 0x01  # ABS_X and ABS_Y: where, and not how far
_PRESS = (
    1 << 0x14A | 1 << 0x110
)  # BTN_TOUCH, or BTN_LEFT of a screen that says it is a mouse; any of its keys
IN_MEMORY = ("dummy", "offscreen")  # of SDL: these show nothing to anybody, and have room for everything
DESKTOP_SHARE = (
    0.9  # of its width and height that a window takes at the most: it has a title, and a desktop bars
)
_VOLUME_UP, _VOLUME_DOWN = 0x4000_0080, 0x4000_0081  # SDLK_VOLUMEUP and -DOWN, which pygame has no names for
_TITLE = "自助服务 · Self-service"

_KEYS: Mapping[int, KeyName] = MappingProxyType(
    {
        **dict.fromkeys((pygame.K_DOWN, pygame.K_RIGHT, pygame.K_TAB), "next"),
        **dict.fromkeys((pygame.K_UP, pygame.K_LEFT), "previous"),
        **dict.fromkeys((pygame.K_RETURN, pygame.K_KP_ENTER, pygame.K_SPACE), "press"),
        **dict.fromkeys((pygame.K_ESCAPE, pygame.K_KP_MINUS), "back"),
        **dict.fromkeys((pygame.K_BACKSPACE, pygame.K_KP_PERIOD), "erase"),
        **dict.fromkeys((pygame.K_F1, pygame.K_KP_MULTIPLY), "again"),
        **dict.fromkeys((_VOLUME_DOWN, pygame.K_KP_DIVIDE), "softer"),
        **dict.fromkeys((_VOLUME_UP, pygame.K_KP_PLUS), "louder"),
    }
)


class NoDisplay(Exception):
    """There is nothing to show anything on. `str()` is the cause in both languages."""


class Window:
    """`panel` is the screen as it is, which may be another than was expected: `trouble` says so."""

    def __init__(self, panel: Panel, *, windowed: bool = False) -> None:
        self._wanted = panel
        self._windowed = windowed
        self._open()

    def _open(self) -> None:
        _choose_driver()
        try:
            pygame.display.init()
            self.surface, self.panel = self._surface()
        except pygame.error as error:
            zh = (
                f"没有可用的显示器：{error}。检查显示器连线，或用 SDL_VIDEODRIVER 指定 kmsdrm、wayland 或 x11"
            )
            en = f"no display: {error}. Check its cable, or name kmsdrm, wayland or x11 by SDL_VIDEODRIVER"
            raise NoDisplay(f"{zh}\n{en}") from error
        pygame.display.set_caption(_TITLE)
        pygame.mouse.set_visible(self._windowed)
        self.trouble = ""
        if self.panel != self._wanted and not self._windowed:  # a window is as large as there is room
            found, wanted = (f"{each.width_px}x{each.height_px}" for each in (self.panel, self._wanted))
            self.trouble = f"{found} instead of {wanted}"
            log.warning("the screen is not as configured: %s", self.trouble)

    def _surface(self) -> tuple[pygame.Surface, Panel]:
        width, height = pygame.display.get_desktop_sizes()[0]
        if not self._windowed:
            panel = replace(self._wanted, width_px=width, height_px=height)
            return pygame.display.set_mode((width, height), pygame.FULLSCREEN), panel
        panel = self._wanted
        if pygame.display.get_driver() not in IN_MEMORY:
            panel = smaller(panel, int(width * DESKTOP_SHARE), int(height * DESKTOP_SHARE))
        return pygame.display.set_mode((panel.width_px, panel.height_px)), panel

    def show(self, areas: Sequence[pygame.Rect]) -> None:
        pygame.display.update(list(areas))

    def felt(self) -> Iterator[Felt | Closed]:
        """What happened since the last look, in order."""
        for event in pygame.event.get()[:MAX_EVENTS]:
            if event.type in (pygame.FINGERDOWN, pygame.FINGERMOTION, pygame.FINGERUP):
                yield self._finger(event)
            elif event.type in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP) and event.button == 1:
                does = "down" if event.type == pygame.MOUSEBUTTONDOWN else "up"
                yield Finger(does, MOUSE, *map(self.panel.mm, event.pos))  # type: ignore[arg-type]
            elif event.type == pygame.MOUSEMOTION and event.buttons[0]:
                yield Finger("move", MOUSE, *map(self.panel.mm, event.pos))
            elif event.type == pygame.KEYDOWN:
                if key := _key(event):
                    yield key
            elif event.type == pygame.QUIT:
                yield Closed()

    def _finger(self, event: pygame.event.Event) -> Finger:
        x_mm = event.x * self.panel.width_mm
        y_mm = event.y * self.panel.height_mm
        if event.type == pygame.FINGERDOWN:
            return Finger("down", event.finger_id, x_mm, y_mm)
        return Finger("up" if event.type == pygame.FINGERUP else "move", event.finger_id, x_mm, y_mm)

    def touch_devices(self) -> tuple[str, ...]:
        """The names of those that the kernel has now."""
        try:
            return tuple(touch_names(INPUTS.read_text(encoding="utf-8", errors="replace")))
        except OSError:
            return ()

    def reopen(self) -> None:
        """Close the display and open it afresh, and with it every input device. Raises NoDisplay."""
        log.warning("the display and its touch device are opened afresh")
        pygame.display.quit()
        self._open()

    def close(self) -> None:
        pygame.display.quit()


def smaller(panel: Panel, width_px: int, height_px: int) -> Panel:
    """The same panel in fewer pixels, where it has more than there is room for."""
    share = min(1.0, width_px / panel.width_px, height_px / panel.height_px)
    return replace(panel, width_px=round(panel.width_px * share), height_px=round(panel.height_px * share))


def touch_names(listing: str) -> Iterator[str]:
    """Of the devices in /proc/bus/input/devices that feel several fingers, or tell where one is."""
    for device in listing.split("\n\n"):
        lines = dict(line[3:].split("=", 1) for line in device.splitlines() if "=" in line)
        axes, keys = _bits(lines.get("ABS", "")), _bits(lines.get("KEY", ""))
        if axes & _MULTI_TOUCH or (axes & _PLACE == _PLACE and keys & _PRESS):
            yield lines.get("Name", "").strip('"')


def _bits(words: str) -> int:
    """Of 64-bit words in hex, the highest first."""
    return sum(int(word, 16) << 64 * place for place, word in enumerate(reversed(words.split())))


def _key(event: pygame.event.Event) -> Key | None:
    if event.key == pygame.K_TAB and event.mod & pygame.KMOD_SHIFT:
        return Key("previous")
    if name := _KEYS.get(event.key):
        return Key(name)
    digit = pygame.key.name(event.key).strip("[]")
    return Key(digit) if len(digit) == 1 and digit in "0123456789" else None  # type: ignore[arg-type]


def _choose_driver() -> None:
    """Without a desktop SDL draws on the screen itself; there only OpenGL ES brings a picture."""
    if not any(name in os.environ for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY")):
        os.environ["SDL_VIDEODRIVER"] = "kmsdrm"
    if os.environ.get("SDL_VIDEODRIVER") == "kmsdrm":
        os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "opengles2")
