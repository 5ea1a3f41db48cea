"""A session as one HTML file that needs nothing else: for printing, for the file, for whoever has no program for it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from client.hub.transcript import Spoken

STYLE = """
body{font:16px/1.6 "Noto Sans CJK KR","Malgun Gothic",sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#171b24;background:#fff}
h1{font-size:1.3rem}dl{display:grid;grid-template-columns:auto 1fr;gap:.2rem 1rem;color:#4a5364}dd{margin:0}
ol{list-style:none;padding:0}li{padding:.6rem 0;border-top:1px solid #e1e4ea}
.who{font-weight:600}time{color:#5c6575;margin-left:.5rem;font-variant-numeric:tabular-nums}p{margin:.2rem 0 0;white-space:pre-wrap;overflow-wrap:anywhere}
@media(prefers-color-scheme:dark){body{color:#edf0f5;background:#12151b}li{border-color:#2b313d}dl,time{color:#b6bece}}
"""


def html_of(title: str, facts: Sequence[tuple[str, str]], lines: Sequence[Spoken], language: str = "ko") -> str:
    """`facts` stand above as terms with their descriptions, then who said what, when."""
    terms = "".join(f"<dt>{escape(term)}</dt><dd>{escape(said)}</dd>" for term, said in facts)
    said = "".join(
        f'<li><span class="who">{escape(line.who)}</span>'
        f'<time datetime="{line.start.isoformat()}">{line.start.astimezone():%Y-%m-%d %H:%M:%S}</time>'
        f"<p>{escape(line.text)}</p></li>"
        for line in lines
    )
    return (
        f'<!doctype html>\n<html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1><dl>{terms}</dl><ol>{said}</ol></main></body></html>\n"
    )
