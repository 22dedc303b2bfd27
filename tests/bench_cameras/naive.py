"""`python -m tests.bench_cameras.naive FRAMES LIMIT_S URL …`: the loop that everybody writes first.

A process of its own with a time limit: `cv2.VideoCapture` hangs for half a minute, and longer, where a camera
does. Says for each URL how long it took, what it cost, and how many pictures came, as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time

import cv2

os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", "rtsp_transport;tcp")


def look(url: str, frames: int) -> dict[str, float]:
    began_s, spent_s = time.perf_counter(), time.process_time()
    capture = cv2.VideoCapture(url)
    opened_s, opened_cpu_s = time.perf_counter(), time.process_time()
    pictures = 0
    while pictures < frames and capture.read()[0]:
        pictures += 1
    capture.release()
    ended_s, ended_cpu_s = time.perf_counter(), time.process_time()
    return {
        "wall_s": ended_s - began_s,
        "cpu_s": ended_cpu_s - spent_s,
        "read_s": ended_s - opened_s,
        "read_cpu_s": ended_cpu_s - opened_cpu_s,
        "pictures": pictures,
    }


def main() -> None:
    frames, limit_s, *urls = sys.argv[1:]
    signal.setitimer(signal.ITIMER_REAL, float(limit_s))  # whose signal ends it, wherever it hangs
    for url in urls:
        sys.stdout.write(json.dumps(look(url, int(frames))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
