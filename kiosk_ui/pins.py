"""The technician's PIN as the configuration has it: hashed, so that who reads the file has to work for it.

As a program it tells whether a PIN on its standard input is the one of the hash on the next line.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import sys

COST = {"n": 2**14, "r": 8, "p": 1}  # 16 MiB and some 50 ms a try
HASH = re.compile(r"scrypt:([0-9a-f]{32}):([0-9a-f]{64})")
RIGHT, WRONG = b"right", b"wrong"


def hash_pin(pin: str, salt: bytes) -> str:
    """A PIN of six digits falls to who has the file and a day: it keeps citizens out, and no burglar."""
    return f"scrypt:{salt.hex()}:{hashlib.scrypt(pin.encode(), salt=salt, dklen=32, **COST).hex()}"


def is_pin(pin: str, hashed: str) -> bool:
    match = HASH.fullmatch(hashed)
    return match is not None and hmac.compare_digest(hash_pin(pin, bytes.fromhex(match[1])), hashed)


def main() -> None:
    pin, hashed = (sys.stdin.buffer.readline().decode().rstrip("\n") for _ in range(2))
    sys.stdout.buffer.write(RIGHT if is_pin(pin, hashed) else WRONG)


if __name__ == "__main__":
    main()
