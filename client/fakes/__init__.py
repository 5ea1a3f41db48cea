"""One in-memory implementation per port, shipped, held by the same contract tests as the real one."""
