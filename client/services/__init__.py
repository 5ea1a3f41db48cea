"""Use cases on domain and ports. They publish typed events and know no Qt and no vendor."""
