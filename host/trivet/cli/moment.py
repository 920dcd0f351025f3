"""Moments of events, for people. Journals that were imported may claim any number."""

from datetime import datetime


def moment(seconds: float, form: str = "%Y-%m-%d %H:%M") -> str:
    """Unix time in the person's own zone."""
    try:
        return datetime.fromtimestamp(seconds).strftime(form)
    except (ValueError, OverflowError, OSError):
        return "a time that is in no calendar"
