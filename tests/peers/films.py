"""Small films that tests make themselves: a grey that changes, and a tone."""

from __future__ import annotations

import io

import av
import numpy as np

SIZE = (320, 240)


def film(seconds: float = 2.0, *, container: str = "webm", picture: bool = True, fps: int = 25) -> bytes:
    """A WebM (VP8, Opus) or MP4 (H.264, AAC) whose picture number n is `n % 200` bright."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as made:
        video = made.add_stream("libvpx" if container == "webm" else "h264", rate=fps) if picture else None
        audio = made.add_stream("libopus" if container == "webm" else "aac", rate=48_000, layout="mono")
        if video is not None:
            video.width, video.height = SIZE
            video.pix_fmt = "yuv420p"
            for n in range(round(seconds * fps)):
                grey = np.full((SIZE[1], SIZE[0], 3), 20 + n % 200, np.uint8)
                made.mux(video.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
            made.mux(video.encode(None))
        samples = (np.sin(np.arange(round(seconds * 48_000)) * 0.05) * 8_000).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = 48_000
        for part in av.AudioFifo(), None:
            if part is None:
                made.mux(audio.encode(None))
            else:
                part.write(frame)
                while piece := part.read(960 if container == "webm" else 1024):
                    made.mux(audio.encode(piece))
    return out.getvalue()
