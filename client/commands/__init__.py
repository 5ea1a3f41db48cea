"""One module a sub-command of `ieum`."""
