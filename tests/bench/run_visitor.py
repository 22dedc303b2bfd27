"""One person who looks at a page again and again, in a process of its own: `ADDRESS COOKIE SECONDS`. Prints
how long each took, and with what status, as JSON."""

from __future__ import annotations

import http.client
import json
import sys
import time
from urllib.parse import urlsplit

PAUSE_S = 0.2
TRIES = 3  # as a browser does, where its connection is closed before it has an answer
PATIENCE_S = 30.0


def visit(host: str, cookie: str) -> int:
    """The status; 0 where there was no answer."""
    for _ in range(TRIES):
        connection = http.client.HTTPConnection(host, timeout=PATIENCE_S)
        try:
            connection.request("GET", "/", headers={"Cookie": f"hall={cookie}"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            continue
        else:
            return answer.status
        finally:
            connection.close()
    return 0


def main() -> None:
    address, cookie, seconds = sys.argv[1:]
    ends_s, found = time.perf_counter() + float(seconds), []
    while (began_s := time.perf_counter()) < ends_s:
        status = visit(urlsplit(address).netloc, cookie)
        found.append((time.perf_counter() - began_s, status))
        time.sleep(PAUSE_S)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
