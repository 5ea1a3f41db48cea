"""A package of benchmarks for the test of `ieum bench`."""
