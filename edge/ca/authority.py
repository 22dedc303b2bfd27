"""Keys and certificates by X.509: one authority, P-256 throughout. No files: `edge.ca.folder` keeps them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from drivers.checking.words import Text
from edge.ca.names import Client, Refused, Role

CA_DAYS = 3650  # a new one means a new file on every machine
DAYS = 730  # of all others
SLACK = timedelta(days=1)  # a certificate is valid since then: a node's clock may be a little behind

WRONG_PASSPHRASE = Refused(
    Text("私有 CA 的密钥打不开", "the authority's key cannot be opened"),
    Text(
        "用 --passphrase-file 给出当初的口令；没有口令的密钥不要给",
        "Give the passphrase that it was made with by --passphrase-file, and none where there is none",
    ),
)


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate, as it can be read by anybody. `role` is None for the authority's, and a stranger's."""

    name: str
    role: Role | None
    serial: int
    begins: datetime
    ends: datetime
    hosts: tuple[str, ...]
    pem: bytes

    @classmethod
    def read(cls, pem: bytes) -> Self:
        """Raises ValueError for what is no certificate."""
        cert = x509.load_pem_x509_certificate(pem)
        units = [
            str(each.value) for each in cert.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
        ]
        names = [str(each.value) for each in cert.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        return cls(
            name=names[0] if names else "",
            role=Role(units[0]) if units and units[0] in set(Role) else None,
            serial=cert.serial_number,
            begins=cert.not_valid_before_utc,
            ends=cert.not_valid_after_utc,
            hosts=tuple(_hosts(cert)),
            pem=pem,
        )


def _hosts(cert: x509.Certificate) -> Iterable[str]:
    try:
        names = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return
    for each in names:
        yield str(each.value)


def new_key(passphrase: bytes = b"") -> bytes:
    """A private key as PKCS#8, encrypted where there is a passphrase."""
    locked = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)


def _open(pem: bytes, passphrase: bytes = b"") -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, passphrase or None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise WRONG_PASSPHRASE from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise WRONG_PASSPHRASE
    return key


def new_root(key_pem: bytes, passphrase: bytes, name: str, now: datetime) -> bytes:
    """The authority's own certificate, signed by itself."""
    key = _open(key_pem, passphrase)
    subject = _subject(name, None)
    draft = _draft(
        subject, subject, key.public_key(), key.public_key(), now=now, ends=now + timedelta(days=CA_DAYS)
    )
    draft = draft.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    draft = draft.add_extension(_usage(signs_certificates=True), critical=True)
    return draft.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def with_new_root(key_pem: bytes, passphrase: bytes, roots_pem: bytes, now: datetime) -> bytes:
    """The authority's certificates with a new one for the same key and name before them, without those that
    have ended.

    Whoever trusts either believes what this key has signed, so the new file may reach the machines in any
    order until the old one ends. A key that somebody else may have is not renewed but given up.
    """
    known = x509.load_pem_x509_certificates(roots_pem)
    alive = [each for each in known if each.not_valid_after_utc > now]
    new = new_root(key_pem, passphrase, Issued.read(roots_pem).name, now)
    return new + b"".join(each.public_bytes(serialization.Encoding.PEM) for each in alive)


class Authority:
    """Signs. Raises Refused where key, passphrase and certificate do not belong together."""

    def __init__(self, key_pem: bytes, passphrase: bytes, cert_pem: bytes) -> None:
        self._key = _open(key_pem, passphrase)
        self._cert = x509.load_pem_x509_certificate(cert_pem)
        if self._cert.public_key() != self._key.public_key():
            raise Refused(
                Text("ca.key 和 ca.crt 不是一对", "ca.key and ca.crt do not belong together"),
                Text("从备份恢复这个目录", "Restore this folder from its backup"),
            )

    def issue(self, client: Client, key_pem: bytes, hosts: Sequence[str], now: datetime, days: int) -> bytes:
        """A certificate for this key; none outlives the authority."""
        public = _open(key_pem).public_key()
        ends = min(now + timedelta(days=days), self._cert.not_valid_after_utc)
        subject = _subject(client.name, client.role)
        draft = _draft(subject, self._cert.subject, public, self._key.public_key(), now=now, ends=ends)
        draft = draft.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        draft = draft.add_extension(_usage(signs_certificates=False), critical=True)
        server = client.role is Role.BROKER
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        draft = draft.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        if hosts:
            draft = draft.add_extension(
                x509.SubjectAlternativeName(list(map(host_name, hosts))), critical=False
            )
        return draft.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def revoke(self, list_pem: bytes, serials: Iterable[int], now: datetime) -> bytes:
        """The list of what is not valid any more (RFC 5280), with these added; `b""` begins one.

        It is good as long as the authority: a broker whose list has run out lets nobody in.
        """
        known = {each.serial_number: each for each in x509.load_pem_x509_crl(list_pem)} if list_pem else {}
        for serial in set(serials) - known.keys():
            known[serial] = (
                x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build()
            )
        draft = x509.CertificateRevocationListBuilder().issuer_name(self._cert.subject)
        draft = draft.last_update(now - SLACK).next_update(self._cert.not_valid_after_utc)
        for each in known.values():
            draft = draft.add_revoked_certificate(each)
        return draft.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def revoked(list_pem: bytes) -> frozenset[int]:
    """The serials on a list."""
    return (
        frozenset(each.serial_number for each in x509.load_pem_x509_crl(list_pem))
        if list_pem
        else frozenset()
    )


def subject_of(client: Client) -> str:
    """As RFC 2253 writes it, and a broker that knows clients by it."""
    return _subject(client.name, client.role).rfc4514_string()


def _subject(name: str, role: Role | None) -> x509.Name:
    units = [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, role)] if role else []
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "hall-edge"),
            *units,
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _draft(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePublicKey,
    *,
    now: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - SLACK)
        .not_valid_after(ends.astimezone(UTC))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def host_name(host: str) -> x509.GeneralName:
    """An address or a name. Raises Refused for what is neither."""
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host)
    except ValueError:  # not ASCII
        raise Refused(
            Text(f"“{host}”不是主机名或地址", f"{host!r} is no host's name or address"),
            Text.same("--host broker.example.gov.cn --host 192.168.1.10"),
        ) from None
