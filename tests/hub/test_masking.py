"""No resident-registration or card number reaches the store, however it is written or said."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from client.domain import event as e
from client.domain.event import new_event
from client.domain.ids import new_id
from client.domain.screen import Field, Item, Screen, ScreenKind
from client.domain.signal import Mirror, PartialCaption
from client.domain.spoken_digits import runs
from client.domain.words import Party
from client.hub.clock import system_now
from client.hub.masking import Masker, mask_address
from tests.hub.saying import log_of, open_session, say
from tests.running_hub import running

SINO = "공일이삼사오육칠팔구"
NATIVE = ["공", "하나", "둘", "셋", "넷", "다섯", "여섯", "일곱", "여덟", "아홉"]
RRN = "9001011234567"
CARD = "4111111111111111"


def digits_of(text: str) -> str:
    return "".join(run.digits for run in runs(text))


def caption(text: str, session: str = "", words: tuple[str, ...] = ()) -> e.Event:
    parts = tuple(e.Word(text=word, start_ms=n * 100, end_ms=n * 100 + 90) for n, word in enumerate(words))
    body = e.Caption(utterance=new_id(), party=Party.CITIZEN, text=text, words=parts)
    return new_event(session or new_id(), body, at=system_now(), leg="call/citizen")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("제 번호는 900101-1234567 입니다", "제 번호는 ******-******* 입니다"),
        ("9001011234567", "*************"),
        ("카드 4111-1111-1111-1111요", "카드 ****-****-****-****요"),
        ("구공공일공일에 다시 일이삼사오육칠", "******에 다시 *******"),
        ("구 공 공 일 공 일 그리고 하나 둘 셋 넷 다섯 여섯 일곱", "* * * * * * 그리고 ** * * * ** ** **"),
        ("사일일일 일일일일 일일일일 일일일일 번", "**** **** **** **** 번"),
        ("전화는 010-1234-5678, 공일공 일이삼사 오육칠팔", "전화는 010-1234-5678, 공일공 일이삼사 오육칠팔"),
        ("이 일이 사실이라면 오이 사서 구이로", "이 일이 사실이라면 오이 사서 구이로"),
        ("", ""),
    ],
)
def test_what_is_starred_and_what_is_not(text, masked):
    assert Masker().text(text) == masked


separators = st.sampled_from(["", " ", "-", ", ", "에 ", " 다시 ", " 그리고 "])
wordings = st.sampled_from([SINO, NATIVE, "0123456789"])


@st.composite
def said(draw, digits: str) -> str:
    """The digits, each in any wording, with any separators."""
    return "".join(draw(wordings)[int(d)] + draw(separators) for d in digits)


residents = st.tuples(st.dates(), st.integers(0, 9_999_999)).map(lambda n: f"{n[0]:%y%m%d}{n[1]:07}")


@given(residents.flatmap(said), st.sampled_from(["", "네 제 번호가 ", "주민번호 "]))
def test_a_resident_number_is_hidden_however_it_is_said(number, before):
    assert digits_of(Masker().text(before + number)) == ""


@given(st.integers(0, 10**15 - 1).map(lambda n: f"4{n:015}").flatmap(said))
@example("4111 1111 1111 1111")
def test_a_card_number_is_hidden_however_it_is_said(number):
    assert digits_of(Masker().text(number)) == ""


@given(st.text(max_size=300))
def test_masking_keeps_the_length_and_changes_nothing_twice(text):
    masker = Masker()
    masked = masker.text(text)
    assert len(masked) == len(text)
    assert all(m in (t, "*") for m, t in zip(masked, text, strict=True))
    assert masker.text(masked) == masked


@given(residents, st.integers(1, 12), wordings)
def test_a_number_split_over_two_utterances_is_hidden_in_the_second(number, at, words):
    masker = Masker()
    session = new_id()
    first = masker.event(caption("번호는 " + " ".join(words[int(d)] for d in number[:at]), session))
    second = masker.event(caption(" ".join(words[int(d)] for d in number[at:]) + " 입니다", session))
    assert isinstance(first.body, e.Caption)
    assert isinstance(second.body, e.Caption)
    shown = digits_of(second.body.text)
    assert shown == "" or len(number[at:]) < 4


def test_the_rest_said_much_later_is_another_number():
    clock = [0.0]
    masker = Masker(clock=lambda: clock[0])
    session = new_id()
    masker.event(caption("구공공일공일에", session))
    clock[0] = 60.0
    assert masker.event(caption("일이삼사오육칠", session)).body.text == "일이삼사오육칠"
    masker.event(caption("구공공일공일에", session))
    assert masker.event(caption("일이삼사오육칠", new_id())).body.text == "일이삼사오육칠"


def test_a_word_between_the_halves_does_not_hide_the_rest():
    masker = Masker()
    session = new_id()
    texts = [masker.event(caption(text, session)).body.text for text in ("900101", "네", "잠시만요", "1234567")]
    assert texts == ["900101", "네", "잠시만요", "*******"]


def test_a_long_sentence_between_ends_the_number():
    masker = Masker()
    session = new_id()
    texts = [masker.event(caption(text, session)).body.text for text in ("900101", "그건 나중에 말할게요", "1234567")]
    assert texts[-1] == "1234567"


def test_a_telephone_number_after_a_birth_date_stays():
    masker = Masker()
    session = new_id()
    for text in ("구공공일공일", "네", "공일공 일이삼사 오육칠팔", "0212345678"):
        assert masker.event(caption(text, session)).body.text == text


def said_in_a_row(masker: Masker, *bodies: e.Body) -> list[str]:
    session = new_id()
    return [masker.event(new_event(session, body, at=system_now())).body.text for body in bodies]


def test_a_number_split_over_two_messages_is_hidden_in_the_second():
    halves = ("900101", "1234567")
    citizen = [e.MessageSent(party=Party.CITIZEN, text=text) for text in halves]
    assert said_in_a_row(Masker(), *citizen) == ["900101", "*******"]
    assert said_in_a_row(Masker(), *(e.NoteWritten(text=text) for text in halves)) == ["900101", "*******"]
    apart = (citizen[0], e.MessageSent(party=Party.AGENT, text=halves[1]))
    assert said_in_a_row(Masker(), *apart) == list(halves)


@pytest.mark.parametrize(
    ("first", "second", "which", "text", "masked"),
    [
        ("구궁공일공일", "1234567", 0, "900101", "******"),
        ("900101", "일이삼 네", 1, "1234567", "*******"),
        ("구궁", "네", 0, "900101", "900101"),
    ],
)
def test_a_correction_is_read_with_what_was_said_around_it(first, second, which, text, masked):
    masker = Masker()
    session = new_id()
    events = [caption(first, session), caption(second, session)]
    for event in events:
        masker.event(event)
    corrected = e.CaptionCorrected(caption=events[which].id, text=text)
    assert masker.event(new_event(session, corrected, at=system_now())).body.text == masked


def test_a_corrected_first_half_hides_the_half_that_comes_next():
    masker = Masker()
    session = new_id()
    first = caption("구궁", session)
    masker.event(first)
    masker.event(new_event(session, e.CaptionCorrected(caption=first.id, text="900101"), at=system_now()))
    assert masker.event(caption("1234567", session)).body.text == "*******"


@pytest.mark.parametrize(
    ("values", "hidden"),
    [
        (("900101", "1234567"), (0, 1)),
        (("900101-", "1234567"), (0, 1)),
        (("홍길동", "4111", "1111", "1111", "1111"), (1, 2, 3, 4)),
        (("900101", "홍길동", "1234567"), ()),
        (("19900101", "01012345678"), ()),
        (("19900101", "15881588"), ()),
        (("900101", "04524", "302"), ()),
    ],
)
def test_a_number_split_over_the_fields_of_a_form_is_hidden(values, hidden):
    answers = {str(n): value for n, value in enumerate(values)}
    body = e.ScreenAnswered(push=new_id(), answers=answers)
    masked = Masker().event(new_event(new_id(), body, at=system_now())).body.answers
    assert tuple(n for n in range(len(values)) if digits_of(masked[str(n)]) != digits_of(values[n])) == hidden
    assert all(digits_of(masked[str(n)]) == "" for n in hidden)
    assert Masker().signal(Mirror(push="p", values=answers)).values == masked


def test_the_ids_on_a_checklist_are_no_number():
    ids = tuple("4111111111111111")
    body = e.ScreenAnswered(push=new_id(), answers={"checked": ids})
    assert Masker().event(new_event(new_id(), body, at=system_now())).body.answers == {"checked": ids}


def test_the_texts_of_a_screen_are_masked_and_its_ids_are_not():
    screen = Screen(
        kind=ScreenKind.FORM,
        title=f"번호 {RRN}",
        lead=RRN,
        body=CARD,
        button=RRN,
        items=(Item(id=RRN, text=RRN, hint=CARD),),
        fields=(Field(id=CARD, label=RRN, hint=CARD),),
    )
    pushed = e.ScreenPushed(push=new_id(), screen=screen)
    masked = Masker().event(new_event(new_id(), pushed, at=system_now())).body.screen
    texts = (masked.title, masked.lead, masked.body, masked.button, masked.items[0].text, masked.fields[0].label)
    assert digits_of("".join((*texts, masked.items[0].hint, masked.fields[0].hint))) == ""
    assert (masked.items[0].id, masked.fields[0].id) == (RRN, CARD)


def test_the_words_of_a_caption_are_starred_with_it():
    event = caption(
        "번호는 구공공일공일 일이삼사오육칠 입니다", words=("번호는", "구공공일공일", "일이삼사오육칠", "입니다")
    )
    masked = Masker().event(event).body
    assert masked.text == "번호는 ****** ******* 입니다"
    assert [word.text for word in masked.words] == ["번호는", "******", "*******", "입니다"]
    assert [word.start_ms for word in masked.words] == [0, 100, 200, 300]


def test_every_kind_of_words_is_masked():
    push = new_id()
    bodies = {
        e.MessageSent(party=Party.CITIZEN, text=RRN): "text",
        e.NoteWritten(text=RRN): "text",
        e.CaptionCorrected(caption=new_id(), text=RRN): "text",
        e.WrapUpSaved(codes=("1",), summary=RRN): "summary",
        e.SessionTransferred(to="x", note=RRN): "note",
        e.SessionClosed(reason=RRN): "reason",
        e.SessionReleased(reason=RRN): "reason",
        e.CallEnded(reason=RRN): "reason",
        e.LegLeft(party=Party.CITIZEN, reason=RRN): "reason",
        e.EventsErased(events=(), reason=RRN): "reason",
    }
    for body, field in bodies.items():
        masked = Masker().event(new_event(new_id(), body, at=system_now())).body
        assert getattr(masked, field) == "*" * 13
    answers = e.ScreenAnswered(push=push, answers={"name": RRN, "more": (CARD, "네")})
    masked = Masker().event(new_event(new_id(), answers, at=system_now())).body
    assert masked.answers == {"name": "*" * 13, "more": ("*" * 16, "네")}
    assert Masker().signal(Mirror(push=push, values={"a": RRN})).values == {"a": "*" * 13}
    partial = PartialCaption(leg="l", party=Party.CITIZEN, utterance="u", stable=RRN[:8], provisional=RRN[8:])
    hidden = Masker().signal(partial)
    assert (hidden.stable, hidden.provisional) == ("*" * 8, "*" * 5)


def test_pressed_keys_that_may_be_a_number_are_hidden():
    event = new_event(new_id(), e.TonesReceived(digits="1234", count=4), at=system_now())
    assert Masker().event(event).body == e.TonesReceived(digits="", count=4)
    short = new_event(new_id(), e.TonesReceived(digits="123", count=3), at=system_now())
    assert Masker().event(short) is short


def test_what_a_legal_basis_allows_is_kept():
    both = "900101-1234567 / 5500-0000-0000-0004"
    assert Masker(resident=False, card=False).text(both) == both
    assert Masker(resident=False).text(both) == "900101-1234567 / ****-****-****-****"
    assert Masker(card=False).text(both) == "******-******* / 5500-0000-0000-0004"


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("01012345678", "010-****-5678"),
        ("+82 10-1234-5678", "010-****-5678"),
        ("sip:01012345678@pbx.example", "010-****-5678"),
        ("tel:0212345678", "02-****-5678"),
        ("010-****-5678", "010-****-5678"),
        ("119", "119"),
        ("", ""),
    ],
)
def test_the_middle_of_a_telephone_number_is_hidden(number, masked):
    assert mask_address(number) == masked


async def test_nothing_unmasked_reaches_the_disk(tmp_path):
    async with running(tmp_path / "hub") as served:
        desk = await served.desk()
        session = await open_session(desk, number="01098765432")
        await say(desk, session, e.NoteWritten(text=f"주민번호 {RRN}"), e.MessageSent(party=Party.AGENT, text=CARD))
        assert RRN not in str(await log_of(desk, session))
    for file in (tmp_path / "hub").iterdir():
        data = file.read_bytes()
        assert RRN.encode() not in data
        assert CARD.encode() not in data


async def test_a_setting_that_names_the_basis_keeps_the_number(tmp_path):
    async with running(tmp_path / "hub", rrn_legal_basis="전자정부법 제○조") as served:
        desk = await served.desk()
        session = await open_session(desk)
        await say(desk, session, e.NoteWritten(text=RRN), e.NoteWritten(text=CARD))
        assert [event["body"]["text"] for event in await log_of(desk, session, 1)] == [RRN, "*" * 16]
