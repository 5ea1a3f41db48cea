"""The privacy card: what the citizen sees while the agent's camera is off or the call on hold. Calm, and plainly no fault."""

from __future__ import annotations

from client.engines.video.drawing import Canvas

GROUND = (62, 134, 122)
PAPER = (98, 134, 122)
INK = (196, 126, 126)


def draw_card(width: int, height: int) -> Canvas:
    """A camera that is crossed out, on a quiet ground: read without words and in any language."""
    canvas = Canvas(width, height, GROUND)
    unit = height / 12
    x, y = width / 2, height / 2
    canvas.ellipse(x, y, unit * 4, unit * 4, PAPER)
    canvas.box(x - unit * 2, y - unit * 1.2, unit * 2.8, unit * 2.4, INK)
    for step in range(10):  # the lens, a wedge that opens to the right
        part = step / 10
        canvas.box(x + unit * (1 + part), y - unit * (0.3 + part * 0.7), unit * 0.12, unit * (0.6 + part * 1.4), INK)
    canvas.line((x - unit * 2.6, y - unit * 2.4), (x + unit * 2.6, y + unit * 2.4), unit * 0.8, PAPER)
    canvas.line((x - unit * 2.6, y - unit * 2.4), (x + unit * 2.6, y + unit * 2.4), unit * 0.4, INK)
    return canvas
