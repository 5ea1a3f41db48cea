"""The child processes: the only place that names a vendor stack."""
