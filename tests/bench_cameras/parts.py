"""The benchmarks, each a plan or some, and the figures that come of them."""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec

from drivers.messages import CameraRing
from tests.bench.model import Figure, Result, Series
from tests.bench_cameras.ends import NAIVE_LIMIT_S, Memory, naive, near_end
from tests.bench_cameras.far_end import url_of
from tests.bench_cameras.hanging import KINDS, LOST, RINGS
from tests.bench_cameras.plan import Decoder, Findings, Plan, Profile

SWEEP_WALL_S, SWEEP_CPU_S = 3.0, 1.5
CHECKS: dict[Profile, float] = {"sub": 7_000.0, "main": 1_700.0}  # per core and minute
STEADY_PERCENT, MEMORY_MB = 5.0, 200.0
ANSWER_S = 8.0
UNCHANGED = 1.25  # times the latency without anything that hangs: key frames come when they come
PROBE_MS = 50.0  # p99 of a probe, whatever hangs
NAIVE_FRAMES = 25  # a second of video, which everybody takes to let the picture settle
DECODERS: tuple[Decoder, ...] = ("av", "cv2") if find_spec("av") else ("cv2",)


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: FULL takes 10 minutes, QUICK 4."""

    cameras: int  # of sub streams in a sweep, and in all that follows
    mains: int
    rounds: int
    naive: int  # cameras that the naive loop looks at; the others are extrapolated
    settle_s: float  # looks of the start are denser, and each camera's first picture costs a JPEG more
    steady_s: float  # whole periods of pictures
    held_s: float
    scenes: int = 4
    gop_s: int = 2
    loop_s: int = 62  # of the cameras' video
    hangs: bool = True  # the naive loop is given a camera that hangs, which takes more than a minute


FULL = Size(cameras=146, mains=48, rounds=5, naive=4, settle_s=40.0, steady_s=120.0, held_s=20.0)
QUICK = Size(cameras=146, mains=24, rounds=3, naive=2, settle_s=40.0, steady_s=60.0, held_s=8.0, hangs=False)

Part = Callable[[Size, int], Awaitable[Result]]


async def sweep(size: Size, port: int) -> Result:
    """All small streams at once."""
    naively = await naive([url_of(n, port) for n in range(1, size.naive + 1)], NAIVE_FRAMES)
    wall_s, cpu_s = (_mean(naively, key) * size.cameras for key in ("wall_s", "cpu_s"))
    figures: list[Figure] = []
    series: list[Series] = []
    for decoder in DECODERS:
        plan = Plan("sweep", port, size.cameras, decoder, rounds=size.rounds)
        found, memory = await near_end(plan)
        _all_well(found)
        wall, cpu = (statistics.median(found.series_s[name]) for name in ("wall", "cpu"))
        name = f"sweep of {size.cameras} subs, {decoder}"
        figures += [
            Figure(f"{name}: wall", "s", wall, float(size.gop_s), "one GOP", below=SWEEP_WALL_S),
            Figure(f"{name}: processor", "s", cpu, cpu_s, "naive", below=SWEEP_CPU_S),
            Figure(f"{name}: the first, which starts workers", "s", found.numbers["cold_s"]),
            _resident(name, memory),
            *await _checks(plan, found, naively),
        ]
        series.append(Series(f"a look, of {size.cameras} at once, {decoder}", found.series_s["look"]))
    found, _ = await near_end(Plan("sweep", port, size.cameras, DECODERS[0], sessions=16, rounds=1))
    figures += [
        Figure("the same, 16 sessions at a time: wall", "s", found.series_s["wall"][0]),
        Figure("naive loop, one camera after the other: wall", "s", wall_s),
        Figure("naive loop: processor", "s", cpu_s),
    ]
    note = (
        f"the naive loop: cv2.VideoCapture, {NAIVE_FRAMES} frames of each of {len(naively)} cameras, "
        f"times {size.cameras}; it measures nothing in the pictures"
    )
    how = f"medians of {size.rounds} sweeps: connect, one key frame, decode, all metrics beside a reference"
    return Result("All cameras at once", tuple(figures), tuple(series), (how, note))


async def mains(size: Size, port: int) -> Result:
    """One key frame of large streams."""
    naively = await naive([url_of(n, port, "main") for n in range(1, size.naive + 1)], NAIVE_FRAMES)
    figures: list[Figure] = []
    for decoder in DECODERS:
        plan = Plan("sweep", port, size.mains, decoder, "main", rounds=size.rounds)
        found, memory = await near_end(plan)
        _all_well(found)
        figures += [*await _checks(plan, found, naively), _resident(f"main, {decoder}", memory)]
    note = f"{size.mains} cameras at once, 1920×1080, 4 Mbit/s; in a hall they are decoded and not measured"
    return Result("Large streams", tuple(figures), notes=(note,))


async def steady(size: Size, port: int) -> Result:
    """All rings by their default periods."""
    (held,) = await naive([url_of(1, port)], int(size.held_s * NAIVE_FRAMES))
    share = 100 * held["read_cpu_s"] / held["read_s"] * size.cameras
    figures: list[Figure] = []
    notes: list[str] = []
    for decoder in DECODERS:
        found, memory = await near_end(
            Plan("steady", port, size.cameras, decoder, settle_s=size.settle_s, seconds=size.steady_s)
        )
        _all_well(found)
        of = found.numbers
        name = f"steady load, {decoder}"
        figures += [
            Figure(
                f"{name}: processor", "% of a core", of["cpu_percent"], share, "naive", below=STEADY_PERCENT
            ),
            Figure(f"{name}: resident", "MB", memory.rss_mb, below=MEMORY_MB),
            Figure(f"{name}: PSS", "MB", memory.pss_mb),
        ]
        rings = ", ".join(f"{of.get(ring, 0):.0f} {ring}s" for ring in ("probe", "picture", "stream"))
        notes.append(f"{decoder}: {rings} in {of['seconds']:.0f} s; memory at its highest, of all processes")
    notes.append(
        f"naive: one cv2.VideoCapture held open costs {share / size.cameras:.1f} %, times {size.cameras}"
    )
    return Result("Steady load", tuple(figures), notes=tuple(notes))


async def held(size: Size, port: int) -> Result:
    """All small streams held open."""
    found, memory = await near_end(Plan("held", port, size.cameras, seconds=size.held_s))
    return Result(
        "All sessions held open",
        (
            Figure("held: processor", "% of a core", found.numbers["cpu_percent"]),
            Figure("held: resident", "MB", memory.rss_mb),
            Figure("held: pictures a second, the least", "/s", found.numbers["fps_least"]),
        ),
        notes=(f"{size.cameras} subs for {size.held_s:g} s, every RTP header parsed, nothing decoded",),
    )


async def hung(size: Size, port: int) -> Result:
    """What hangs, and what the others notice."""
    found, _ = await near_end(Plan("hung", port, size.cameras, DECODERS[0], sessions=16))
    figures = [_slowest(found, ring) for ring in RINGS]
    if LOST in found.numbers:
        figures.append(Figure(f"{LOST}: given up", "s", found.numbers[LOST], below=ANSWER_S))
    series = [Series(name, values_s) for name, values_s in found.series_s.items()]
    of = {each.name: each for each in series}
    for beside in ("cameras", "decoders"):
        picture, probe = of[f"picture, {beside}"], of[f"probe, {beside}"]
        quiet, calm = of["picture, nobody"], of["probe, nobody"]
        name = f"the others while {beside} hang"
        figures += [
            Figure(f"{name}: picture p50", "ms", picture.p50, quiet.p50, "nobody", ratio_at_most=UNCHANGED),
            Figure(f"{name}: picture p99", "ms", picture.p99, quiet.p99, "nobody", ratio_at_most=UNCHANGED),
            Figure(f"{name}: picture, slowest", "ms", picture.ms(1.0), quiet.ms(1.0), "nobody"),
            Figure(f"{name}: probe p50", "ms", probe.p50, calm.p50, "nobody"),
            Figure(f"{name}: probe p99", "ms", probe.p99, calm.p99, "nobody", below=PROBE_MS),
        ]
    if size.hangs:
        (bad,) = await naive([f"{url_of(1, port)}?fault=stall"], 3 * NAIVE_FRAMES) or [
            {"wall_s": NAIVE_LIMIT_S}
        ]
        figures.append(Figure("naive loop on a camera that stalls", "s", bad["wall_s"], note="100: given up"))
    codes = ", ".join(f"{count} {code or 'well'}" for code, count in found.codes.items())
    return Result("What hangs", tuple(figures), tuple(series), (f"looks at the others: {codes}",))


PARTS: dict[str, Part] = {"sweep": sweep, "mains": mains, "steady": steady, "held": held, "hung": hung}


async def _checks(plan: Plan, found: Findings, naively: list[dict[str, float]]) -> list[Figure]:
    """What a check costs as the requirement has it: a camera connected, its key frame decoded, as the naive
    loop does, which measures nothing. And `found`: with all measures of the picture."""
    decoded, _ = await near_end(replace(plan, measured=False))
    _all_well(decoded)
    usual = 60 / _mean(naively, "cpu_s")
    figures = []
    for what, sweeps, least in (("", decoded, CHECKS[plan.profile]), (" and measures", found, None)):
        each_s = statistics.median(sweeps.series_s["cpu"]) / plan.cameras
        name, note = f"checks of {plan.profile}{what}, {plan.decoder}", f"{1000 * each_s:.1f} ms each"
        figures.append(Figure(name, "/core·min", 60 / each_s, usual, "naive", at_least=least, note=note))
    return figures


def _slowest(found: Findings, ring: CameraRing) -> Figure:
    took_s = {kind: found.numbers[f"{kind}, {ring}"] for kind in (*KINDS, "deaf")}
    note = ", ".join(f"{kind} {each_s:.1f}" for kind, each_s in took_s.items())
    return Figure(f"what hangs, {ring}: given up", "s", max(took_s.values()), below=ANSWER_S, note=note)


def _resident(name: str, memory: Memory) -> Figure:
    return Figure(f"{name}: resident", "MB", memory.rss_mb)


def _mean(looks: list[dict[str, float]], key: str) -> float:
    """Raises StatisticsError where none came to an end."""
    return statistics.fmean(look[key] for look in looks)


def _all_well(found: Findings) -> None:
    """Raises RuntimeError: looks that failed are cheap, and no figure."""
    if bad := {code: count for code, count in found.codes.items() if code}:
        raise RuntimeError(f"looks at sound cameras failed: {bad}")
