"""What cameras say and are told, from the documents: RTSP, its log-ins, session descriptions."""

from __future__ import annotations

from drivers.camera.auth import Challenge, Credentials
from drivers.camera.rtsp import Frame, Interleaved, Request, Response

# RFC 2326: §10.12, what a server says (the RTP data is ours), and §10.6, what it may ask
SAID: list[tuple[bytes, Frame]] = [
    (
        b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nDate: 05 Jun 1997 18:57:18 GMT\r\n"
        b"Transport: RTP/AVP/TCP;interleaved=0-1\r\nSession: 12345678\r\n\r\n",
        Response(
            200,
            "OK",
            (
                ("CSeq", "2"),
                ("Date", "05 Jun 1997 18:57:18 GMT"),
                ("Transport", "RTP/AVP/TCP;interleaved=0-1"),
                ("Session", "12345678"),
            ),
        ),
    ),
    (b"$\x00\x00\x04\x80\x60\x00\x01", Interleaved(0, b"\x80\x60\x00\x01")),
    (
        b"REDIRECT rtsp://example.com/fizzle/foo RTSP/1.0\r\nCSeq: 732\r\n"
        b"Location: rtsp://bigserver.com:8001\r\nRange: clock=19960213T143205Z-\r\n\r\n",
        Request(
            "REDIRECT",
            "rtsp://example.com/fizzle/foo",
            (
                ("CSeq", "732"),
                ("Location", "rtsp://bigserver.com:8001"),
                ("Range", "clock=19960213T143205Z-"),
            ),
        ),
    ),
]
# RFC 2326 §10.12
ASKED: list[tuple[Request, bytes]] = [
    (
        Request(
            "SETUP",
            "rtsp://foo.com/bar.file",
            (("CSeq", "2"), ("Transport", "RTP/AVP/TCP;interleaved=0-1")),
        ),
        b"SETUP rtsp://foo.com/bar.file RTSP/1.0\r\nCSeq: 2\r\n"
        b"Transport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n",
    ),
]

# --- log-ins: challenge, who, cnonce, what is asked for, the response ---
_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
CIRCLE = Credentials("Mufasa", "Circle of Life")
DIGESTS: dict[str, tuple[str, Credentials, str, str, str, str]] = {
    "RFC 2617 §3.5": (
        'Digest realm="testrealm@host.com", qop="auth,auth-int", '
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
        Credentials("Mufasa", "Circle Of Life"),
        "0a4f113b",
        "GET",
        "/dir/index.html",
        "6629fae49393a05397450978507c4ef1",
    ),
    "RFC 7616 §3.9.1, MD5": (
        _7616.format("MD5"),
        CIRCLE,
        "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        "GET",
        "/dir/index.html",
        "8ca523f5e9506fed4657c9700eebdbec",
    ),
    "RFC 7616 §3.9.1, SHA-256": (
        _7616.format("SHA-256"),
        CIRCLE,
        "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        "GET",
        "/dir/index.html",
        "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
    ),
}
BOTH = [_7616.format("SHA-256"), _7616.format("MD5")]  # as RFC 7616 §3.9.1 offers them
# RFC 7617 §2
BASIC = (
    Challenge("basic", "WallyWorld"),
    Credentials("Aladdin", "open sesame"),
    "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
)

# --- session descriptions ---
# RFC 4566 §5, its example, and RFC 6184 §8.2.1, the video of one with its parameter sets
SDP_4566 = b"""v=0
o=jdoe 2890844526 2890842807 IN IP4 10.47.16.5
s=SDP Seminar
i=A Seminar on the session description protocol
u=http://www.example.com/seminars/sdp.pdf
e=j.doe@example.com (Jane Doe)
c=IN IP4 224.2.17.12/127
t=2873397496 2873404696
a=recvonly
m=audio 49170 RTP/AVP 0
m=video 51372 RTP/AVP 99
a=rtpmap:99 h263-1998/90000
"""
SDP_6184 = (
    b"v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=control:*\r\n"
    b"m=audio 0 RTP/AVP 0\r\na=control:trackID=1\r\n"
    b"m=video 49170 RTP/AVP 98\r\n"
    b"a=rtpmap:98 H264/90000\r\n"
    b"a=fmtp:98 profile-level-id=42A01E; packetization-mode=1; sprop-parameter-sets=Z0IACpZTBYmI,aMljiA==\r\n"
    b"a=framerate:12.5\r\na=control:trackID=2\r\n"
)
SETS_6184 = (bytes.fromhex("6742000a9653058988"), bytes.fromhex("68c96388"))
