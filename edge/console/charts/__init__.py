"""Charts as SVG, each with the table of the same values: pure, from values and words to what a page shows."""
