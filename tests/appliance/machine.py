"""A hall's machine, emulated: booted from the image, plugged, pressed, asked, and ended by process id.

Nothing of it is kept, unless it has a disk of its own: else that is a snapshot, and all else lies in the
folder that it is given. In the guest, 10.0.2.2 is the loopback of this machine.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.appliance.image import DISK, INITRD, KERNEL, STICK
from tests.appliance.monitor import Monitor
from tests.appliance.tape import Plug, Said, Tape, plug, record, said

BOOT_LIMIT_S = 300.0  # 25 s on two idle cores; several test runs may share them
COMMAND_LIMIT_S = 60.0  # a command of Python takes 3 s to begin in the guest
SCREEN = 720, 1280  # pixels of a kiosk's panel: full HD takes twice as long where the processor draws
POLL_S = 0.1  # between two looks at a command: the agent does not tell when it ends
END_LIMIT_S = 10.0  # for QEMU to end when it is told to
PORTS = ("printer", "scanner", "reader", "twin")  # adapters, each at a socket that is its far end
# Sockets here, and the names that udev gives their other ends in the guest.
CHANNELS = {"agent": "org.qemu.guest_agent.0", "udev": "hall.udev", "log": "hall.log"}
COMMAND_LINE = "root=/dev/vda rw console=ttyS0 quiet systemd.show_status=0 net.ifnames=0 mitigations=off"


@dataclass(frozen=True, slots=True)
class Done:
    status: int
    out: str
    err: str


@dataclass(slots=True)
class Machine:
    folder: Path
    pid: int  # of QEMU
    qmp: Monitor
    agent: Monitor
    udev: Tape[Plug] = field(default_factory=Tape)
    log: Tape[Said] = field(default_factory=Tape)

    # --- inside ---
    async def run(self, *command: str, given: str = "", limit_s: float = COMMAND_LIMIT_S) -> Done:
        """Run as root in the guest; `given` is its standard input."""
        started = await self.agent.ask(
            "guest-exec",
            path="/usr/bin/env",
            arg=list(command),
            input_data=base64.b64encode(given.encode()).decode(),
            capture_output=True,
        )
        async with asyncio.timeout(limit_s):
            while True:
                found = await self.agent.ask("guest-exec-status", pid=started["pid"])
                if found["exited"]:
                    break
                await asyncio.sleep(POLL_S)
        out, err = (base64.b64decode(found.get(name, "")).decode() for name in ("out-data", "err-data"))
        return Done(found.get("exitcode", -found.get("signal", 0)), out, err)

    async def must(self, *command: str, given: str = "", limit_s: float = COMMAND_LIMIT_S) -> str:
        """What it wrote; fails the test where it failed."""
        done = await self.run(*command, given=given, limit_s=limit_s)
        assert done.status == 0, f"{' '.join(command)}: {done}"
        return done.out

    # --- outside ---
    def far_end(self, port: str) -> Path:
        """The socket behind an adapter: to connect is to plug it in, to close to pull it."""
        return self.folder / f"{port}.sock"

    async def plug_keyboard(self, name: str, port: int) -> None:
        """A USB keyboard into the socket `port`; from now on it gets the keys. `name` is its serial number,
        and its id in QEMU."""
        await self.qmp.ask("device_add", driver="usb-kbd", id=name, bus="usb.0", port=str(port), serial=name)

    def crowded(self) -> float:
        """How many times longer than on an idle machine everything has taken since it was switched on: by
        how long its threads have run, and waited for others to run (Linux, sched-stats: schedstat)."""
        ran = waited = 0
        for thread in Path(f"/proc/{self.pid}/task").iterdir():
            each = (thread / "schedstat").read_text().split()
            ran, waited = ran + int(each[0]), waited + int(each[1])
        return (ran + waited) / ran

    async def cut_power(self) -> None:
        """At once: what the guest has not synced is gone."""
        await self.qmp.ask("quit")

    async def pull(self, name: str) -> None:
        await self.qmp.ask("device_del", id=name)

    async def press(self, *keys: str, hold_ms: int = 50) -> None:
        """Press these keys together and let them go, by QEMU's names ("5", "ret")."""
        codes = [{"type": "qcode", "data": key} for key in keys]
        await self.qmp.ask("send-key", keys=codes, hold_time=hold_ms)

    async def key(self, key: str, down: bool) -> None:
        """One key's going down, or up."""
        value = {"down": down, "key": {"type": "qcode", "data": key}}
        await self.qmp.ask("input-send-event", events=[{"type": "key", "data": value}])


@contextlib.asynccontextmanager
async def booted(folder: Path, disk: Path | None = None) -> AsyncIterator[Machine]:
    """Once its agent answers. It is gone at the end, however that comes; what it wrote to `disk` stays."""
    with (folder / "qemu.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            # it ends with this process, even where that is killed
            *("setpriv", "--pdeathsig", "KILL"),
            *_qemu(folder, disk),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=asyncio.subprocess.STDOUT,
        )
    try:
        async with contextlib.AsyncExitStack() as stack:
            qmp = await _monitor(stack, folder / "qmp.sock")
            agent = await _monitor(stack, folder / "agent.sock")
            await qmp.ask("qmp_capabilities")
            machine = Machine(folder, process.pid, qmp, agent)
            for recording in (
                record(folder / "udev.sock", machine.udev, plug),
                record(folder / "log.sock", machine.log, said),
            ):
                stack.callback(asyncio.create_task(recording).cancel)
            await agent.ask("guest-sync", BOOT_LIMIT_S, id=int(time.time()))
            yield machine
    finally:
        await _end(process)


async def _monitor(stack: contextlib.AsyncExitStack, path: Path) -> Monitor:
    monitor = await Monitor.at(path)
    stack.push_async_callback(monitor.close)
    return monitor


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(END_LIMIT_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _qemu(folder: Path, disk: Path | None) -> Iterator[str]:
    """The command line. No KVM: it is not to be had on every machine, and udev does not care."""
    yield from ("qemu-system-x86_64", "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none")
    yield from ("-machine", "q35,i8042=off", "-accel", "tcg", "-cpu", "max", "-smp", "2", "-m", "1024")
    yield from ("-kernel", str(KERNEL), "-initrd", str(INITRD), "-append", COMMAND_LINE)
    snapshot = "off" if disk else "on"
    # unsafe: what the guest has synced is with this machine's kernel, which outlives QEMU; its power stays.
    drive = f"if=virtio,format=raw,cache=unsafe,snapshot={snapshot}"
    yield from ("-drive", f"file={disk or DISK},{drive}")
    yield from ("-drive", f"file={STICK},if=virtio,format=raw,readonly=on")  # /dev/vdb
    yield from ("-serial", f"file:{folder / 'console.log'}", "-qmp", _socket(folder, "qmp", "unix:"))
    yield from ("-device", f"virtio-gpu-pci,xres={SCREEN[0]},yres={SCREEN[1]}")
    yield from ("-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net")
    yield from ("-device", "virtio-serial-pci")
    for name, port in CHANNELS.items():
        yield from ("-chardev", _socket(folder, name, f"socket,id={name},path="))
        yield from ("-device", f"virtserialport,chardev={name},name={port}")
    yield from ("-device", "qemu-xhci,id=usb,addr=0x10,p2=12,p3=4")
    for number, name in enumerate(PORTS, 1):
        yield from ("-chardev", _socket(folder, name, f"socket,id={name},path="))
        yield from ("-device", f"usb-serial,chardev={name},serial={name.upper()},bus=usb.0,port={number}")


def _socket(folder: Path, name: str, prefix: str) -> str:
    return f"{prefix}{folder / name}.sock,server=on,wait=off"
