"""Pages that are wrong, each in one way: whoever judges pages has to find it."""

from __future__ import annotations

from aiohttp import web

from edge.console.web.needs import open_to_all

START = "<!doctype html><html lang=en><meta charset=utf-8><title>a</title>"
HEAD = START + '<meta name=viewport content="width=device-width"><link rel=icon href="/static/icon.svg">'
RIGHT = HEAD + "<main><h1>A page</h1><p>that is right</p></main>"
WRONG = {  # body, and what is to be found
    "script": ("<main><h1>A</h1><script>alert(1)</script></main>", "policy: script-src"),
    "style": ("<main><h1>A</h1><p style='color: red'>b</p></main>", "policy: style-src"),
    "stranger": ("<main><h1>A</h1><img alt='' src='http://127.0.0.1:9/a.png'></main>", "stranger"),
    "missing": ("<main><h1>A</h1><img alt='' src='/static/none.png'></main>", "console: Failed to load"),
    "image": ("<main><h1>A</h1><img src='/static/icon.svg' width=20></main>", "axe image-alt"),
    "field": ("<main><h1>A</h1><input name=a></main>", "axe label"),
    "target": (
        "<main><h1>A</h1><button>x</button><button>y</button></main><link rel=stylesheet href=tiny.css>",
        "axe target-size",
    ),
    "wide": ("<main><h1>A</h1><img alt='' src='/static/icon.svg' width=3000></main>", "px wider"),
    "heavy": ("<main><h1>A</h1><!--" + "x" * 300_000 + "--></main>", "bytes"),
    "small": (
        "<main><h1>A</h1><svg width=50 height=50 viewBox='0 0 500 500' role=img><title>t</title>"
        "<text y=99 font-size=30>tiny</text></svg></main>",
        "letters too small",
    ),
}
CSS = "button { width: 10px; height: 10px; padding: 0; border: 0; } button + button { margin: 0; }"


@open_to_all
async def right(_request: web.Request) -> web.Response:
    return web.Response(text=RIGHT, content_type="text/html")


@open_to_all
async def wrong(request: web.Request) -> web.Response:
    return web.Response(text=HEAD + WRONG[request.match_info["how"]][0], content_type="text/html")


@open_to_all
async def tiny(_request: web.Request) -> web.Response:
    return web.Response(text=CSS, content_type="text/css")


ROUTES = (
    web.get("/right", right),
    web.get("/wrong/tiny.css", tiny),
    web.get("/wrong/{how}", wrong),
)
