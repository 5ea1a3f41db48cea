"""Keys: declared once, without conflict, and a changed one cannot make writing dangerous."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QKeySequence

from ui.shortcuts import BY_ID, FUNCTION_KEYS, SHORTCUTS, Refusal, Scope, keys_in_force, refusal

DEFAULTS = {shortcut.id: shortcut.key for shortcut in SHORTCUTS}


def test_no_two_actions_share_a_key():
    assert len(BY_ID) == len(SHORTCUTS)
    assert len({QKeySequence(key).toString() for key in DEFAULTS.values()}) == len(SHORTCUTS)


@pytest.mark.parametrize("shortcut", SHORTCUTS, ids=lambda s: s.id)
def test_every_default_is_allowed(qapp, shortcut):
    assert refusal(shortcut, shortcut.key, DEFAULTS) is None


def test_call_keys_are_function_keys_and_so_are_those_that_one_hand_presses_while_the_other_signs():
    for shortcut in SHORTCUTS:
        if shortcut.scope is Scope.CALL:
            assert QKeySequence(shortcut.key)[0].key().value in FUNCTION_KEYS
    assert (DEFAULTS["own_picture"], DEFAULTS["mark"]) == ("F6", "F11")
    assert "F10" not in {key for action, key in DEFAULTS.items() if action != "relay"}


@pytest.mark.parametrize(
    ("action", "key", "why"),
    [
        ("answer", "Return", Refusal.CALL_KEY),
        ("answer", "Ctrl+A", Refusal.CALL_KEY),
        ("answer", "Space", Refusal.CALL_KEY),
        ("hang_up", "Backspace", Refusal.CALL_KEY),
        ("find", "k", Refusal.NEEDS_MODIFIER),
        ("find", "Shift+7", Refusal.NEEDS_MODIFIER),
        ("find", "Return", Refusal.NEEDS_MODIFIER),
        ("find", "Ctrl+C", Refusal.EDITING_KEY),
        ("find", "Ctrl+Z", Refusal.EDITING_KEY),
        ("find", "Ctrl+Home", Refusal.EDITING_KEY),
        ("find", "Ctrl+Shift+End", Refusal.EDITING_KEY),
        ("find", "Ctrl+Left", Refusal.EDITING_KEY),
        ("find", "Ctrl+Backspace", Refusal.EDITING_KEY),
        ("find", "F9", Refusal.TAKEN),
        ("find", "Ctrl+K, Ctrl+L", Refusal.NOT_A_KEY),
        ("find", "nonsense+", Refusal.NOT_A_KEY),
    ],
)
def test_a_bad_key_is_refused_with_its_reason(qapp, action, key, why):
    refused = refusal(BY_ID[action], key, DEFAULTS)
    assert refused is not None
    assert refused[0] is why
    if why is Refusal.TAKEN:
        assert refused[1] == "answer"


@pytest.mark.parametrize(
    ("action", "key"), [("answer", "Shift+F5"), ("find", "Alt+K"), ("find", "F13"), ("hang_up", "Hangup"), ("note", "")]
)
def test_a_good_key_is_taken(qapp, action, key):
    assert refusal(BY_ID[action], key, DEFAULTS) is None
    assert keys_in_force({action: key})[action] == key


def test_a_settings_file_may_hold_anything(qapp):
    keys = keys_in_force({"answer": "Return", "unknown": "F1", "find": "F9", "note": "Alt+N"})
    assert keys["answer"] == "F9"
    assert keys["find"] == "Ctrl+K"
    assert keys["note"] == "Alt+N"
    assert set(keys) == set(BY_ID)


def test_two_actions_may_swap_their_keys(qapp):
    keys = keys_in_force({"answer": "F7", "hold": "F9"})
    assert (keys["answer"], keys["hold"]) == ("F7", "F9")
    keys = keys_in_force({"hold": "F9", "mute": "F7", "answer": "F8"})
    assert (keys["answer"], keys["hold"], keys["mute"]) == ("F8", "F9", "F7")


@pytest.mark.parametrize(
    "changed",
    [
        {"answer": "F7", "hold": "Return"},
        {"answer": "F7", "mute": "F7", "hold": "F9"},
        {"answer": "F7"},
        {"find": "Alt+K", "dial": "Alt+K", "answer": "F3", "acknowledge": "F9", "hold": "F9"},
    ],
)
def test_whatever_is_changed_no_two_actions_share_a_key(qapp, changed):
    used = [key for key in keys_in_force(changed).values() if key]
    assert len(used) == len(set(used))
    assert keys_in_force(changed)["answer"] == "F9"
