"""Six written languages, told by script or by reading; nothing is said where nothing can be told."""

from __future__ import annotations

import asyncio
import threading
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.hub import written_language
from client.hub.written_language import WrittenLanguage, by_script


@pytest.fixture(scope="module")
def languages():
    return WrittenLanguage()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("도로가 파손됐어요", "ko"),
        ("서울 120", "ko"),
        ("SKT LTE 요금제 문의", "ko"),
        ("도로(道路) 파손 신고합니다", "ko"),
        (unicodedata.normalize("NFD", "안녕하세요"), "ko"),
        ("道に迷いました。助けてください", "ja"),
        ("コンビニ", "ja"),
        ("東京都庁舎", "ja"),  # without kana, by a shape that is Japan's own
        ("地铁站在哪里？", "zh"),
        ("請問如何申請退費", "zh"),
        ("我想去서울시청", "zh"),
        ("Сайн байна уу, усны төлбөр", "mn"),
        ("My water bill is wrong, please help me", "en"),
        ("I want to go to 서울시청", "en"),
        ("¯\\_(ツ)_/¯ hello there, where is the bus stop", "en"),
        ("Tôi bị mất ví trên xe buýt", "vi"),
        (unicodedata.normalize("NFD", "Mình muốn hỏi về hóa đơn"), "vi"),
        ("Please look at https://example.org/안녕하세요/안녕하세요/안녕하세요", "en"),
    ],
)
async def test_the_language_is_told(languages, text, language):
    assert await languages.of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "12345",
        "010-1234-5678",
        "ㅋㅋ",
        "ㅋㅋㅋㅋㅋㅋ",
        "ㅠㅠ",
        "👍👍",
        "OK",
        "bus",
        "?!",
        "https://example.org/a",
        "สวัสดีครับ",
        "السلام عليكم",
        "gamsahamnida",
        "dkssudgktpdy",  # 안녕하세요, the keyboard on English
        "\ud83d",
    ],
)
async def test_nothing_is_said_where_it_cannot_be_told(languages, text):
    assert await languages.of(text) == ""


@pytest.mark.parametrize("text", ["안녕하세요", "ありがとう", "谢谢", "Баярлалаа", "ㅋㅋㅋㅋㅋㅋ", "12345", "สวัสดีครับ"])
async def test_a_script_needs_no_model(monkeypatch, text):
    monkeypatch.setattr(written_language, "_load", lambda: pytest.fail("the models were loaded"))
    await WrittenLanguage().of(text)


async def test_the_models_are_loaded_once_and_beside_the_loop(monkeypatch):
    loads, real, go_on = [], written_language._load, threading.Event()

    def load():
        loads.append(threading.get_ident())
        assert go_on.wait(30)
        return real()

    monkeypatch.setattr(written_language, "_load", load)
    languages = WrittenLanguage()
    asked = [asyncio.create_task(languages.of("Where is the bus stop")) for _ in range(5)]
    assert await languages.of("안녕하세요") == "ko"  # the loop is free, and a script waits for nobody
    assert not any(task.done() for task in asked)
    go_on.set()
    assert await asyncio.gather(*asked) == ["en"] * 5
    assert len(loads) == 1
    assert loads[0] != threading.get_ident()


@given(st.text())
def test_any_text_is_answered_by_its_script(text):
    assert by_script(text) in {"ko", "ja", "zh", "mn", "", None}
