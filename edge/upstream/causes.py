"""Why nobody answered, in words for technicians. What libraries say is not repeated: it may quote a path with
a visit's secret in it."""

from __future__ import annotations

import ssl

from edge.upstream.http import aiohttp
from edge.upstream.port import Away

# Of OpenSSL's X509_verify_cert_error_string(3).
_NOT_YET_VALID, _EXPIRED, _WRONG_NAME, _WRONG_ADDRESS = 9, 10, 62, 64
CLOCK_OFF_S = 60.0  # more than networks and servers without a time source make of it


def away(error: Exception, clock_off_s: float | None, *, is_tls: bool) -> Away:
    """Of what aiohttp raises, a time-out included. `clock_off_s`: how far our clock was ahead of theirs when
    they answered last, None where they never did."""
    code, cause = _cause(error)
    if is_tls and code == "lost" and clock_off_s is None:  # of TLS 1.3; aiohttp keeps the reason for itself
        cause += "; it may want a certificate of ours that it trusts: see [upstream] cert"
    if clock_off_s is not None and abs(clock_off_s) > CLOCK_OFF_S:
        cause += f"; {off(clock_off_s)}"
    elif code in ("certificate_expired", "certificate_not_yet"):
        cause += "; or our own clock is wrong: see timedatectl"
    return Away(code, cause)


def off(clock_off_s: float) -> str:
    where = "ahead of" if clock_off_s > 0 else "behind"
    return f"our clock is {abs(clock_off_s):,.0f} s {where} theirs: see timedatectl"


def _cause(error: Exception) -> tuple[str, str]:
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return _certificate(error.certificate_error)
        case aiohttp.ClientConnectorDNSError():
            return "unreachable", "its name is not known: see [upstream] url, and the name server"
        case aiohttp.ClientSSLError():
            return "tls", f"no TLS with it: {_reason(error)}"
        case aiohttp.ConnectionTimeoutError():
            return "unreachable", "nothing answers at its address, not even with a refusal"
        case TimeoutError():
            return "timeout", "no answer in time"
        case aiohttp.ClientConnectorError():
            return "unreachable", f"no connection: {error.strerror or type(error).__name__}"
        case _:
            return "lost", f"the connection ended before the answer ({type(error).__name__})"


def _certificate(error: Exception) -> tuple[str, str]:
    number = error.verify_code if isinstance(error, ssl.SSLCertVerificationError) else 0
    if number == _EXPIRED:
        return "certificate_expired", "its certificate has expired"
    if number == _NOT_YET_VALID:
        return "certificate_not_yet", "its certificate is not valid yet"
    if number in (_WRONG_NAME, _WRONG_ADDRESS):
        return "certificate_name", "its certificate is another server's: see [upstream] url"
    said = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else "no reason given"
    return "certificate", f"its certificate is not trusted: {said}; see [upstream] ca"


def _reason(error: aiohttp.ClientSSLError) -> str:
    within = getattr(error, "os_error", None)  # of those that have one
    return str(getattr(within, "reason", None) or type(error).__name__)
