"""What a page loads from the static folder: style sheets, icons and islands, as helpers for the templates."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import TypedDict, cast

from flask import Flask, Response, g, request, url_for
from markupsafe import Markup

from webui import island_words

STATIC = Path(__file__).parent / "static"
MANIFEST = STATIC / "dist" / "manifest.json"
STYLE_SHEETS = ("tokens.css", "app.css", "controls.css", "work.css", "story.css", "comparison.css", "public.css")
PAPER_SHEET = "print.css"


class Bundle(TypedDict):
    """The files of one island, as webui/frontend/build.mjs names them."""

    js: str
    css: str | None
    preload: list[str]


def init_assets(app: Flask) -> None:
    """Give the templates `stylesheets()`, `island(name, …)`, `icon(name)` and `asset_url(file)`."""
    app.jinja_env.globals.update(stylesheets=stylesheets, island=island, icon=icon, asset_url=asset_url)
    app.after_request(_cache_hashed_files)


def stylesheets() -> Markup:
    """The links to the hand-written style sheets, in their order."""
    link = Markup('<link rel="stylesheet" href="{}">\n')
    paper = Markup('<link rel="stylesheet" href="{}" media="print">\n').format(asset_url(PAPER_SHEET))
    return Markup("").join([*(link.format(asset_url(file)) for file in STYLE_SHEETS), paper])


def island(*names: str) -> Markup:
    """All that the named islands need: their styles, scripts, and words in the reader's language."""
    tags = [_tags(_bundle(name)) for name in names]
    words = island_words.words(*names)
    if words:
        # "</" would end the script element early
        text = Markup(json.dumps(words, ensure_ascii=False).replace("</", "<\\/"))
        tags.append(Markup('<script type="application/json" id="island-words">{}</script>\n').format(text))
    return Markup("").join(tags)


def icon(name: str, label: str = "") -> Markup:
    """An icon of static/icons.svg; with a label when no words stand beside it."""
    meaning = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" {}><use href="{}#{}"></use></svg>').format(meaning, asset_url("icons.svg"), name)


def asset_url(file: str) -> str:
    """The address of a hand-written static file; it changes with the content, so that browsers may keep it."""
    urls: dict[str, str] = g.setdefault("asset_urls", {})
    if file not in urls:
        urls[file] = url_for("static", filename=file, v=_digest(file, (STATIC / file).stat().st_mtime_ns))
    return urls[file]


@cache
def _digest(file: str, _modified_ns: int) -> str:
    return hashlib.sha256((STATIC / file).read_bytes()).hexdigest()[:10]


def _tags(bundle: Bundle) -> Markup:
    css, js = bundle["css"], bundle["js"]
    tags = [Markup('<link rel="stylesheet" href="{}">\n').format(_built_url(css))] if css else []
    tags += [Markup('<link rel="modulepreload" href="{}">\n').format(_built_url(file)) for file in bundle["preload"]]
    tags.append(Markup('<script type="module" src="{}"></script>\n').format(_built_url(js)))
    return Markup("").join(tags)


def _built_url(file: str) -> str:
    return url_for("static", filename=f"dist/{file}")


def _bundle(name: str) -> Bundle:
    if not MANIFEST.exists():
        raise RuntimeError("The browser bundles are missing. Make them with `make assets`, or `pip install .` again.")
    return _manifest(MANIFEST.stat().st_mtime_ns)[name]


@cache
def _manifest(_modified_ns: int) -> dict[str, Bundle]:
    return cast("dict[str, Bundle]", json.loads(MANIFEST.read_text("utf-8")))


def _cache_hashed_files(response: Response) -> Response:
    """Files whose name or address changes with their content may be kept for ever."""
    if request.endpoint == "static" and ("v" in request.args or "/dist/" in request.path):
        response.cache_control.public, response.cache_control.immutable = True, True
        response.cache_control.max_age, response.cache_control.no_cache = 31_536_000, None
    return response
