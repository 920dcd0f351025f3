"""torch and transformers, imported at first use (2.5 s)."""

import os
import threading

from trivet_sdk import ModelError

LOADING = threading.RLock()
"""Held while a model is loaded: transformers fills it in with settings of the whole process, and of two that are loaded at once
one may keep random matrices, or none, without a word."""
_POLICY = "OMP_WAIT_POLICY"


def import_libraries(model: str) -> None:
    """Import them, if they are not yet. Raises ModelError for `model` where one is missing.

    torch's OpenMP threads wait by spinning unless told otherwise before the import. When anything else runs on the machine,
    that makes a token take 20 times as long (700 ms instead of 37, two cores, load 4); waiting passively costs nothing
    measurable on an idle one. The variable is taken back, so that child processes do not inherit it.
    """
    was_set = _POLICY in os.environ
    os.environ.setdefault(_POLICY, "PASSIVE")
    try:
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        raise ModelError(
            model,
            f"needs torch and transformers, and one cannot be imported: {error}. Install them with `pip install torch`.",
        ) from error
    finally:
        if not was_set:
            os.environ.pop(_POLICY, None)
