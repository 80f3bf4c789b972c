"""The SDKs' own logging, which would repeat at every poll what we say once in our words."""

from __future__ import annotations

import logging

_LOGGERS = ("azure", "azureml", "msal", "msrest")


def hush() -> None:
    """Keeps their warnings and errors from the terminal, unless someone has set their levels."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.CRITICAL)
