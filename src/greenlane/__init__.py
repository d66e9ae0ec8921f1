"""Greenlane: a test server for machines on which many coding agents work at once."""

__version__ = "0.1.0"
