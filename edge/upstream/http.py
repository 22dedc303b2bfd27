"""aiohttp's client, without what it loads for others: cookies and forms in files, proxies of the environment,
media types read as mail is, names of hosts beyond ASCII. 1.6 MB of the 11 that it takes."""

from edge.leanly import without

with without(["pickle", "tempfile", "urllib.request", "email.policy", "email.parser", "idna"]):
    import aiohttp
    from yarl import URL

__all__ = ["URL", "aiohttp"]
