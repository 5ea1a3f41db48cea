"""The composition root of the core: which adapter stands behind each port."""
