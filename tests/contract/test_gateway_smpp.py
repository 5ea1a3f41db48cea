"""The SMPP gateway: with an SMSC and phones that others wrote, and with a scripted SMSC for the bad hours."""

from __future__ import annotations

import asyncio
import logging
import unicodedata
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.bench.smpp_rig import Phones
from client.bench.smpp_rig import Smsc as RealSmsc
from client.domain.bodies.written import DeliveryState
from client.domain.session_log import LogRefused
from client.hub.gateways import smpp_text
from client.hub.gateways.gateway import NotNow, Outgoing, Rejected, Unanswered
from client.hub.gateways.smpp import Smpp
from client.hub.gateways.smpp_pdu import BadPdu, Pdu, delivered
from client.hub.gateways.smpp_receipt import is_receipt, told
from client.hub.gateways.smpp_repeats import Repeats
from client.hub.gateways.smpp_session import Times
from tests.doubles.smsc import Smsc, packed
from tests.waiting import until

CITIZEN = "01012345678"
QUICK = Times(answer=0.5, back_off=(0.05,), refused=0.05, hold=0.1, missing=0.4, enquire=0.2)


class Box:
    """An inbox in memory; refuses while `full`."""

    def __init__(self):
        self.messages, self.receipts, self.seen, self.full = {}, [], set(), False

    async def message(self, gateway, message):
        if self.full:
            raise LogRefused(503, "full", "no room")
        self.messages.setdefault(message.id, message)
        return "s"

    async def receipt(self, gateway, receipt):
        self.receipts.append(receipt)

    async def fresh(self, gateway, nonce, good_s):
        new = nonce not in self.seen
        self.seen.add(nonce)
        return new

    def texts(self):
        return [message.text for message in self.messages.values()]


def out(text="네, 알겠습니다.", message="m1", **fields):
    return Outgoing(message=message, address=CITIZEN, text=text, **fields)


@pytest.fixture
async def gateways():
    """make(smsc, **account): a bound gateway and its inbox."""
    made = []

    async def make(smsc, *, bound=True, box=None, times=QUICK, **account):
        gateway, box = Smpp(smsc.account(**account), times=times), box or Box()
        await gateway.start(box)
        made.append(gateway)
        if bound:
            await until(lambda: gateway.health().state == "good")
        return gateway, box

    yield make
    for gateway in made:
        await gateway.stop()


@pytest.fixture
async def smsc():
    smsc = await Smsc().start()
    yield smsc
    await smsc.stop()


@pytest.fixture
async def real(tmp_path):
    smsc = await RealSmsc(tmp_path).start()
    phones = Phones(tmp_path, smsc)
    try:
        yield smsc, await phones.start()
    finally:
        phones.stop()
        smsc.stop()


# ── with Net::SMPP and Kannel ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("ucs2", "가" * 45),
        ("ucs2", "가나다라마바사😀" * 30),
        ("ksc5601", "가" * 45),
    ],
)
async def test_korean_comes_whole_to_the_phone_and_its_receipt_finds_the_message(real, gateways, encoding, text):
    smsc, phones = real
    gateway, box = await gateways(smsc, encoding=encoding)
    accepted = await gateway.send(out(text))
    assert accepted.text_kind == ("SMS" if len(text) == 45 else "LMS")
    await until(lambda: phones.got and box.receipts)
    assert [(got.sender, got.number, got.text) for got in phones.got] == [("120", CITIZEN, text)]
    assert [(r.state, r.message) for r in box.receipts] == [(DeliveryState.DELIVERED, "m1")]


async def test_what_a_phone_writes_comes_in_whole(real, gateways):
    smsc, phones = real
    _, box = await gateways(smsc)
    await phones.write(CITIZEN, "안녕하세요 😀")
    await phones.write(CITIZEN, "긴 글입니다 😀 " * 30 + "끝")
    await phones.write(CITIZEN, "Hi [GSM] @ $ _ {x} €", coding=0)
    await until(lambda: len(box.messages) == 3)
    assert sorted(box.texts()) == sorted(["안녕하세요 😀", "긴 글입니다 😀 " * 30 + "끝", "Hi [GSM] @ $ _ {x} €"])
    assert {(m.address, m.number) for m in box.messages.values()} == {(CITIZEN, CITIZEN)}


async def test_an_smsc_that_dies_comes_back_and_sends_again_what_was_refused(real, gateways):
    smsc, phones = real
    gateway, box = await gateways(smsc)
    smsc.kill()
    await until(lambda: gateway.health().state == "down")
    with pytest.raises(NotNow, match="not connected"):
        await gateway.send(out())
    await smsc.start()
    await until(lambda: gateway.health().state == "good")
    box.full = True
    await phones.write(CITIZEN, "다시")
    await until(lambda: gateway._incoming._repeats._came)
    assert box.texts() == []
    box.full = False
    await until(lambda: box.texts() == ["다시"])


async def test_a_refused_login_is_told_and_tried_again(real, gateways):
    gateway, _ = await gateways(real[0], bound=False, password="wrong")
    await until(lambda: "ESME_RINVPASWD" in gateway.health().reason)
    assert gateway.health().state == "down"


# ── in bad hours ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (0x58, NotNow, "ESME_RTHROTTLED"),
        (0x14, NotNow, "ESME_RMSGQFUL"),
        (0x0B, Rejected, r"ESME_RINVDSTADR \(0x0000000B\): Invalid Destination Address"),
        (0x0455, Rejected, "0x00000455"),
    ],
)
async def test_a_status_says_whether_to_try_again(smsc, gateways, status, error, words):
    gateway, _ = await gateways(smsc)

    async def refuse(link, sequence, body):
        link.took(sequence, status=status)

    smsc.script = refuse
    with pytest.raises(error, match=words) as raised:
        await gateway.send(out())
    if status == 0x58:
        assert raised.value.after_s > 0
        assert gateway.health().state == "slow"
        with pytest.raises(NotNow, match="slower"):
            await gateway.send(out())
        assert len(smsc.submitted) == 1


async def test_no_answer_is_unanswered_and_a_late_one_lets_the_receipt_settle_it(smsc, gateways):
    gateway, box = await gateways(smsc)
    late = []

    async def wait(link, sequence, body):
        late.append((link, sequence))

    smsc.script = wait
    with pytest.raises(Unanswered, match="no answer"):
        await gateway.send(out())
    link, sequence = late[0]
    link.took(sequence, "AB")
    link.deliver(b"id:0000000171 stat:DELIVRD err:000 text:", esm=4, coding=0)
    await until(lambda: box.receipts)
    assert (box.receipts[0].message, box.receipts[0].provider) == ("m1", "AB")


@pytest.mark.parametrize("half", [True, False])
async def test_a_connection_lost_under_a_submission_is_unanswered(smsc, gateways, half):
    gateway, _ = await gateways(smsc)

    async def die(link, sequence, body):
        if half:
            link.send(packed(0x80000004, 0, sequence, b"12345\0")[:19])
            await link.writer.drain()
            link.writer.close()
        else:
            link.cut()

    smsc.script = die
    with pytest.raises(Unanswered, match="lost"):
        await gateway.send(out())
    await until(lambda: gateway.health().state != "down")


async def test_a_later_part_refused_is_never_claimed_unsent(smsc, gateways):
    gateway, _ = await gateways(smsc)

    async def second(link, sequence, body):
        link.took(sequence, "1", status=0x0B if len(smsc.submitted) == 2 else 0)

    smsc.script = second
    with pytest.raises(Rejected, match="after 1 of 2 parts were taken"):
        await gateway.send(out("가" * 100))


async def test_a_receipt_that_overtakes_the_answer_finds_its_message(smsc, gateways):
    gateway, box = await gateways(smsc)

    async def early(link, sequence, body):
        link.deliver(b"id:77 stat:UNDELIV err:011 text:", esm=4, coding=0)
        link.took(sequence, "77")

    smsc.script = early
    await gateway.send(out())
    await until(lambda: box.receipts)
    assert (box.receipts[0].state, box.receipts[0].message) == (DeliveryState.FAILED, "m1")
    assert box.receipts[0].reason == "UNDELIVERABLE, error 011"


async def test_a_message_sent_again_is_one_and_the_same_words_twice_are_two(smsc, gateways):
    _, box = await gateways(smsc)
    link = smsc.links[-1]
    box.full = True
    first = link.deliver("네".encode("utf-16-be"))
    await until(lambda: link.answers.get(first))
    box.full = False
    again = link.deliver("네".encode("utf-16-be"))
    await until(lambda: again in link.answers)
    assert (link.answers[first], link.answers[again]) == (0x64, 0)
    assert box.texts() == ["네"]
    link.cut()  # before anything more was heard: the answer may not have reached it
    await until(lambda: len(smsc.links) == 2)
    link = smsc.links[-1]
    resent = link.deliver("네".encode("utf-16-be"))
    await until(lambda: resent in link.answers)
    assert box.texts() == ["네"]
    once_more = link.deliver("네".encode("utf-16-be"))
    await until(lambda: once_more in link.answers)
    assert box.texts() == ["네", "네"]


async def test_a_message_sent_again_over_the_hubs_death_is_one(smsc, gateways):
    box = Box()
    for n in range(2):
        await gateways(smsc, box=box, bound=False)
        await until(lambda n=n: len(smsc.links) == n + 1)
        sequence = smsc.links[-1].deliver(b"\xb1\x24")
        await until(lambda sequence=sequence: sequence in smsc.links[-1].answers)
    assert box.texts() == ["네"]


@pytest.mark.parametrize(("first", "second", "same"), [(10, 20, True), (299, 301, True), (10, 950, False)])
async def test_over_a_restart_the_same_content_is_one_within_some_minutes(first, second, same):
    box, link = Box(), SimpleNamespace(heard=0.0)
    ids = [
        await Repeats("smpp", now=lambda at=at: at, clock=lambda: 0.0).id_of(b"x", link, 0.0, box)
        for at in (first, second)
    ]
    assert (ids[0] == ids[1]) is same


@pytest.mark.parametrize(
    ("answered", "again", "other_link", "heard", "new"),
    [
        (1.0, 2.0, False, 2.0, True),  # answered in time: the same words once more
        (1.0, 0.5, False, 1.0, True),  # both on their way at once
        (9.0, 8.0, False, 9.0, False),  # it waited too long and tried again
        (None, 3.0, False, 3.0, False),  # it was not stored
        (1.0, 4.0, True, 0.9, False),  # the connection broke: did the answer arrive?
        (1.0, 4.0, True, 1.5, True),  # it was heard after the answer
    ],
)
async def test_what_tells_a_repetition_from_the_same_words(answered, again, other_link, heard, new):
    time, box, link = [0.0], Box(), SimpleNamespace(heard=0.0)
    repeats = Repeats("smpp", now=lambda: 1_000.0, clock=lambda: time[0])
    first = await repeats.id_of(b"x", link, 0.0, box)
    if answered is not None:
        time[0] = answered
        repeats.answered(b"x")
    link.heard = heard
    second = await repeats.id_of(b"x", SimpleNamespace(heard=again) if other_link else link, again, box)
    assert (first != second) is new


@pytest.mark.parametrize("by", ["udh8", "udh16", "sar"])
async def test_parts_are_answered_when_the_whole_is_stored(smsc, gateways, by):
    _, box = await gateways(smsc, times=Times(hold=5))
    link, raw = smsc.links[-1], "가😀나".encode("utf-16-be")
    cut = [raw[:4], raw[4:]]  # within the surrogate pair

    def part(n):
        if by == "sar":
            return link.deliver(cut[n], tlvs={0x020C: b"\0\7", 0x020E: b"\2", 0x020F: bytes([n + 1])})
        header = b"\5\0\3\7\2" if by == "udh8" else b"\6\x08\4\0\7\2"
        return link.deliver(header + bytes([n + 1]) + cut[n], esm=0x40)

    second = part(1)
    other = link.deliver("다른 글".encode("utf-16-be"))
    await until(lambda: other in link.answers)
    assert second not in link.answers
    first = part(0)
    await until(lambda: {first, second} <= link.answers.keys())
    assert box.texts() == ["다른 글", "가😀나"]


async def test_a_part_that_never_comes_takes_none_with_it(smsc, gateways):
    _, box = await gateways(smsc)
    link = smsc.links[-1]
    parts = [link.deliver(b"\5\0\3\7\3" + bytes([n]) + f"{n}".encode("utf-16-be"), esm=0x40) for n in (1, 3)]
    await until(lambda: box.messages)
    assert box.texts() == ["1\n[문자 3개 중 2번째가 오지 않았습니다]\n3"]
    assert [link.answers[n] for n in parts] == [0, 0]


async def test_payload_and_blank_and_nobody(smsc, gateways):
    _, box = await gateways(smsc)
    link = smsc.links[-1]
    link.deliver(b"", tlvs={0x0424: "긴 글".encode("utf-16-be"), 0x1401: b"x", 0x0005: b"\1\1"})
    link.deliver(b"")
    link.deliver(b"\0A", source="")
    await until(lambda: len(box.messages) == 3)
    assert box.texts() == ["긴 글", "[빈 문자 메시지]", "A"]
    assert [m.address for m in box.messages.values()][2].startswith("anonymous-")


async def test_the_link_is_asked_for_and_left_when_silent(smsc, gateways):
    await gateways(smsc)
    await until(lambda: smsc.enquiries >= 2)
    assert len(smsc.links) == 1
    smsc.answers_enquiries = False
    await until(lambda: len(smsc.links) == 2)


async def test_stop_unbinds_soon_even_where_nobody_answers(smsc, gateways):
    gateway, _ = await gateways(smsc)

    async def silent(link, sequence, body):
        return

    smsc.script = silent
    sending = asyncio.ensure_future(gateway.send(out()))
    await until(lambda: smsc.submitted)
    async with asyncio.timeout(2):
        await gateway.stop()
    with pytest.raises(Unanswered):
        await sending


async def test_no_number_and_no_word_of_a_citizen_is_logged(smsc, gateways, caplog):
    caplog.set_level(logging.DEBUG)
    gateway, box = await gateways(smsc)
    await gateway.send(out("비밀"))
    box.full = True
    smsc.links[-1].deliver("비밀".encode("utf-16-be"))
    await until(lambda: "could not be stored" in caplog.text)
    assert CITIZEN[1:] not in caplog.text
    assert "비밀" not in caplog.text


async def test_an_account_that_cannot_log_in_says_so(gateways, smsc):
    gateway, _ = await gateways(smsc, bound=False, password="longer-than-eight")
    await until(lambda: "8 characters" in gateway.health().reason)


@pytest.mark.parametrize("changes", [{"sender": "119"}, {"text": " "}, {"text": "가" * 1100}, {"address": "abc"}])
async def test_what_can_never_go_is_rejected(smsc, gateways, changes):
    gateway, _ = await gateways(smsc)
    with pytest.raises(Rejected):
        await gateway.send(Outgoing(**{"message": "m", "address": CITIZEN, "text": "네", **changes}))
    assert smsc.submitted == []


# ── rules ────────────────────────────────────────────────────────────────────────────────────────


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=400), st.integers(0, 255))
def test_pieces_hold_whole_characters_and_join_to_the_text(text, reference):
    text = unicodedata.normalize("NFC", text)
    joined = ""
    for piece in smpp_text.pieces(text, "ucs2", "udh", reference):
        assert len(piece.short) <= 140
        place, part = smpp_text.parted(piece.short, piece.esm_class)
        assert place is None or place.reference == reference
        joined += part.decode("utf-16-be")  # strict: no half pair
    assert joined == text


def test_ksc5601_refuses_what_it_lacks_and_payload_is_one_piece():
    with pytest.raises(Rejected, match="😀"):
        smpp_text.pieces("네😀", "ksc5601", "udh", 1)
    (piece,) = smpp_text.pieces("가" * 200, "ksc5601", "payload", 1)
    assert (piece.short, len(piece.payload), piece.data_coding) == (b"", 400, 14)


@given(st.binary(max_size=160), st.integers(0, 255), st.sampled_from(["ucs2", "ksc5601"]), st.integers(0, 255))
def test_no_text_raises(data, coding, encoding, esm):
    _, text = smpp_text.parted(data, esm)
    smpp_text.read(text, coding, encoding)


@given(st.binary(max_size=120))
def test_no_pdu_raises_anything_but_bad_pdu(body):
    raw = packed(5, 0, 1, body)
    try:
        came = delivered(Pdu(5, 0, 1, raw))
    except BadPdu:
        return
    if is_receipt(came):
        told(came)


@pytest.mark.parametrize(
    ("data", "coding", "encoding", "text"),
    [
        (b"\x1b\x65\x00\x02\x11", 0, "ucs2", "€@$_"),
        ("한글".encode("cp949"), 0, "ucs2", "한글"),
        ("한글[".encode("cp949"), 14, "ucs2", "한글["),
        (b"caf\xe9", 3, "ucs2", "café"),
        ("한".encode("utf-16-be"), 0x18, "ucs2", "한"),
    ],
)
def test_alphabets(data, coding, encoding, text):
    assert smpp_text.read(data, coding, encoding) == text
