"""What the network and TLS say when a broker is not reached, and what is made of it."""

from __future__ import annotations

import pytest

from edge.diag.refusals import AWAY, REFUSALS, TurnedAway, refusal
from edge.diag.words_reach import unreached

SAID = {  # as OpenSSL, paho and the kernel have said it
    "certificate_expired": "closed before it was accepted (failed to receive on socket: "
    "[SSL: SSLV3_ALERT_CERTIFICATE_EXPIRED] sslv3 alert certificate expired (_ssl.c:2580))",
    "certificate_revoked": "[SSL: SSLV3_ALERT_CERTIFICATE_REVOKED] sslv3 alert certificate revoked",
    "certificate_unknown": "[SSL: TLSV1_ALERT_UNKNOWN_CA] tlsv1 alert unknown ca (_ssl.c:2580)",
    "certificate_required": "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required",
    "broker_expired": "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired",
    "clock_behind": "certificate verify failed: certificate is not yet valid (_ssl.c:1006)",
    "broker_name": "certificate verify failed: Hostname mismatch, certificate is not valid for 'localhost'.",
    "broker_unknown": "certificate verify failed: self-signed certificate in certificate chain",
    "files_unusable": "the certificates cannot be used: [Errno 2] No such file or directory",
    "password": "[code:135] Not authorized",
    "plain": "closed before it was accepted (failed to receive: [Errno 104] Connection reset by peer)",
    "acl": "the broker's access list refuses a subscription to hall/1/reply/li/+",
    "away": "[Errno 111] Connection refused",
}


@pytest.mark.parametrize(("code", "cause"), SAID.items())
def test_a_refusal_is_said_in_words_with_its_remedy(code: str, cause: str) -> None:
    found = refusal(f"mqtts://10.0.0.1:8883: {cause}")
    assert found.code == code
    told = unreached(TurnedAway(cause))
    assert found.what.zh in told.said.zh and found.what.en in told.said.en
    assert cause in told.said.zh and cause in told.said.en
    assert told.remedy == found.next


def test_each_kind_is_tried() -> None:
    assert {each.code for each in (*REFUSALS, AWAY)} == SAID.keys()
