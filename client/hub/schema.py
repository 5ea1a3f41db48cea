"""The hub's tables. Triggers hold what must hold even against a mistake in our own code."""

from __future__ import annotations

_FIRST = """
CREATE TABLE session (
    id TEXT PRIMARY KEY, opened TEXT NOT NULL, opener TEXT NOT NULL, owner TEXT, owner_name TEXT NOT NULL,
    former TEXT NOT NULL, last_seq INTEGER NOT NULL, closed TEXT
) WITHOUT ROWID;
CREATE INDEX session_open ON session (closed, opened);
CREATE TABLE session_key (key TEXT PRIMARY KEY, session TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE number (session TEXT PRIMARY KEY, number TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE event (
    n INTEGER PRIMARY KEY, session TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL,
    retention TEXT NOT NULL, recorded TEXT NOT NULL, text TEXT NOT NULL, fingerprint BLOB,
    UNIQUE (session, seq)
);
CREATE INDEX event_retention ON event (retention, recorded) WHERE type NOT IN ('log.emptied', 'log.erased');
CREATE TRIGGER event_kept BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER event_unchanged BEFORE UPDATE ON event
WHEN NEW.type <> 'log.emptied' OR (NEW.session, NEW.seq, NEW.id, NEW.recorded) <> (OLD.session, OLD.seq, OLD.id, OLD.recorded)
BEGIN SELECT RAISE(ABORT, 'an event can only be emptied'); END;

CREATE TABLE principal (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, number TEXT NOT NULL, token BLOB NOT NULL UNIQUE,
    made TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE link (
    id TEXT PRIMARY KEY, session TEXT NOT NULL, token BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL, made TEXT NOT NULL,
    until TEXT
) WITHOUT ROWID;
CREATE INDEX link_session ON link (session);
CREATE TABLE cookie (value BLOB PRIMARY KEY, link TEXT NOT NULL, made TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE access (
    n INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, principal TEXT NOT NULL, origin TEXT NOT NULL,
    session TEXT NOT NULL, action TEXT NOT NULL, reason TEXT NOT NULL
);
CREATE TABLE access_sweep (before TEXT NOT NULL);
CREATE TRIGGER access_unchanged BEFORE UPDATE ON access BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END;
CREATE TRIGGER access_kept BEFORE DELETE ON access
WHEN NOT EXISTS (SELECT 1 FROM access_sweep WHERE OLD.at < before)
BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END;
"""

_SECOND = """
ALTER TABLE principal ADD COLUMN issued TEXT NOT NULL DEFAULT '';
ALTER TABLE principal ADD COLUMN revoked TEXT;
CREATE TABLE upkeep (what TEXT PRIMARY KEY, done TEXT NOT NULL) WITHOUT ROWID;
"""

_THIRD = """
ALTER TABLE session ADD COLUMN channel TEXT NOT NULL DEFAULT 'phone';
ALTER TABLE session ADD COLUMN language TEXT NOT NULL DEFAULT 'ko';
ALTER TABLE number ADD COLUMN plain TEXT NOT NULL DEFAULT '';
CREATE INDEX number_plain ON number (plain) WHERE plain <> '';
CREATE TABLE thread (
    gateway TEXT NOT NULL, address TEXT NOT NULL, session TEXT NOT NULL, at TEXT NOT NULL, ended TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (gateway, address)
) WITHOUT ROWID;
CREATE INDEX thread_session ON thread (session);
CREATE TABLE thread_past (
    gateway TEXT NOT NULL, address TEXT NOT NULL, session TEXT NOT NULL, PRIMARY KEY (gateway, address, session)
) WITHOUT ROWID;
CREATE INDEX thread_past_session ON thread_past (session);
CREATE TABLE inbound (
    gateway TEXT NOT NULL, id TEXT NOT NULL, session TEXT NOT NULL, event TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (gateway, id)
) WITHOUT ROWID;
CREATE TABLE nonce (gateway TEXT NOT NULL, value TEXT NOT NULL, until TEXT NOT NULL, PRIMARY KEY (gateway, value)) WITHOUT ROWID;

CREATE TABLE delivery (
    n INTEGER PRIMARY KEY, message TEXT NOT NULL UNIQUE, session TEXT NOT NULL, gateway TEXT NOT NULL, address TEXT NOT NULL,
    content TEXT NOT NULL, state TEXT NOT NULL, provider TEXT NOT NULL DEFAULT '', attempts INTEGER NOT NULL DEFAULT 0,
    due TEXT NOT NULL, made TEXT NOT NULL, changed TEXT NOT NULL, reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX delivery_due ON delivery (gateway, state, due);
CREATE INDEX delivery_provider ON delivery (gateway, provider) WHERE provider <> '';
CREATE INDEX delivery_session ON delivery (session);
CREATE INDEX delivery_address ON delivery (gateway, address, state);
CREATE TABLE receipt (
    gateway TEXT NOT NULL, provider TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (gateway, provider, state)
) WITHOUT ROWID;

CREATE TABLE attachment (
    id TEXT PRIMARY KEY, session TEXT NOT NULL, name TEXT NOT NULL, media_type TEXT NOT NULL, size INTEGER NOT NULL,
    sha256 BLOB NOT NULL, made TEXT NOT NULL, by TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX attachment_session ON attachment (session);
"""
"""`delivery.content` is what the provider is given, whole, where the log's own copy may be masked; emptied once it has it.
`receipt` holds what a provider told of a message before its own acceptance was stored."""

STEPS = (_FIRST, _SECOND, _THIRD)
"""How a store comes from one version to the next, from nothing on."""

SCHEMA = "".join(STEPS)
SCHEMA_VERSION = len(STEPS)
