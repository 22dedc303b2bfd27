"""TLS to the services: who is trusted, what a node shows, what a technician is told of what does not fit."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from edge.upstream.port import Away
from edge.upstream.sandbox.service import Service
from tests.integration.pki import Authority
from tests.upstream.kit import Way, client_of, sandbox


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("pki") / "ours")


def context(authority: Authority, cert: Path, key: Path, *, mutual: bool = False) -> ssl.SSLContext:
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.ca if mutual else None)
    made.load_cert_chain(cert, key)
    if mutual:
        made.verify_mode = ssl.CERT_REQUIRED
    return made


@asynccontextmanager
async def secured(
    authority: Authority, pair: tuple[Path, Path], *, mutual: bool = False
) -> AsyncIterator[str]:
    async with sandbox(Service(), tls=context(authority, *pair, mutual=mutual)) as url:
        yield url


async def refused(way: Way) -> Away:
    async with client_of(way) as client:
        with pytest.raises(Away) as caught:
            await client.about()
    return caught.value


async def test_who_is_trusted_is_asked(authority: Authority) -> None:
    async with secured(authority, authority.issue("server")) as url:
        async with client_of(Way(url, ca=authority.ca)) as client:
            assert (await client.about()).sandbox
        assert (await refused(Way(url))).code == "certificate"


async def test_a_node_shows_its_certificate(authority: Authority) -> None:
    cert, key = authority.issue("node")
    async with secured(authority, authority.issue("server"), mutual=True) as url:
        async with client_of(Way(url, ca=authority.ca, cert=cert, key=key)) as client:
            assert (await client.about()).sandbox
        told = await refused(Way(url, ca=authority.ca))
    assert told.code in ("tls", "lost")
    assert "[upstream] cert" in str(told)


async def test_a_certificate_that_has_expired(authority: Authority) -> None:
    async with secured(authority, dated(authority, "-1")) as url:
        told = await refused(Way(url, ca=authority.ca))
    assert told.code == "certificate_expired"
    assert "has expired" in str(told)
    assert "our own clock" in str(told)


async def test_a_certificate_that_is_another_servers(authority: Authority) -> None:
    async with secured(authority, authority.issue("server")) as url:
        told = await refused(Way(url.replace("127.0.0.1", "localhost"), ca=authority.ca))
    assert told.code == "certificate_name"
    assert "url" in str(told)


async def test_files_that_are_not_there_or_are_none(authority: Authority, tmp_path: Path) -> None:
    nowhere, rubbish = tmp_path / "nowhere", tmp_path / "rubbish"
    rubbish.write_text("no certificate\n")
    for way in (
        Way("https://127.0.0.1:1", ca=nowhere),
        Way("https://127.0.0.1:1", ca=rubbish),
        Way("https://127.0.0.1:1", ca=authority.ca, cert=rubbish, key=rubbish),
        Way("https://127.0.0.1:1", token_file=nowhere),
    ):
        told = await refused(way)
        assert told.code == "no_credentials"
        assert str(tmp_path) in str(told), "a technician is told which file"


async def test_a_certificate_that_was_renewed_needs_no_restart(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other")
    ca = tmp_path / "ca.pem"
    ca.write_bytes(other.ca.read_bytes())
    async with secured(authority, authority.issue("server")) as url, client_of(Way(url, ca=ca)) as client:
        with pytest.raises(Away):
            await client.about()
        ca.write_bytes(authority.ca.read_bytes() + other.ca.read_bytes())
        assert (await client.about()).sandbox


def dated(authority: Authority, days: str) -> tuple[Path, Path]:
    """A server's certificate that lasts so many days from now."""
    cert, key = authority.issue("dated")
    request = cert.with_suffix(".csr")
    command = ["openssl", "x509", "-req", "-in", str(request), "-CA", str(authority.ca)]
    rest = ["-CAkey", str(authority.ca.with_name("ca.key")), "-CAcreateserial", "-days", days]
    more = ["-copy_extensions", "copyall", "-out", str(cert)]
    subprocess.run([*command, *rest, *more], check=True, capture_output=True)
    return cert, key
