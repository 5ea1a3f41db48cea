"""What the demo insists on: the citizen's captions, a SIP trace, a silent room where nobody speaks."""

from __future__ import annotations

import numpy as np
import pytest

from client.demo.run import Demo, DemoFailed, captioned, silent_wav
from client.domain.event import Caption, new_event, parse_timestamp
from client.domain.signal import PartialCaption
from client.domain.timeline import Timeline
from client.domain.words import Party
from client.engines.voice.wav import read_wav

AT = "2026-11-26T04:00:00.000Z"
MESSAGE = (
    "12:00:00.000  pjsua_core.c  .TX 300 bytes Request msg INVITE/cseq=1 to UDP 127.0.0.1:5060:\n"
    "INVITE sip:desk@127.0.0.1 SIP/2.0\nCall-ID: x\n\n--end msg--\n"
)


def test_only_a_final_text_is_a_caption():
    timeline = Timeline()
    timeline.partial(
        AT,
        PartialCaption(leg="c/citizen", party=Party.CITIZEN, utterance="u1", stable="나는", provisional="", start_ms=0),
    )
    assert captioned(timeline.lines) == set()
    body = Caption(utterance="u2", party=Party.AGENT, text="네", words=(), engine="whisper", end_ms=900)
    timeline.apply(new_event("01a21617-801f-7f40-aa07-4459e90a79d5", body, at=parse_timestamp(AT), leg="c/agent"))
    assert captioned(timeline.lines) == {Party.AGENT}


def test_a_call_without_a_trace_fails_the_demo(tmp_path):
    demo = Demo(tmp_path, tmp_path / "citizen.wav")
    for log in (None, "nothing of SIP\n"):
        if log:
            (tmp_path / "sip.log").write_text(log)
        with pytest.raises(DemoFailed, match="SIP trace"):
            demo._leave_trace()
    (tmp_path / "sip.log").write_text(MESSAGE)
    demo._leave_trace()
    assert "INVITE sip:desk" in (tmp_path / "sip.trace").read_text()
    assert not (tmp_path / "sip.log").exists()


def test_with_the_citizens_recording_the_agent_is_silent_unless_told_what_to_say(tmp_path):
    citizen, agent = tmp_path / "citizen.wav", tmp_path / "agent.wav"
    assert not np.any(read_wav(Demo(tmp_path, citizen)._microphone(tmp_path)))
    assert Demo(tmp_path, citizen, agent)._microphone(tmp_path) == agent


def test_the_room_is_quiet(tmp_path):
    samples = read_wav(silent_wav(tmp_path / "silence.wav"))
    assert len(samples) == 16_000
    assert not np.any(samples)
