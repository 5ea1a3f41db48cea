"""The real face of each port."""
