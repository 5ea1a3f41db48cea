"""The server half: sessions, events, streams, citizen pages."""
