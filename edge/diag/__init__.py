"""The technicians' tool."""
