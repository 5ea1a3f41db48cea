from __future__ import annotations

import pytest

from client.domain import event as e
from client.domain.event import Event
from client.domain.ids import new_id
from client.domain.session import STAGES, SessionView, Stage, apply
from client.domain.words import Channel


def after(*bodies, view=None):
    view = view or SessionView(id=new_id())
    for n, body in enumerate(bodies):
        view = apply(view, Event(id=new_id(), session=view.id, at=f"2026-11-22T05:00:{n:02d}.000Z", body=body))
    return view


OPENED = e.SessionOpened(channel=Channel.PHONE, language="en", number="010-****-1", ars="3-1", queue="q")


@pytest.mark.parametrize(
    ("bodies", "stage"),
    [
        ((OPENED,), Stage.WAITING),
        ((OPENED, e.CallOffered()), Stage.OFFERED),
        ((OPENED, e.CallOffered(), e.SessionReleased(reason="unanswered")), Stage.WAITING),
        ((OPENED, e.CallOffered(), e.CallAnswered()), Stage.TALKING),
        ((OPENED, e.CallAnswered(), e.CallHeld()), Stage.HELD),
        ((OPENED, e.CallAnswered(), e.CallHeld(), e.CallResumed()), Stage.TALKING),
        ((OPENED, e.CallAnswered(), e.CallEnded(by="citizen")), Stage.WRAP_UP),
        ((OPENED, e.CallOffered(), e.CallEnded(by="citizen")), Stage.CLOSED),
        ((OPENED, e.CallAnswered(), e.CallEnded(), e.WrapUpSaved(codes=("3",)), e.SessionClosed()), Stage.CLOSED),
        ((OPENED, e.CallAnswered(), e.CallEnded(), e.SessionClosed(), e.CallOffered()), Stage.OFFERED),
        ((OPENED, e.SessionClosed(), e.CallHeld()), Stage.CLOSED),
    ],
)
def test_stages(bodies, stage):
    assert after(*bodies).stage is stage


def test_every_stage_has_its_ways():
    assert set(STAGES) == set(Stage)


def test_what_the_log_says_of_a_session():
    view = after(
        OPENED,
        e.SessionClaimed(agent="a1", name="김"),
        e.CallAnswered(),
        e.CallMuted(),
        e.RelayMarked(),
        e.PageEntered(),
        e.ConsentAnswered(purpose="share_screen", given=True, version="1"),
        e.ConferenceStarted(with_name="119", emergency=True),
    )
    assert (view.language, view.ars, view.owner, view.owner_name) == ("en", "3-1", "a1", "김")
    assert (view.muted, view.relay, view.page_entered, view.sharing) == (True, True, True, True)
    assert (view.conference_with, view.emergency) == ("119", True)
    view = after(
        e.ConferenceEnded(),
        e.CallUnmuted(),
        e.ConsentAnswered(purpose="share_screen", given=False, version="1"),
        e.SessionTransferred(to="a2", name="이"),
        e.CallTransferred(to="1002"),
        e.CallEnded(lost=True),
        e.WrapUpStarted(limit_s=60),
        e.WrapUpExtended(by_s=30),
        e.WrapUpSaved(codes=("3-1",), summary="s"),
        view=view,
    )
    assert (view.conference_with, view.muted, view.sharing, view.owner, view.transferred_to) == (
        "",
        False,
        False,
        "a2",
        "1002",
    )
    assert (view.lost, view.wrapup_limit_s, view.codes, view.summary) == (True, 90, ("3-1",), "s")


def test_a_type_that_says_nothing_of_the_session_changes_nothing():
    view = after(OPENED)
    assert after(e.NoteWritten(text="x"), view=view) == view
