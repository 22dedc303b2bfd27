"""The services of the government network: asked over HTTP, behind one port, as `config/upstream.openapi.yaml`
has them."""
