"""The running call's bar while somebody stands beside the citizen: who hears, who is left, and what a hang-up means."""

from __future__ import annotations

from PySide6.QtCore import Qt

SHIFT = Qt.KeyboardModifier.ShiftModifier


def newest(stage) -> str:
    return list(stage.fake.phone.calls)[-1]


def words(stage) -> tuple[str, str]:
    bar = stage.view.call_bar
    return bar._state.words, bar._listener.words


def shown(stage) -> set[str]:
    bar = stage.view.call_bar
    names = ("complete", "join", "back", "hold", "mute", "transfer", "three_way", "keypad", "emergency", "hang_up")
    return {name for name in names if getattr(bar, name).isVisible()}


def test_while_the_emergency_number_rings_the_citizen_is_said_to_hear(stage):
    @stage
    async def play(stage):
        await stage.talk()
        await stage.desk.calls.emergency("119")
        await stage.until(lambda: words(stage) == ("거는 중 · 119", "시민이 듣고 있음"), "119 rings")
        assert not shown(stage) & {"complete", "join", "back"}
        stage.fake.phone.far_answer(newest(stage))
        await stage.until(lambda: words(stage) == ("긴급 3자 통화", "세 사람이 함께 듣고 있음"), "119 joined")


def test_who_is_left_when_the_citizen_goes_stays_in_the_bar(stage):
    @stage
    async def play(stage):
        session = await stage.talk()
        await stage.desk.calls.consult("1002", "이나눔")
        side = newest(stage)
        stage.fake.phone.far_answer(side)
        citizen = stage.desk.calls.book.of_session(session).call
        stage.fake.phone.far_hang_up(citizen)
        await stage.until(
            lambda: words(stage) == ("이나눔 통화 중 · 시민은 나감", "상대만 듣고 있음 · 시민은 듣지 않음"),
            "one is left",
        )
        assert shown(stage) == {"hold", "mute", "keypad", "hang_up"}
        await stage.activate()
        stage.press(Qt.Key.Key_F9, SHIFT)
        assert side in stage.fake.phone.calls, "a hang-up meant for the citizen who has just left ended the other call"
        stage.still()
        stage.press(Qt.Key.Key_F9, SHIFT)
        await stage.until(lambda: stage.fake.phone.calls == {}, "the hang-up")
        await stage.until(lambda: not stage.view.call_bar.isVisible(), "no bar")
