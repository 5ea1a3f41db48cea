"""One module a benchmark of `ieum bench`."""
