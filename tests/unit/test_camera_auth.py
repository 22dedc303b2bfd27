"""Log-ins: the vectors of the RFCs, what cameras offer, and that the password is in no text."""

from __future__ import annotations

import re

import pytest

from drivers.camera.auth import Answerer, Challenge, Credentials, strongest
from tests.golden.camera_messages import BASIC, BOTH, DIGESTS

WHO = Credentials("admin", "s3cret")


@pytest.mark.parametrize("name", DIGESTS)
def test_the_vectors_of_the_rfcs(name: str) -> None:
    offered, who, cnonce, method, url, response = DIGESTS[name]
    challenge = strongest([offered])
    assert challenge
    answer = Answerer(challenge, who, lambda: cnonce).header(method, url)
    assert f'response="{response}"' in answer
    assert f'username="{who.username}"' in answer
    assert "nc=00000001" in answer
    assert f'opaque="{challenge.opaque}"' in answer


def test_basic_is_as_the_rfc_has_it() -> None:
    challenge, who, answer = BASIC
    assert strongest(['Basic realm="WallyWorld"']) == challenge
    assert Answerer(challenge, who).header("GET", "/") == answer


def test_without_qop_it_is_the_older_digest() -> None:
    challenge = strongest(['Digest realm="r", nonce="n"'])
    assert challenge == Challenge("MD5", "r", "n")
    answer = Answerer(challenge, WHO).header("DESCRIBE", "rtsp://camera/")
    # by md5sum(1): admin:r:s3cret, DESCRIBE:rtsp://camera/, and both with the nonce
    assert 'response="a77a396084af9d3d267df0068966212f"' in answer
    assert not re.search(r"qop|nc=|cnonce|algorithm|opaque", answer)


def test_each_request_counts_and_has_its_own_chance() -> None:
    challenge = strongest(BOTH)
    assert challenge
    answerer = Answerer(challenge, WHO)
    answers = [answerer.header("PLAY", "rtsp://camera/") for _ in range(3)]
    assert [re.findall(r"nc=(\w+)", each) for each in answers] == [["00000001"], ["00000002"], ["00000003"]]
    assert len({re.findall(r'cnonce="(\w+)"', each)[0] for each in answers}) == 3


@pytest.mark.parametrize(
    ("offers", "kind"),
    [
        (BOTH, "SHA-256"),
        (BOTH[::-1], "SHA-256"),
        (['Basic realm="c"', 'Digest realm="c", nonce="n"'], "MD5"),
        (['Digest realm="a, b", nonce="n", algorithm=MD5, Basic realm="c"'], "MD5"),
        (['Basic realm="c", Digest realm="a", nonce="n", algorithm="sha-256", qop=auth'], "SHA-256"),
        (['Digest realm="a", nonce="n", algorithm=MD5-sess', 'Basic realm="c"'], "basic"),
        (['Digest realm="a", nonce="n", qop="auth-int"', "Basic"], "basic"),
        (['Digest realm="a"', "basic realm=c"], "basic"),
        (["Negotiate, Bearer x=y"], None),
        (["", '"', "Digest", 'Digest realm="', "=,=,"], None),
        ([], None),
    ],
)
def test_the_strongest_that_can_be_answered_is_taken(offers: list[str], kind: str | None) -> None:
    challenge = strongest(offers)
    assert (challenge.kind if challenge else None) == kind


def test_quotes_in_names_are_kept() -> None:
    challenge = strongest([r'Digest realm="say \"cheese\"", nonce="n\\"'])
    assert challenge
    assert (challenge.realm, challenge.nonce) == ('say "cheese"', "n\\")
    answer = Answerer(challenge, Credentials('a"b', "")).header("PLAY", "rtsp://camera/")
    assert r'username="a\"b"' in answer
    assert r'realm="say \"cheese\""' in answer


def test_a_stale_nonce_is_known() -> None:
    found = strongest(['Digest realm="r", nonce="n", stale=TRUE'])
    assert found
    assert found.stale


def test_the_password_is_in_no_text() -> None:
    challenge = strongest(BOTH)
    assert challenge
    for each in (WHO, Answerer(challenge, WHO), challenge):
        assert WHO.password not in f"{each!r} {each}"
    assert WHO.password not in Answerer(challenge, WHO).header("PLAY", "rtsp://camera/")
