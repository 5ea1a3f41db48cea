"""The speech engine: PCM of each leg in, partial and final texts out."""
