"""The words of the architecture as frozen values. Pure: no clock, disk, socket or environment."""
