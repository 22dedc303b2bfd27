"""Onbon BX-5K, BX-5MK and BX-6K controllers with font card: the hall's LED boards."""
