"""The button on the centre's homepage: another origin, its strictest policy, keyboard, contrast, and any direction."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

STRICT = (
    "default-src 'none'; script-src {script}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
)
RUINS = "<style>a, a * { color: yellow !important; font-size: 3px !important; position: static !important }</style>"


def page_with(script: str, head: str = "", html: str = 'lang="ko"') -> str:
    return (
        f"<!doctype html><html {html}><title>누리집</title>{head}<body><main><h1>서울</h1>{script}</main></body></html>"
    )


@asynccontextmanager
async def homepage(html: str, **headers: str):
    """Another origin, served from here; what it was asked for is `asked`."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = html.encode()
        said = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": len(body),
            "Connection": "close",
            **headers,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        writer.write(f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://localhost:{server.sockets[0].getsockname()[1]}"


@pytest.fixture
def script(server, citizen):
    citizen.origin = "http://"  # two origins are asked, and the strange one is watched below
    citizen.offline_allowed = True  # the homepage has no icon
    return f"{server.citizen_url}/c/chat/button.js"


def tag(script: str, more: str = 'data-lang="ko"') -> str:
    return f'<script src="{script}" {more} defer></script>'


async def test_it_opens_the_chat_in_a_new_tab_from_another_origin(citizen, server, script):
    page = await citizen.page(language="en-IE")
    strict = {"Content-Security-Policy": STRICT.format(script=script), "Cross-Origin-Embedder-Policy": "require-corp"}
    async with homepage(page_with(tag(script)), **strict) as address:
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(address)
        button = page.get_by_role("link", name="채팅 상담 (새 창)")
        await expect(button).to_be_visible()
        assert await button.evaluate("(b) => getComputedStyle(b).backgroundColor") == "rgb(47, 91, 215)"
        async with page.context.expect_page() as opened:
            await button.press("Enter")
        chat = await opened.value
        await expect(chat.locator("h1")).to_have_text("채팅으로 상담하기")
        assert await chat.evaluate("() => window.opener") is None
        assert {url for url in asked if not url.endswith("/favicon.ico")} == {f"{address}/", script}
        assert await page.context.cookies() == []
        assert await page.evaluate("() => [document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]


async def test_a_running_chat_is_found_again_by_it(citizen, server, script):
    page = await citizen.page(language="en-MT")
    await page.goto(f"{server.citizen_url}/c/chat?lang=zh")
    await page.click("form button[type=submit]")
    await expect(page.locator("#message")).to_be_visible()
    async with homepage(page_with(tag(script))) as address:
        await page.goto(address)
        async with page.context.expect_page() as opened:
            await page.get_by_role("link", name="채팅 상담").click()
        again = await opened.value
        await expect(again.locator("label[for=message]")).to_have_text("您的消息")


async def test_the_chat_cannot_be_framed(citizen, server, script):
    page = await citizen.page(language="en-CY")
    async with homepage(page_with(f'<iframe src="{server.citizen_url}/c/chat"></iframe>')) as address:
        await page.goto(address)
        assert await page.frames[1].locator(".chat-start").count() == 0
    refused = [
        complaint for complaint in citizen.complaints if "frame-ancestors" in complaint or "Framing" in complaint
    ]
    assert refused
    citizen.complaints.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_and_the_homepages_style_ruins_nothing(citizen, script, scheme):
    page = await citizen.page(language="en-IE", scheme=scheme)
    async with homepage(page_with(tag(script), RUINS)) as address:
        await page.goto(address)
        button = page.get_by_role("link", name="채팅 상담 (새 창)")
        await expect(button).to_have_css("color", "rgb(255, 255, 255)")
        box = await button.bounding_box()
        assert box["height"] >= 48  # WCAG 2.5.8 asks for 24
        found = await Axe().run(page)
        assert [violation["id"] for violation in found.response["violations"]] == []


async def test_focus_is_seen_and_forced_colours_keep_its_border(citizen, script):
    page = await citizen.page(language="en-IE")
    async with homepage(page_with(tag(script))) as address:
        await page.goto(address)
        button = page.get_by_role("link", name="채팅 상담")
        await expect(button).to_be_visible()
        await page.keyboard.press("Tab")
        await expect(button).to_be_focused()
        await expect(button).to_have_css("outline-width", "3px")
        await page.emulate_media(forced_colors="active")
        await expect(button).to_have_css("border-top-style", "solid")
        await page.emulate_media(media="print")
        await expect(button).to_be_hidden()


@pytest.mark.parametrize(("html", "left"), [('lang="ko"', False), ('lang="ar" dir="rtl"', True)])
async def test_it_stands_at_the_end_of_the_line_in_either_direction(citizen, script, html, left):
    page = await citizen.page(language="en-IE")
    async with homepage(page_with(tag(script), html=html)) as address:
        await page.goto(address)
        box = await page.get_by_role("link", name="채팅 상담").bounding_box()
        gap = box["x"] if left else 360 - box["x"] - box["width"]
        assert gap == 16


@pytest.mark.parametrize(
    ("more", "html", "name"),
    [
        ('data-lang="vi"', 'lang="ko"', "Trò chuyện với tư vấn viên"),
        ("", 'lang="ja-JP"', "チャット相談"),
        ('data-lang="xx"', 'lang="fr"', "채팅 상담"),
    ],
)
async def test_it_speaks_the_homepages_language(citizen, script, more, html, name):
    page = await citizen.page(language="en-IE")
    async with homepage(page_with(tag(script, more), html=html)) as address:
        await page.goto(address)
        await expect(page.get_by_role("link", name=name)).to_be_visible()


async def test_it_stands_where_the_homepage_wants_it_and_in_the_head_too(citizen, script):
    page = await citizen.page(language="en-IE")
    head = f'<script src="{script}" data-lang="en"></script>'
    async with homepage(page_with(tag(script, 'data-lang="ko" data-place="here"'), head)) as address:
        await page.goto(address)
        await expect(page.get_by_role("link", name="Chat with us")).to_be_visible()
        here = page.locator("main ieum-chat-button")
        await expect(here).to_have_css("position", "static")
        assert await here.evaluate("(host) => host.previousElementSibling.tagName") == "SCRIPT"


@pytest.mark.parametrize(
    ("kind", "name", "address"),
    [("sign", "수어 영상 상담", "/c/sign"), ("call", "인터넷 통화 상담", "/c/call"), ("x", "채팅 상담", "/c/chat")],
)
async def test_it_opens_video_or_a_call_where_the_homepage_says_so(citizen, server, script, kind, name, address):
    page = await citizen.page(language="en-IE")
    async with homepage(page_with(tag(script, f'data-lang="ko" data-kind="{kind}"'))) as homepage_address:
        await page.goto(homepage_address)
        async with page.context.expect_page() as opened:
            await page.get_by_role("link", name=name).click()
        began = await opened.value
        await expect(began).to_have_url(f"{server.citizen_url}{address}?lang=ko")


async def test_several_stand_above_each_other(citizen, script):
    page = await citizen.page(language="en-IE")
    tags = "".join(tag(script, f'data-lang="ko" data-kind="{kind}"') for kind in ("chat", "sign", "call"))
    async with homepage(page_with(tags)) as address:
        await page.goto(address)
        names = ("채팅 상담", "수어 영상 상담", "인터넷 통화 상담")
        boxes = [await page.get_by_role("link", name=name).bounding_box() for name in names]
        for lower, upper in pairwise(boxes):
            assert upper["y"] + upper["height"] <= lower["y"] - 8
        assert [violation["id"] for violation in (await Axe().run(page)).response["violations"]] == []
