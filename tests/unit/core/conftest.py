"""The core is pure, so its tests need no fixtures; hypothesis needs no stopwatch on a busy machine."""

from hypothesis import settings

settings.register_profile("core", deadline=None)
settings.load_profile("core")
