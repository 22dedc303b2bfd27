"""The floors: loops that do only what no durable node can leave out. Each runs as a process of its own.

    python -m tests.bench.bare LINE PORT TOPIC [DATABASE]    what comes on LINE is published on TOPIC
    python -m tests.bench.bare drain PORT TOPIC FILE         FILE's lines are published, 20 in flight

With DATABASE each chunk is kept in a synced transaction first. Nothing here imports the product. No codec,
no rule, no order, no answer to the device, no hub: faster than anything that could be used.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sqlite3
import sys
import tty
from pathlib import Path

import aiomqtt

WINDOW = 20  # as the outbox has
FRAME_BYTES = 11  # a caller's key with one digit: what comes late comes singly all the same


def client(port: int) -> aiomqtt.Client:
    nodelay = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    broker = aiomqtt.Client("127.0.0.1", port, socket_options=[nodelay], max_inflight_messages=WINDOW)
    broker.pending_calls_threshold = WINDOW  # its warning is for callers without a window
    return broker


def journal(path: Path) -> sqlite3.Connection:
    """WAL and FULL, as the store has it."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, text TEXT)")
    return db


def keep(db: sqlite3.Connection, text: str) -> None:
    """One synced transaction."""
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO event (text) VALUES (?)", (text,))
    db.execute("COMMIT")


async def forward(line: str, port: int, topic: str, database: str = "") -> None:
    """From the line to the broker, one chunk after the other, for ever."""
    fd = os.open(line, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(fd)
    chunks: asyncio.Queue[bytes] = asyncio.Queue()
    asyncio.get_running_loop().add_reader(fd, lambda: chunks.put_nowait(os.read(fd, FRAME_BYTES)))
    db = journal(Path(database)) if database else None
    async with client(port) as broker:
        sys.stdout.write(f"{topic} is ready\n")
        sys.stdout.flush()
        while True:
            text = json.dumps({"data": (await chunks.get()).hex(), "pad": "x" * 250})  # as long as our events
            if db is not None:
                keep(db, text)
            await broker.publish(topic, text, qos=1)


async def drain(port: int, topic: str, file: str) -> None:
    """Everything at once, WINDOW messages in flight; ends when the last is acknowledged."""
    window = asyncio.Semaphore(WINDOW)
    async with client(port) as broker:

        async def publish(payload: bytes) -> None:
            try:
                await broker.publish(topic, payload, qos=1, timeout=60)
            finally:
                window.release()

        async with asyncio.TaskGroup() as tasks:
            for payload in Path(file).read_bytes().splitlines():
                await window.acquire()
                tasks.create_task(publish(payload))


if __name__ == "__main__":
    if sys.argv[1] == "drain":
        asyncio.run(drain(int(sys.argv[2]), sys.argv[3], sys.argv[4]))
    else:
        asyncio.run(forward(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]))
