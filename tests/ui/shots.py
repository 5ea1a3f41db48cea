"""Pictures of the desk in its states: `python -m tests.ui.shots OUT [state …]`, for looking at, not for comparing."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from client.domain import event as e
from client.domain.words import Channel, Party
from client.services.notices import Severity, Trouble, TroubleTold
from client.services.policy import Policy
from client.settings import Settings
from tests.desks import FakeDesk
from tests.ui import scenes
from tests.waiting import until
from ui.main import build_window, event_loop, make_application
from ui.window import DeskWindow

Scene = Callable[[FakeDesk, DeskWindow], Awaitable[None]]


async def idle(fake, window):
    pass


async def offer(fake, window):
    await scenes.ring(fake, "01012340192", "1")


async def call(fake, window):
    await scenes.others(fake)
    session = await scenes.talk(fake)
    await until(lambda: window.context.selection.session == session)
    window.view.panel.tabs.setCurrentIndex(1)


async def second(fake, window):
    await call(fake, window)
    await scenes.ring(fake, "01012340192", "1")


async def held(fake, window):
    await call(fake, window)
    await fake.desk.calls.toggle_hold()
    window.view.panel.tabs.setCurrentIndex(0)
    window.view.panel.citizen.show_qr()


async def consult(fake, window):
    await call(fake, window)
    await fake.desk.calls.consult("1002", "이나눔")
    fake.phone.far_answer(list(fake.phone.calls)[-1])


async def muted(fake, window):
    await call(fake, window)
    await fake.desk.calls.toggle_mute()
    window.context.actions.trigger("note")
    window.view.page.composer.note.setPlainText("어머님 청력이 좋지 않으심. 천천히 말씀드릴 것.")


async def wrapup(fake, window):
    await call(fake, window)
    await fake.desk.calls.hang_up()
    fake.clock.advance(20)
    window.view.panel.wrapup.tree.choose(("3-1",))
    window.view.panel.wrapup._show_chosen()
    window.view.panel.wrapup.summary.setPlainText("장기요양 신청 준비물 안내. 은평구, 어머니 혼자 거주.")


async def overdue(fake, window):
    await wrapup(fake, window)
    fake.clock.advance(75)


async def trouble(fake, window):
    await call(fake, window)
    fake.hub.away = True
    fake.desk.publisher.publish(TroubleTold(Trouble.HUB_AWAY, Severity.CAREFUL))
    fake.desk.publisher.publish(TroubleTold(Trouble.STORE_FULL, Severity.BAD))
    fake.phone.fall_silent("microphone", silent=True)


async def alert(fake, window):
    await call(fake, window)
    session = fake.desk.calls.running
    window.context.selection.open(next(view.id for view in fake.desk.sessions.waiting()))
    scenes.citizen_says(fake, session, e.MessageSent(party=Party.CITIZEN, text="여기 있어요"))


async def alerts(fake, window):
    await alert(fake, window)
    fake.phone.fall_silent("far_end", silent=True)
    fake.phone.fall_silent("microphone", silent=True)


async def correcting(fake, window):
    await call(fake, window)
    window.context.actions.trigger("correct")


async def sms(fake, window):
    await scenes.others(fake)
    session = await scenes.sms_talk(fake)
    window.context.selection.open(session)
    await settle()
    window.view.page.composer.message.setPlainText(
        "확인했습니다 😀 도로사업소에서 오늘 안에 나갑니다. 위험하니 가까이 가지 마세요. 처리되면 문자로 알려 드리겠습니다."
    )


async def undo(fake, window):
    session = await scenes.sms_talk(fake)
    window.context.selection.open(session)
    await settle()
    window.view.page.composer.message.setPlainText("도로사업소에서 오늘 안에 나갑니다.")
    window.view.page.composer.send()


async def quick(fake, window):
    session = await scenes.sms_talk(fake)
    window.context.selection.open(session)
    await settle()
    window.view.page.composer.message.setPlainText("/ㄷㄹ")


async def waiting(fake, window):
    session = await scenes.written(fake, Channel.KAKAO, "외국인 등록증을 잃어버렸어요", name="Nguyen")
    window.context.selection.open(session)


async def several(fake, window):
    session = await scenes.several(fake)
    window.context.selection.open(session)
    scenes.looks_on(fake, session, typing=True)
    await scenes.troubled_services(fake)


async def handed(fake, window):
    window.context.selection.open(await scenes.handed(fake))


async def complaint(fake, window):
    window.context.selection.open(await scenes.complaint(fake))


async def history(fake, window):
    await scenes.finished(fake)
    await scenes.finished(fake, "여권 재발급 안내. 구청 민원실 위치와 준비물을 설명함.")
    window.context.selection.open(await scenes.taken(fake))
    window.context.actions.trigger("history")


async def confirm(fake, window):
    window.context.selection.open(await scenes.taken(fake))


async def reading(fake, window):
    session = await scenes.finished(fake)
    await scenes.taken(fake, Channel.KAKAO)
    await fake.desk.reading.fetch(session)
    window.context.selection.read(session)


async def joining(fake, window):
    await written_dialog("merge")(fake, window)
    await settle()
    window.dialogs.sheet._join()


async def found(fake, window):
    await written_dialog("search")(fake, window)
    await settle()
    window.dialogs.sheet.words.setText("구멍")
    window.dialogs.sheet._find()


def written_dialog(action):
    async def show(fake, window):
        await scenes.taken(fake, Channel.KAKAO)
        session = await scenes.sms_talk(fake)
        window.context.selection.open(session)
        await settle()
        window.context.actions.trigger(action)

    return show


def dialog(action):
    async def show(fake, window):
        await call(fake, window)
        window.context.actions.trigger(action)

    return show


async def video_offer(fake, window):
    scenes.drawn(fake)
    await scenes.video_offer(fake)
    fake.clock.advance(74)
    await scenes.video_offer(fake)
    await settle()


async def video_handed(fake, window):
    await scenes.video_handed(fake)
    await settle()


async def video_preview(fake, window):
    await video_offer(fake, window)
    window.context.actions.trigger("own_picture")


async def video(fake, window):
    scenes.drawn(fake)
    session = await scenes.video_talk(fake)
    window.context.selection.open(session)
    fake.clock.advance(252)
    said = (
        (Party.CITIZEN, "주민센터에 직접 물어봐 줄 수 있나요?"),
        (Party.AGENT, "네. 지금 전화로 연결해서 통역할게요."),
        (Party.CITIZEN, "대리 신청도 되는지 궁금해요."),
    )
    for party, text in said:
        if party is Party.AGENT:
            fake.desk.video.text.finish(session, text)
        else:
            scenes.citizen_says(fake, session, e.MessageSent(party=party, text=text))
        await settle()
    fake.video.far_types(session, "내일 오후 두 시에 갈 수")
    fake.video.far_picture()
    await settle()


def video_state(change):
    async def show(fake, window):
        await video(fake, window)
        await change(fake, window, fake.desk.video.running)

    return show


async def video_typing(fake, window, session):
    window.view.page.composer.message.setPlainText("네, 두 시에 예약해")


async def video_off(fake, window, session):
    await fake.desk.video.toggle_picture()
    window.context.actions.trigger("self_size")


async def video_hold(fake, window, session):
    await fake.desk.video.toggle_hold()


async def video_broken(fake, window, session):
    fake.video.far_break(session)
    fake.clock.advance(7)


async def video_bad(fake, window, session):
    fake.video.far_quality(session, fps_in=11, fps_out=28, delay_ms=620, loss=0.08)
    fake.clock.advance(3.5)


async def video_camera_off(fake, window, session):
    scenes.media(fake, session, camera="off")


async def video_beside(fake, window, session):
    for _ in range(4):
        window.context.actions.trigger("self_corner")


async def video_window(fake, window, session):
    window.context.actions.trigger("own_window")


async def video_panel(fake, window, session):
    window.context.actions.trigger("panel_screens")


async def video_relay(fake, window, session):
    fake.phone.far_answer(await scenes.relay_begun(fake, session))
    await settle()


async def video_relayed(fake, window, session):
    await video_relay(fake, window, session)
    await fake.desk.relay.agree()


async def video_asked(fake, window):
    window.context.selection.open(await scenes.video_asked(fake))


async def video_voice(fake, window):
    session = await scenes.video_talk(fake, Channel.WEB_CALL, "v=0\r\nm=audio 9 x\r\n")
    window.context.selection.open(session)


VIDEO_POLICY = Policy(signs=True)
VIDEO_STATES: dict[str, Scene] = {
    "video_offer": video_offer,
    "video_handed": video_handed,
    "video_preview": video_preview,
    "video": video,
    "video_asked": video_asked,
    "video_voice": video_voice,
    **{
        change.__name__: video_state(change)
        for change in (
            video_typing,
            video_off,
            video_hold,
            video_broken,
            video_bad,
            video_camera_off,
            video_beside,
            video_window,
            video_panel,
            video_relay,
            video_relayed,
        )
    },
}
STATES: dict[str, Scene] = {
    **VIDEO_STATES,
    "idle": idle,
    "offer": offer,
    "call": call,
    "second": second,
    "held": held,
    "consult": consult,
    "muted": muted,
    "wrapup": wrapup,
    "overdue": overdue,
    "trouble": trouble,
    "alert": alert,
    "alerts": alerts,
    "correcting": correcting,
    "sms": sms,
    "undo": undo,
    "quick": quick,
    "waiting": waiting,
    "several": several,
    "handed": handed,
    "complaint": complaint,
    "history": history,
    "confirm": confirm,
    "reading": reading,
    "joining": joining,
    "found": found,
    **{name: written_dialog(name) for name in ("merge", "hand_over", "search", "export", "files")},
    **{name: dialog(name) for name in ("help", "settings", "transfer", "keypad", "find", "emergency", "presence")},
}
POLICIES = {"confirm": Policy(confirm_citizen=True), **dict.fromkeys(VIDEO_STATES, VIDEO_POLICY)}
SIZES = {
    "hd": (1366, 768, 100),
    "uhd": (3840, 2160, 100),
    "uhd200": (3840, 2160, 200),
    "hd200": (1366, 768, 200),
    "fhd": (1920, 1080, 100),
    "upright": (900, 1300, 100),
}


async def take(state: str, out: Path, settings: Settings, size: tuple[int, int], name: str) -> None:
    fake = await scenes.started(POLICIES.get(state))
    window = build_window(fake.desk, settings)
    window.resize(*size)
    window.show()
    await settle()
    await STATES[state](fake, window)
    window.view.head._meter.show_level(0.2)
    await settle()
    picture = window.grab()
    for top in QApplication.topLevelWidgets():
        if top is not window and top.isVisible() and top.width() > 50 and top.windowTitle() != "strip":
            top.grab().save(str(out / f"{name}-{top.metaObject().className()}.png"))
    picture.save(str(out / f"{name}.png"))
    for top in QApplication.topLevelWidgets():
        top.hide()
        top.deleteLater()
    await fake.desk.stop()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


async def settle() -> None:
    for _ in range(12):
        await asyncio.sleep(0.02)


async def main(arguments: argparse.Namespace, out: Path) -> None:
    for state in arguments.states or STATES:
        for language in arguments.language.split(","):
            for theme in arguments.theme.split(","):
                for size in arguments.size.split(","):
                    width, height, scale = SIZES[size]
                    settings = replace(
                        Settings(), theme=theme, interface_language=language, scale=scale, reduced_motion=True
                    )
                    name = f"{state}-{language}-{theme}-{size}"
                    await take(state, out, settings, (width, height), name)
                    print(name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("states", nargs="*")
    parser.add_argument("--language", default="ko")
    parser.add_argument("--theme", default="light")
    parser.add_argument("--size", default="hd")
    app = make_application()
    parsed = parser.parse_args()
    Path(parsed.out).mkdir(parents=True, exist_ok=True)
    with event_loop(app) as loop:
        loop.run_until_complete(main(parsed, Path(parsed.out)))
