"""Every key of the desk, declared once: what it does, its default, where it works. One meaning in all kinds of session.

In sign-language sessions the other hand signs: own video, relay and bookmark are single keys (F6, F10, F11), and a pedal
may press any of them, being a keyboard (F13–F24) or a program (`ui.pedal`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

from ui.language import noop


class Scope(StrEnum):
    """Where a key works. `call` keys work everywhere, are function keys only, and are guarded (`ui.call_guard`)."""

    CALL = "call"
    EVERYWHERE = "everywhere"
    WINDOW = "window"


class Group(StrEnum):
    """Under which heading the help sheet shows a key; the value is the heading's source text."""

    CALL = noop("Call")
    VIDEO = noop("Video")
    SESSION = noop("Session")
    WRITING = noop("Writing and captions")
    PANELS = noop("Panels")
    READER = noop("Screen reader")
    DESK = noop("Desk")


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One action: `id` as in the settings, default `key`, `label` (source text), `group`, `scope`."""

    id: str
    key: str
    label: str
    group: Group
    scope: Scope = Scope.WINDOW


SHORTCUTS = (
    Shortcut("answer", "F9", noop("Answer"), Group.CALL, Scope.CALL),
    Shortcut("answer_unseen", "Ctrl+Shift+F9", noop("Answer a video with my picture off"), Group.VIDEO, Scope.CALL),
    Shortcut("hang_up", "Shift+F9", noop("Hang up"), Group.CALL, Scope.CALL),
    Shortcut("decline", "Ctrl+F9", noop("To another agent"), Group.CALL, Scope.CALL),
    Shortcut("acknowledge", "F3", noop("Acknowledge the alert, silence the ring"), Group.CALL, Scope.EVERYWHERE),
    Shortcut("hold", "F7", noop("Hold or resume"), Group.CALL, Scope.EVERYWHERE),
    Shortcut("mute", "F8", noop("Mute or unmute"), Group.CALL, Scope.EVERYWHERE),
    Shortcut("transfer", "Ctrl+T", noop("Transfer"), Group.CALL),
    Shortcut("three_way", "Ctrl+J", noop("Three-way call"), Group.CALL),
    Shortcut("back_to_citizen", "Shift+F7", noop("Back to the citizen"), Group.CALL),
    Shortcut("keypad", "Ctrl+D", noop("Keypad"), Group.CALL),
    Shortcut("emergency", "F12", noop("Emergency hand-over"), Group.CALL, Scope.EVERYWHERE),
    Shortcut("call_back", "Ctrl+B", noop("Call back"), Group.CALL),
    Shortcut("dial", "Ctrl+N", noop("New call"), Group.CALL),
    Shortcut(
        "own_picture", "F6", noop("My picture off or on; before the answer: look at it"), Group.VIDEO, Scope.EVERYWHERE
    ),
    Shortcut("relay", "F10", noop("Phone relay to an office"), Group.VIDEO, Scope.EVERYWHERE),
    Shortcut("relay_agree", "Ctrl+F10", noop("The office agrees to the relay"), Group.VIDEO),
    Shortcut("relay_refuse", "Ctrl+Shift+F10", noop("The office refuses the relay"), Group.VIDEO),
    Shortcut("relay_end", "Alt+F10", noop("End the relay"), Group.VIDEO),
    Shortcut("mark", "F11", noop("Mark this moment"), Group.VIDEO, Scope.EVERYWHERE),
    Shortcut("snapshot", "Ctrl+F11", noop("Still picture, with the citizen's consent"), Group.VIDEO),
    Shortcut("self_corner", "Shift+F6", noop("My picture to the next corner"), Group.VIDEO),
    Shortcut("self_size", "Ctrl+F6", noop("My picture smaller, larger, hidden"), Group.VIDEO),
    Shortcut("stage_larger", "Alt+=", noop("Larger video"), Group.VIDEO),
    Shortcut("stage_smaller", "Alt+-", noop("Smaller video"), Group.VIDEO),
    Shortcut("own_window", "Shift+F11", noop("Video in its own window, or back"), Group.VIDEO),
    Shortcut("to_stage", "Alt+V", noop("To the video"), Group.VIDEO),
    Shortcut("connect_again", "Ctrl+Shift+V", noop("Connect the video again"), Group.VIDEO),
    Shortcut("mail_play", "Alt+Y", noop("Play or pause the video message"), Group.VIDEO),
    Shortcut("mail_back", "Alt+,", noop("Video message: 5 s back"), Group.VIDEO),
    Shortcut("mail_forward", "Alt+.", noop("Video message: 5 s forward"), Group.VIDEO),
    Shortcut("mail_slower", "Alt+S", noop("Video message: slower"), Group.VIDEO),
    Shortcut("mail_call_back", "Ctrl+Shift+B", noop("Call back by video"), Group.VIDEO),
    Shortcut("next_session", "Ctrl+PgDown", noop("Next session"), Group.SESSION),
    Shortcut("previous_session", "Ctrl+PgUp", noop("Previous session"), Group.SESSION),
    Shortcut("next_waiting", "Ctrl+G", noop("Take the next who waits"), Group.SESSION),
    Shortcut("claim", "Ctrl+Shift+G", noop("Take this session"), Group.SESSION),
    Shortcut("finish", "Ctrl+Shift+S", noop("Finish this session"), Group.SESSION),
    Shortcut("hand_over", "Ctrl+Shift+T", noop("Hand this session over"), Group.SESSION),
    Shortcut("release", "Ctrl+Shift+R", noop("Back to those who wait"), Group.SESSION),
    Shortcut("merge", "Ctrl+Shift+J", noop("Join with another session"), Group.SESSION),
    Shortcut("history", "Ctrl+Shift+H", noop("Earlier sessions of this citizen"), Group.SESSION),
    Shortcut("search", "Ctrl+Shift+F", noop("Search my sessions"), Group.SESSION),
    Shortcut("export", "Ctrl+Shift+E", noop("Export"), Group.SESSION),
    Shortcut("running_session", "Alt+Home", noop("To the running call"), Group.SESSION),
    Shortcut("find", "Ctrl+K", noop("Find"), Group.SESSION),
    Shortcut("message", "Ctrl+M", noop("Write to the citizen"), Group.WRITING),
    Shortcut("next_way", "Ctrl+Shift+M", noop("By another way to the citizen"), Group.WRITING),
    Shortcut("quick", "Ctrl+/", noop("Quick answers"), Group.WRITING),
    Shortcut("attach", "Ctrl+O", noop("Attach files"), Group.WRITING),
    Shortcut("plain_signs", "Alt+P", noop("Replace signs that cannot be sent"), Group.WRITING),
    Shortcut("undo_send", "Alt+U", noop("Undo the message that is about to go"), Group.WRITING),
    Shortcut("withdraw", "Alt+W", noop("Take back the last message"), Group.WRITING),
    Shortcut("send_again", "Alt+R", noop("Send the failed message again"), Group.WRITING),
    Shortcut("leave_failed", "Alt+L", noop("Leave the failed message as it is"), Group.WRITING),
    Shortcut("files", "Ctrl+Shift+O", noop("Files of this session"), Group.WRITING),
    Shortcut("note", "F5", noop("Internal note"), Group.WRITING),
    Shortcut("correct", "F4", noop("Correct a caption line"), Group.WRITING),
    Shortcut("undo_correction", "Alt+Z", noop("Take the last correction back"), Group.WRITING),
    Shortcut("to_end", "Alt+End", noop("To the newest line"), Group.WRITING),
    Shortcut("larger", "Ctrl+=", noop("Larger captions"), Group.WRITING),
    Shortcut("smaller", "Ctrl+-", noop("Smaller captions"), Group.WRITING),
    Shortcut("panel_citizen", "Ctrl+1", noop("Citizen"), Group.PANELS),
    Shortcut("panel_screens", "Ctrl+2", noop("Screens"), Group.PANELS),
    Shortcut("panel_wrapup", "Ctrl+3", noop("Wrap-up"), Group.PANELS),
    Shortcut("copy_link", "Ctrl+L", noop("Copy the citizen link"), Group.PANELS),
    Shortcut("new_link", "Ctrl+Shift+L", noop("New address for the citizen"), Group.PANELS),
    Shortcut("push", "Ctrl+P", noop("Send the chosen screen"), Group.PANELS),
    Shortcut("save_wrapup", "Ctrl+S", noop("Save the wrap-up"), Group.PANELS),
    Shortcut("insert_marks", "Ctrl+Shift+K", noop("Marked moments into the summary"), Group.PANELS),
    Shortcut("extend_wrapup", "Ctrl+E", noop("Extend the wrap-up"), Group.PANELS),
    Shortcut("read_last", "Alt+1", noop("Say the last line"), Group.READER, Scope.EVERYWHERE),
    Shortcut("read_next", "Alt+2", noop("Say the next unread line"), Group.READER, Scope.EVERYWHERE),
    Shortcut("read_call", "Alt+3", noop("Say the call's state"), Group.READER, Scope.EVERYWHERE),
    Shortcut("help", "F1", noop("Keys and help"), Group.DESK),
    Shortcut("presence", "F2", noop("My state"), Group.DESK),
    Shortcut("next_area", "Ctrl+Tab", noop("Next area of the window"), Group.DESK),
    Shortcut("previous_area", "Ctrl+Shift+Tab", noop("Previous area of the window"), Group.DESK),
    Shortcut("try_again", "Ctrl+R", noop("Send again what the server refused"), Group.DESK),
    Shortcut("settings", "Ctrl+,", noop("Settings"), Group.DESK),
)
BY_ID = {shortcut.id: shortcut for shortcut in SHORTCUTS}

FUNCTION_KEYS = range(Qt.Key.Key_F1.value, Qt.Key.Key_F24.value + 1)
HEADSET_KEYS = (Qt.Key.Key_Call.value, Qt.Key.Key_Hangup.value, Qt.Key.Key_ToggleCallHangup.value)
EDITING = (
    QKeySequence.StandardKey.Copy,
    QKeySequence.StandardKey.Cut,
    QKeySequence.StandardKey.Paste,
    QKeySequence.StandardKey.Undo,
    QKeySequence.StandardKey.Redo,
    QKeySequence.StandardKey.SelectAll,
    QKeySequence.StandardKey.MoveToStartOfDocument,
    QKeySequence.StandardKey.MoveToEndOfDocument,
    QKeySequence.StandardKey.SelectStartOfDocument,
    QKeySequence.StandardKey.SelectEndOfDocument,
    QKeySequence.StandardKey.MoveToNextWord,
    QKeySequence.StandardKey.MoveToPreviousWord,
    QKeySequence.StandardKey.SelectNextWord,
    QKeySequence.StandardKey.SelectPreviousWord,
    QKeySequence.StandardKey.DeleteStartOfWord,
    QKeySequence.StandardKey.DeleteEndOfWord,
)
MODIFIERS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class Refusal(StrEnum):
    """Why a key cannot be taken; the value is the source text of the reason."""

    NOT_A_KEY = noop("This is not one key.")
    CALL_KEY = noop(
        "Answering and hanging up need a function key or a headset key: other keys are pressed while writing."
    )
    EDITING_KEY = noop("This key edits text.")
    NEEDS_MODIFIER = noop("A single letter or digit is written, not pressed: add Ctrl or Alt, or take a function key.")
    TAKEN = noop("Another action has this key.")


def refusal(shortcut: Shortcut, key: str, others: Mapping[str, str]) -> tuple[Refusal, str] | None:
    """(why, the other action's id) if `shortcut` cannot have `key`; `others` is action → key now. "" switches it off."""
    if not key:
        return None
    sequence = QKeySequence(key)
    if sequence.count() != 1:
        return Refusal.NOT_A_KEY, ""
    pressed = cast(Sequence[QKeyCombination], sequence)[0]  # the stubs do not know that it is one
    if pressed.key() in (Qt.Key.Key_unknown, Qt.Key(0)):
        return Refusal.NOT_A_KEY, ""
    code, modifiers = pressed.key().value, pressed.keyboardModifiers()
    special = code in FUNCTION_KEYS or code in HEADSET_KEYS
    if shortcut.scope is Scope.CALL and not special:
        return Refusal.CALL_KEY, ""
    if any(sequence in QKeySequence.keyBindings(standard) for standard in EDITING):
        return Refusal.EDITING_KEY, ""
    if not special and not modifiers & MODIFIERS:
        return Refusal.NEEDS_MODIFIER, ""
    taken = next((id_ for id_, used in others.items() if id_ != shortcut.id and QKeySequence(used) == sequence), "")
    return (Refusal.TAKEN, taken) if taken else None


def keys_in_force(changed: Mapping[str, str]) -> dict[str, str]:
    """Action → key: the defaults with those changes that are allowed (a settings file may hold anything).

    All changes are put in before any is judged, so that two actions may swap their keys; of two that want one key
    the changed one goes back to its default.
    """
    keys = {shortcut.id: shortcut.key for shortcut in SHORTCUTS}
    wanted = {id_: key for id_, key in changed.items() if id_ in BY_ID}
    keys.update(wanted)
    while refused := next((id_ for id_ in wanted if refusal(BY_ID[id_], keys[id_], keys)), ""):
        keys[refused] = BY_ID[refused].key
        del wanted[refused]
    return keys
