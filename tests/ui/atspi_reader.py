"""What a screen reader sees of the desk, and what a keyboard does to it. Run by the system's Python (gi.Atspi).

Its arguments are the desk's command, which it starts. It reads commands from its input, one a line, and answers each with
one line of JSON: `stage NAME` — wait until the desk has said so; `window NAME` — until a window or dialog of that
name shows: it is looked at from then on; `heard TEXT` — until something with it in its name got the keyboard; `until NAME` — until an object with it shows; `tree` — every showing object; `key NAME` — press a key
(`Shift+`, `Ctrl+`, `Alt+` before it); `focus [NAME]` — the object that has the keyboard, once something (of this name) has; `tab` — where Tab goes, all the way round.
"""

import json
import subprocess
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

STATES = ("FOCUSABLE", "FOCUSED", "SHOWING", "ENABLED", "CHECKED", "SELECTED", "EDITABLE", "CHECKABLE")
MODIFIERS = {"Shift": 0xFFE1, "Ctrl": 0xFFE3, "Alt": 0xFFE9}
KEYS = {"Tab": 0xFF09, "Return": 0xFF0D, "space": 0x20, "Down": 0xFF54, "Right": 0xFF53, "Escape": 0xFF1B}
ITEMS = (
    "page tab",
    "list item",
    "table cell",
    "tree item",
)  # Qt calls a view's current item focused, also without the keyboard
MOST_TABS = 90
PATIENCE = 20.0


def desk():
    """The desk's frame, once the bus has told of it."""
    news = Atspi.EventListener.new(lambda event: None)  # what it hears wakes the main context
    for event in ("object:children-changed:add", "object:property-change:accessible-name", "window:"):
        news.register(event)
    late = []
    GLib.timeout_add(int(PATIENCE * 1000), lambda: late.append(True))
    found = present_desk()
    while found is None and not late:
        GLib.MainContext.default().iteration(True)
        found = present_desk()
    if found is None:
        raise SystemExit("the desk is not on the accessibility bus")
    return found


def present_desk():
    """The desk's frame, if it is on the bus."""
    root = Atspi.get_desktop(0)
    root.clear_cache()
    apps = [root.get_child_at_index(number) for number in range(root.get_child_count())]
    for app in (app for app in apps if app is not None):
        app.clear_cache()
        for at in range(app.get_child_count()):
            window = app.get_child_at_index(at)
            if is_desk(window):
                return window
    return None


def top_level(frame, name):
    """The desk's window or dialog of this name, once it shows; the frame's own by its beginning."""
    app = frame.get_application()
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        app.clear_cache()
        for at in range(app.get_child_count()):
            top = child_at(app, at)
            told = top and walk(top, [], [])
            if told and told[0]["name"].startswith(name) and "SHOWING" in told[0]["states"]:
                return top
    return None


class Heard:
    """What the bus told the reader: the names of what got the keyboard. A menu stands in no tree, as Qt has it."""

    def __init__(self):
        self.names = []
        self._listener = Atspi.EventListener.new(self._on_event)
        for kind in ("object:state-changed:focused", "object:state-changed:selected"):
            self._listener.register(kind)

    def _on_event(self, event):
        try:
            self.names.append(event.source.get_name())
        except GLib.Error as error:
            if "No such object" not in str(error):
                raise

    def until(self, text):
        """The first name with this text in it, once it is told."""
        end = time.monotonic() + PATIENCE
        wake = GLib.timeout_add(100, lambda: True)  # so that patience ends without an event too
        while not any(text in name for name in self.names) and time.monotonic() < end:
            GLib.MainContext.default().iteration(True)
        GLib.source_remove(wake)
        names, self.names = self.names, []
        return next((name for name in names if text in name), f"heard only {names}")


def is_desk(window):
    """True for the desk's frame."""
    return window is not None and window.get_role_name() in ("frame", "window") and window.get_name().startswith("이음")


def described(thing):
    """One object as a reader would speak it."""
    held = thing.get_state_set()
    states = [name for name in STATES if held.contains(getattr(Atspi.StateType, name))]
    return {
        "role": thing.get_role_name(),
        "name": thing.get_name(),
        "description": thing.get_description(),
        "states": states,
    }


def walk(thing, path, found):
    """Every showing object, with its path from the frame. What goes while it is looked at is not there."""
    try:
        thing.clear_cache()
        told = {**described(thing), "path": path}
        children = range(thing.get_child_count())
    except GLib.Error as error:
        if "No such object" not in str(error) or not path:
            raise
        return found
    if "SHOWING" in told["states"] or not path:
        found.append(told)
        for number in children:
            child = child_at(thing, number)
            if child is not None:
                walk(child, [*path, number], found)
    return found


def child_at(thing, number):
    """A child, or nothing where it went meanwhile."""
    try:
        return thing.get_child_at_index(number)
    except GLib.Error as error:
        if "No such object" not in str(error):
            raise
        return None


def focused(thing):
    """The innermost object with the keyboard."""
    objects = [told for told in walk(thing, [], []) if told["role"] not in ITEMS and "FOCUSABLE" in told["states"]]
    return next((told for told in reversed(objects) if "FOCUSED" in told["states"]), None)


def until_focused(thing, name):
    """What has the keyboard, once something has (of this name): it goes from window to window by way of nobody."""
    end = time.monotonic() + PATIENCE
    while ((here := focused(thing)) is None or name not in ("", here["name"])) and time.monotonic() < end:
        pass  # each look is a question over the bus
    return here


def press(name):
    """Press and release one key with its modifiers, through the X server."""
    *modifiers, key = name.split("+")
    symbol = KEYS.get(key) or (0xFFBE + int(key[1:]) - 1 if key[0] == "F" and key[1:].isdigit() else ord(key))
    for modifier in modifiers:
        Atspi.generate_keyboard_event(keycode(MODIFIERS[modifier]), None, Atspi.KeySynthType.PRESS)
    Atspi.generate_keyboard_event(keycode(symbol), None, Atspi.KeySynthType.PRESSRELEASE)
    for modifier in reversed(modifiers):
        Atspi.generate_keyboard_event(keycode(MODIFIERS[modifier]), None, Atspi.KeySynthType.RELEASE)
    return name


# Keycodes of the evdev layout that Xvfb loads; a keysym cannot be held down through AT-SPI, a keycode can.
CODES = {0xFFE1: 50, 0xFFE3: 37, 0xFFE9: 64, 0xFF09: 23, 0xFF0D: 36, 0x20: 65, 0xFF54: 116, 0xFF53: 114, 0xFF1B: 9}
CODES.update({0xFFBE + number: 67 + number for number in range(10)})
CODES.update({0xFFC8: 95, 0xFFC9: 96})
CODES.update({ord(c): code for c, code in zip("1234567890", range(10, 20), strict=True)})
CODES.update({ord("s"): 39, ord("k"): 45, ord("t"): 28})


def keycode(symbol):
    return CODES[symbol]


def tab_round(frame):
    """The objects Tab visits, until it is back at the first."""
    seen = []
    here = focused(frame)
    while here is not None and len(seen) < MOST_TABS:
        if any(one["path"] == here["path"] for one in seen):
            break
        seen.append(here)
        press("Tab")
        end = time.monotonic() + 3
        there = focused(frame)
        while (there is None or there["path"] == here["path"]) and time.monotonic() < end:
            there = focused(frame)
        here = there
    return seen


def until_shown(frame, name):
    """True once an object with this name shows."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if any(told["name"] == name for told in walk(frame, [], [])):
            return True
    return False


def wait_for(running, stage):
    """Read the desk's lines until it says `stage`; the whole line."""
    for line in running.stdout:
        if line.startswith(stage):
            return line.strip()
    return f"the desk ended with {running.wait()}"


def main():
    running = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        answer_all(running)
    finally:
        running.stdin.close()
        running.wait(timeout=PATIENCE)


def answer_all(running):
    """Answer commands until there are no more."""
    frame = window = None
    heard = Heard()
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        if command == "stage":
            answer = wait_for(running, argument)
            frame = frame or desk()
            window = window or frame
        elif command == "window":
            window = top_level(frame, argument)
            answer = window is not None
        elif command == "heard":
            answer = heard.until(argument)
        elif command == "until":
            answer = until_shown(window, argument)
        elif command == "tree":
            answer = walk(window, [], [])
        elif command == "key":
            answer = press(argument)
        elif command == "focus":
            answer = until_focused(window, argument)
        else:
            answer = tab_round(window)
        print("> " + json.dumps(answer), flush=True)  # the bus's daemons write into the same pipe


main()
