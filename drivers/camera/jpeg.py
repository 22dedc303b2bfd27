"""JPEG in RTP (RFC 2435): the file is made again of the pictures' data and a few bytes of header.

Baseline, three components, 4:2:2 or 4:2:0, which is all that the RFC has; no fields of interlaced video.
"""

from __future__ import annotations

from dataclasses import replace

from drivers.camera.errors import BadSyntax
from drivers.camera.gathering import Gathering
from drivers.camera.model import AccessUnit, StreamFormat
from drivers.camera.rtp import Packet

# ITU-T T.81, tables K.1 and K.2 in zigzag order (figure A.6): the RFC's tables at Q 50.
_LUMA = bytes.fromhex(
    "100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a333d3c3933383740485c4e404457453738506d5157"
    "5f626768673e4d71797064785c656763"
)
_CHROMA = bytes.fromhex(
    "1112121815182f1a1a2f6342384263636363636363636363636363636363636363636363636363636363636363636363"
    "63636363636363636363636363636363"
)
# Tables K.3 to K.6 as a DHT segment has them: class and number, 16 counts, values. The RFC has no others.
_HUFFMAN = bytes.fromhex(
    "0000010501010101010100000000000000000102030405060708090a0b100002010303020403050504040000017d0102"
    "0300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a"
    "3435363738393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92"
    "939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4"
    "e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa0100030101010101010101010000000000000102030405060708090a0b110002"
    "0102040403040705040400010277000102031104052131061241510761711322328108144291a1b1c109233352f01562"
    "72d10a162434e125f11718191a262728292a35363738393a434445464748494a535455565758595a636465666768696a"
    "737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5"
    "c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa"
)
_HEADER_SIZE = 8
_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_SAMPLING = (b"\x21", b"\x22")  # of luma by type: 4:2:2, 4:2:0


class JpegSearch(Gathering):
    """As `IntraSearch` of `drivers.camera.units`: every picture is one that a decoder can begin with."""

    def __init__(self, form: StreamFormat) -> None:
        super().__init__(form)
        self._head = b""  # RFC 2435 §3.1 of the picture that is coming in, and of §3.1.7
        self._tables: dict[int, bytes] = {}  # by Q, where a picture brought them
        self._interval = b""

    def take(self, packet: Packet) -> AccessUnit | None:
        """The picture, once it is there; a damaged one only when a second has come no better. Raises
        PictureTooLarge."""
        if not self._comes(packet):
            return None
        try:
            self._fragment(packet.payload)
            return self._finish() if packet.marker and self._head else None
        except BadSyntax:
            self._damaged = True
            return None

    def _begin(self) -> None:
        super()._begin()
        self._head = b""

    def _fragment(self, payload: bytes) -> None:
        if len(payload) < _HEADER_SIZE:
            raise BadSyntax("too short")
        offset, kind, q = int.from_bytes(payload[1:4], "big"), payload[4], payload[5]
        at = _HEADER_SIZE
        if kind & 0x40:  # §3.1.7: restart markers
            self._interval = payload[at : at + 2]
            at += 4
        if offset == 0:
            self._head = payload[:_HEADER_SIZE]
            if q & 0x80:
                at = self._quantisation(payload, at, q)
        if offset != len(self._data):
            self._damaged = True
        self._add(payload[at:])

    def _quantisation(self, payload: bytes, at: int, q: int) -> int:
        """§3.1.8. A length of 0 means: as before."""
        size = int.from_bytes(payload[at + 2 : at + 4], "big")
        at += 4
        tables = payload[at : at + size]
        if len(tables) == len(_LUMA) + len(_CHROMA):
            self._tables[q] = tables
        elif size:
            raise BadSyntax("not two tables of 8 bits")
        return at + size

    def _finish(self) -> AccessUnit | None:
        self.pictures += 1
        header = _file_header(self._head, self._tables.get(self._head[5]), self._interval)
        end = b"" if self._data.endswith(_EOI) else _EOI
        width, height = 8 * self._head[6], 8 * self._head[7]
        form = replace(self._form, width=width, height=height)
        return self._judged(form, header + bytes(self._data) + end)


def _file_header(head: bytes, tables: bytes | None, interval: bytes) -> bytes:
    """Appendix B. Raises BadSyntax."""
    kind, q, width, height = head[4], head[5], head[6], head[7]
    if kind & 0x3F > 1 or kind & 0x80 or not width or not height:
        raise BadSyntax("a type or size that the RFC does not have")
    tables = tables or _scaled(q)
    size = (8 * height).to_bytes(2, "big") + (8 * width).to_bytes(2, "big")
    components = b"\x01" + _SAMPLING[kind & 0x3F] + b"\x00\x02\x11\x01\x03\x11\x01"
    return b"".join(
        (
            _SOI,
            _segment(0xDB, b"\x00" + tables[:64] + b"\x01" + tables[64:]),
            _segment(0xDD, interval) if kind & 0x40 else b"",
            _segment(0xC0, b"\x08" + size + b"\x03" + components),
            _segment(0xC4, _HUFFMAN),
            _segment(0xDA, bytes.fromhex("03 0100 0211 0311 003f00")),
        )
    )


def _segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(data) + 2).to_bytes(2, "big") + data


def _scaled(q: int) -> bytes:
    """Appendix A. Raises BadSyntax for a Q that is reserved."""
    if not 1 <= q <= 99:  # noqa: PLR2004 §4.2
        raise BadSyntax("no quantisation tables")
    scale = 5000 // q if q < 50 else 200 - 2 * q  # noqa: PLR2004 appendix A
    return bytes(min(max((each * scale + 50) // 100, 1), 255) for each in _LUMA + _CHROMA)
