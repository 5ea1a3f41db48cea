"""The citizens' pages as served, and the words, consents and colours that they stand on."""

from __future__ import annotations

import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from client.hub import pages
from client.resources import resource_path

ROOT = resource_path("citizen")
SCRIPTS = {file.name: file.read_text(encoding="utf-8") for file in ROOT.glob("js/**/*.js")}
DYNAMIC = re.compile(  # keys whose end is a value
    r"^(party|call|settings|captions\.of|screen\.state|screen\.withdrawn|consent|trouble|left|ended|form\.error)\."
)


def texts(language):
    return json.loads((ROOT / f"texts/{language}.json").read_text(encoding="utf-8"))


class Tags(HTMLParser):
    """Every tag of a document, with its attributes."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("html", [pages.page("ko", "서울 120"), pages.trouble_page("en", "서울 120", 404)])
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(html):
    tags = Tags(html).found
    assert not [tag for tag, attrs in tags if "style" in attrs or any(name.startswith("on") for name in attrs)]
    assert not [tag for tag, _ in tags if tag == "style"]
    scripts = [attrs for tag, attrs in tags if tag == "script"]
    assert all(attrs["src"].startswith("/c/static/") for attrs in scripts)
    addresses = [attrs[name] for _, attrs in tags for name in ("href", "src") if name in attrs]
    assert addresses
    assert all(address.startswith(f"/c/static/{pages.version()}/") for address in addresses)


def test_every_address_of_the_page_is_a_file():
    for _, attrs in Tags(pages.page("ko", "서울 120")).found:
        for name in ("href", "src"):
            if name in attrs:
                assert (ROOT / attrs[name].removeprefix(f"/c/static/{pages.version()}/")).is_file()


def test_no_script_names_another_host():
    for name, text in SCRIPTS.items():
        assert re.findall(r"https?://[^\s\"'`]+", text) in ([], ["http://www.w3.org/2000/svg"]), name


def test_no_script_reads_text_as_html():
    for name, text in SCRIPTS.items():
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), (
            name
        )


def test_the_centres_name_is_text():
    html = pages.page("ko", '<script>"120"</script>')
    assert "<script>&quot;" not in html
    assert "&lt;script&gt;" in html


def test_the_days_of_retention_reach_the_page():
    assert 'data-keep-days="30"' in pages.page("ko", "서울 120", keep_days=30)


@pytest.mark.parametrize("asked", ["km-KH,km;q=0.9,en-US;q=0.8,en;q=0.7", "my", "ne,ko;q=0.5"])
def test_a_language_that_is_not_ours_is_answered_honestly_in_both_of_ours_and_named_to_the_agent(asked):
    html = pages.page(asked, "서울 120")
    line = re.search(r'<p id="line"[^>]*>(.*?)</p>', html)[0]
    assert "hidden" not in line
    for language in ("ko", "en"):
        assert f'<span lang="{language}">{texts(language)["entry.other"]}</span>' in line
    tag = asked[:2]
    assert f'<option value="{tag}" lang="{tag}" selected>{tag}</option>' in html
    assert html.count(" selected>") == 1


@pytest.mark.parametrize("asked", ["", "*", "ko", "en-GB", "<script>", "x"])
def test_who_reads_korean_or_english_gets_no_line(asked):
    assert re.search(r'<p id="line"[^>]* hidden></p>', pages.page(asked, "서울 120"))


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "ko"),
        ("ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        ("en-GB", "en"),
        ("zh-TW,zh;q=0.9", "zh"),
        ("km-KH,vi;q=0.5", "vi"),
        ("fr", "fr"),
        ("km", "en"),
        ("*", "en"),
    ],
)
def test_the_nearest_language_is_found(asked, language):
    assert pages.nearest(asked) == language


def test_both_languages_say_everything_with_the_same_places_to_fill():
    korean, english = texts("ko"), texts("en")
    assert set(korean) == set(english)
    for key in korean:
        assert set(re.findall(r"\{\w+\}", korean[key])) == set(re.findall(r"\{\w+\}", english[key])), key
        assert korean[key].strip(), key
        assert english[key].strip(), key


def test_every_key_that_a_script_says_exists_and_none_is_left_over():
    known = set(texts("ko"))
    said = set(re.findall(r"\"([a-z]+(?:\.[a-z_]+)+)\"", "".join(SCRIPTS.values())))
    prefixes = {key.split(".")[0] for key in known}
    events = {
        "message.sent",
        "screen.pushed",
        "screen.delivered",
        "screen.opened",
        "screen.answered",
        "screen.withdrawn",
    }
    events |= {"consent.answered", "call.held", "call.resumed"}
    missing = {
        key for key in said - known - events if key.split(".")[0] in prefixes and not key.endswith((".js", ".json"))
    }
    assert missing == {"trouble.link", "trouble.moved", "trouble.elsewhere", "trouble.in_use"} & missing
    served = {key for key in known if key.startswith(("entry.", "page."))}
    assert {key for key in known - said - served if not DYNAMIC.match(key)} == set()


def test_consent_says_all_that_the_law_asks_in_both_languages():
    wording = json.loads((ROOT / f"consent/{pages.consent_version()}.json").read_text(encoding="utf-8"))
    assert wording["version"] == pages.consent_version()
    assert set(wording["purposes"]) == {"share_screen", "keep_captions", "form", "relay_voice", "snapshot"}
    for purpose in wording["purposes"].values():
        for language in ("ko", "en"):
            parts = purpose[language]
            assert set(parts) == {"title", "purpose", "items", "retention", "refusing", "agree", "refuse"}
            assert all(parts.values())


WORDINGS = {
    "2026-11-1": "39ee0c8cd56b5529f76d32e2e4f3f7e738569b77eb288b9d52c32ec5fa5e90a4",
    "2026-11-2": "928ec6cc6d7728999d25fa1507506ea4619c2e16d1f6f614db4ab4a7c357fcef",  # a form in a chat: no call is spoken of
    "2026-11-3": "14035499cd55ce86b7a2b07404556486d8df85ae89de2604748df48037055e2a",  # a relayed office, a still picture
}
"""What citizens have agreed to, by version. Other words are another version: a new file, a new line here."""


def test_a_wording_that_was_in_use_stays_as_it_was_and_can_be_read():
    found = {
        file.stem: hashlib.sha256(file.read_text("utf-8").encode()).hexdigest() for file in (ROOT / "consent").iterdir()
    }
    assert found == WORDINGS
    assert pages.is_consent_version(f"{pages.consent_version()}/90d")


def test_each_language_without_texts_of_its_own_has_one_line():
    languages = json.loads((ROOT / "languages.json").read_text(encoding="utf-8"))
    for tag, entry in languages.items():
        assert bool(entry["line"]) == (tag not in pages.TEXTS)
        assert entry["texts"] in pages.TEXTS


PAIRS = [  # text on a surface: 4.5:1 (WCAG 1.4.3)
    *[(ink, paper) for ink in ("text", "second", "accent", "bad", "careful", "good") for paper in ("page", "raised")],
    ("text", "soft"),
    ("second", "soft"),
    ("text", "accent-soft"),
    ("second", "accent-soft"),
    ("text", "careful-soft"),
    ("bad", "bad-soft"),
    ("on-accent", "accent"),
    ("on-words", "words"),
    ("words-second", "words"),
    ("words-accent", "words"),
]
LINES = [("line", "page"), ("line", "raised"), ("line", "soft"), ("focus", "page"), ("accent", "soft"), ("bad", "page")]


def schemes():
    css = (ROOT / "css/page.css").read_text(encoding="utf-8")
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)[:2]
    )
    return {"light": light, "dark": {**light, **dark}}


def luminance(colour):
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_pair_has_contrast(scheme):
    colours = schemes()[scheme]
    for pairs, least in ((PAIRS, 4.5), (LINES, 3.0)):
        for ink, paper in pairs:
            high, low = sorted((luminance(colours[ink]), luminance(colours[paper])), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= least, f"{scheme}: {ink} on {paper}"
