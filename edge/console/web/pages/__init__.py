"""A module for each page: what it asks, who may, and what it shows."""
