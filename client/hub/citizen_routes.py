"""The citizens' face: what the page under `/c/{token}` may ask. Everything else of the hub does not exist here.

JSON in and out; every error is `application/problem+json` (`code` is for programs, `detail` for persons). Every POST
must carry the page's own `Origin` (browsers send it by themselves); another or none is refused with 403 `bad-origin`.

* `GET /c/{token}` — the page as HTML. Changes nothing: preview robots open links. 404 page where the token opens nothing.
* `GET /c/static/{file}` — files of `resources/citizen`; `?v=<hash>` makes the answer cacheable for a year.
* `POST /c/{token}/enter` `{"language": "ko"}` — exchanges the token for an HttpOnly cookie and writes `page.entered`.
  204. Again with the cookie of the same link: 204 and nothing is written, so a reload may enter by itself. 404
  `unknown-link`, 410 `link-expired`, 429 `too-many` with `Retry-After`.

With the cookie (401 `not-entered` without; 410 `link-expired` when the link has ended meanwhile):

* `GET /c/api/state` →
  `{"session", "language", "centre", "time", "closed", "call", "last_seq", "events": [event…], "signals": [signal…],
  "consents": {purpose: given}, "screen": {"push", "screen", "delivered", "opened", "answers" or null} or null}`.
  `call` is `none`, `ringing`, `active`, `held` or `ended`; `events` are all that the citizen may see, by `seq` (which has
  holes here: others are not for the citizen); `screen` is the newest push that was not withdrawn; `consents` the last
  answer per purpose.
* `GET /c/api/stream[?after=seq]` — Server-Sent Events. Start with `after=<last_seq of the state>`; on reconnecting
  the browser's own `Last-Event-ID` takes its place: what was missed comes first, nothing is missed. Events:
  `hello` `{"time", "session"}` · `event` an event as JSON, `id:` its seq · `signal` a signal as JSON ·
  `session` `{"closed", "call"}` at the start and at every change · `heads` `{"heads": {session: last seq visible here}}` at the
  start and every 10 s (also the sign of life: nothing for 25 s means that the connection is dead).
  The stream's end is told to the agent as page state `gone`.
* `POST /c/api/events` `{"events": [{"id": UUIDv7, "at": RFC 3339, "type", "body"}…]}` →
  `{"stored": [{"id", "seq", "recorded", "duplicate"}…]}`. Types: `message.sent` `{"party": "citizen", "text", "language"}`,
  `screen.delivered` / `screen.opened` `{"push"}`, `screen.answered` `{"push", "answers"}`,
  `screen.withdrawn` `{"push", "party": "citizen"}`, `consent.answered` `{"purpose", "given", "version", "language"}`.
  The whole batch or nothing. The same `id` again is one event (`duplicate` true), so an unanswered POST is repeated with
  its ids. A second `delivered` or `opened` of one push answers `duplicate` too. 422 `bad-input` with `field` (for answers
  `events.0.body.answers.<field>`); 403 `no-consent` for a form's answers without consent `form:<push>`; 404 `unknown-push`;
  409 `already-answered`, `withdrawn`, `id-reused`; 413 `too-large`; 429 `too-many` with `Retry-After`; 507 `store-full`.
* `POST /c/api/signals` `{"signals": [{"key", "kind", "body"}…]}` → 204. Kinds: `mirror` `{"push", "values", "focus",
  "scroll"}` (403 `no-consent` unless `share_screen` is given now), `typing` `{"party": "citizen", "on"}` with key
  `typing:citizen`, `page` `{"state": "open" | "hidden"}`.
* `POST /c/api/leave` — ends this cookie; the link stays good. 204.

`session` in an event or signal may be left out; the hub knows it. Captions reach the page as `caption.said` (parties other
than the citizen, heard by the citizen), running ones as signal `caption:<leg>` with `stable` and `provisional` (empty
both: nothing was said after all), corrections as `caption.corrected` `{"caption": event id, "text"}`. An erased event is
followed by `log.erased` `{"events": [id…]}` and reads `log.emptied` from then on.
"""

from __future__ import annotations
