"""A whole session on real parts, by itself: for a first look, for documents, and as the largest test."""
