"""The managers' and technicians' pages: asked over HTTP, answered from the record and the live fleet."""
