"""From evidence to a cause and what to do next. Pure: no clock, no chance, no input or output."""
