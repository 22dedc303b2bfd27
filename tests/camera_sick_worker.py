"""A picture worker that falls ill over a picture, as the job's blob "ill" says.

The real worker's loop and pipe, with this in the place of decoding and measuring.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time

from drivers.camera import worker
from drivers.camera.framing import MARK
from drivers.camera.job import Answer, Hello, Order, write_answer, write_hello


def look(pipe: int, order: Order) -> Answer:
    match order.given.get("ill", b"").decode().split():
        case ["hang"]:  # as in a lock that nobody gives back
            time.sleep(60)
        case ["spin"]:  # as in a loop that never ends
            while True:
                pass
        case ["crash"]:
            ctypes.string_at(0)
        case ["exit"]:
            os._exit(7)
        case ["print"]:
            os.write(pipe, b"warning: something\n")
        case ["oversized"]:
            os.write(pipe, MARK + b"\x00\x00\x00\x02\x7f\x00\x00\x00{}")
        case ["flood"]:
            while True:
                os.write(pipe, bytes(65_536))
        case ["twice"]:
            os.write(pipe, write_answer(order.number, Answer("ok")))
        case ["stranger"]:
            os.write(pipe, write_answer(order.number + 1, Answer("ok")))
        case ["hello"]:
            os.write(pipe, write_hello(Hello("again")))
        case ["half"]:
            os.write(pipe, write_answer(order.number, Answer("ok"))[:20])
            os._exit(0)
        case ["swell"]:
            return Answer("ok", blobs={"swollen": bytes(1 << 30)})
        case ["raise"]:
            raise KeyError("no such measure")
        case ["many"]:
            return Answer("ok", measures={str(number): 1.0 for number in range(1000)})
        case ["odd"]:
            return Answer("ok", measures={"mean": {1, 2}})  # type: ignore[dict-item]
        case ["burn", seconds]:
            until_s = time.process_time() + float(seconds)
            while time.process_time() < until_s:
                pass
        case ["late", seconds]:
            time.sleep(float(seconds))
    return Answer("ok", measures={"pid": os.getpid(), "bytes": len(order.data)})


def main() -> None:
    pipe = worker.take_output()
    worker.settle()
    match sys.argv[1:]:
        case ["lacks"]:
            os.write(pipe, write_hello(Hello(lacks="No module named 'cv2'")))
            return
        case ["mute"]:
            time.sleep(60)
        case ["rude"]:
            os.write(pipe, b"usage: something else\n")
        case ["short"]:
            sys.exit(3)
    os.write(pipe, write_hello(Hello("sick")))
    worker.hush()
    worker.limit_memory()
    worker.serve(pipe, lambda order: look(pipe, order))


if __name__ == "__main__":
    main()
