"""XML from peers that are not trusted, and XML for them.

Sources: SOAP 1.2 Part 1 §5, a message has no document type declaration; so there are no entities but the five
of XML itself, and nothing to expand or to fetch. ONVIF Core §5.13.1: a device answers UTF-8 with UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser
from xml.sax.saxutils import escape

from drivers.terminal import clean

MAX_DEPTH = 32  # of elements: the answers of ONVIF have less than 15
MAX_ELEMENTS = 32_768  # a recorder of 64 channels lists 128 profiles of some 100 elements each
TEXT_LIMIT = 256  # characters of one text or address

__all__ = ["Element", "NotXml", "child", "children", "escape", "local", "parse", "text"]


class NotXml(ValueError):
    """Not what SOAP sends; the text says what it is instead, in a technician's words."""


class _Bounded(TreeBuilder):
    """Ends the parsing where the document has too many elements, or too deep."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._left = MAX_ELEMENTS

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._left -= 1
        if self._depth > MAX_DEPTH:
            raise NotXml(f"more than {MAX_DEPTH} levels of XML")
        if self._left < 0:
            raise NotXml(f"more than {MAX_ELEMENTS} elements of XML")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def parse(data: bytes, max_bytes: int) -> Element:
    """Raises NotXml. Bytes that are no UTF-8 become U+FFFD: a name in GBK costs the name, not the camera."""
    if len(data) > max_bytes:
        raise NotXml(f"more than {max_bytes} bytes")
    document = data.decode("utf-8-sig", "replace")
    # Before any parser sees it: text is text here, so there is no other way to write this.
    if "<!DOCTYPE" in document or "<!ENTITY" in document:
        raise NotXml("a document type declaration, which SOAP forbids")
    parser = XMLParser(target=_Bounded())
    try:
        parser.feed(document)
        root: Element = parser.close()
    except ParseError as error:
        raise NotXml(f"no XML: {clean(str(error), 60)}") from None
    except ValueError as error:  # NotXml, and what a declaration of a strange encoding makes of it
        raise error if isinstance(error, NotXml) else NotXml(f"no XML: {clean(str(error), 60)}") from None
    return root


# --- reading: by local names, since makers differ in namespaces and never mean anything by it ---
def local(tag: object) -> str:
    """ "Body" of "{http://www.w3.org/2003/05/soap-envelope}Body"."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(parent: Element | None, name: str) -> Iterator[Element]:
    if parent is not None:
        yield from (each for each in parent if local(each.tag) == name)


def child(parent: Element | None, *path: str) -> Element | None:
    """The first one at the end of the path, or None."""
    for name in path:
        parent = next(children(parent, name), None)
    return parent


def text(parent: Element | None, *path: str, limit: int = TEXT_LIMIT) -> str:
    """Of the element at the end of the path: one printable line; "" where there is none."""
    found = child(parent, *path)
    return "" if found is None else clean((found.text or "").strip(), limit)
