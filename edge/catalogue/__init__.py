"""What a hall does for citizens, item by item, read from CSV files: for kiosk, paper and check."""

from edge.catalogue.model import Case, Catalogue, Item, Material, Theme, Unit, Words
from edge.catalogue.reading import SAMPLE, Read, find_item, read_catalogue

__all__ = [
    "SAMPLE",
    "Case",
    "Catalogue",
    "Item",
    "Material",
    "Read",
    "Theme",
    "Unit",
    "Words",
    "find_item",
    "read_catalogue",
]
