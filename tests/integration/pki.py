"""A certificate authority for tests, made with openssl as a hall's technician would."""

from __future__ import annotations

import subprocess
from pathlib import Path


class Authority:
    """`ca` signs; `issue` gives (certificate, key)."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self.ca = folder / "ca.crt"
        self._key = folder / "ca.key"
        _openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=test authority", "-keyout", self._key, "-out", self.ca,
        )  # fmt: skip

    def issue(self, common_name: str) -> tuple[Path, Path]:
        """For 127.0.0.1 as a server, or for whom `common_name` says as a client."""
        stem = common_name.replace("/", "-")
        key, request, cert = (self._folder / f"{stem}.{end}" for end in ("key", "csr", "crt"))
        subject = "/CN=" + common_name.replace("/", "\\/")
        _openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", subject,
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", request,
        )  # fmt: skip
        _openssl(
            "x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self._key, "-CAcreateserial",
            "-days", "2", "-copy_extensions", "copyall", "-out", cert,
        )  # fmt: skip
        return cert, key


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
