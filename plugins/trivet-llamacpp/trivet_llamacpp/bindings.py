"""llama.cpp, imported at first use."""

import os
from typing import Any

from trivet_sdk import ModelError

_POLICY = "OMP_WAIT_POLICY"


def import_library(model: str) -> Any:
    """The module `xllamacpp`. Raises ModelError for `model` where it is missing.

    Its OpenMP threads wait by spinning unless told otherwise before the import: beside two other busy programs on two cores
    a model of 1.5 billion parameters then writes 2 tokens a second instead of 14. The variable is taken back, so that child
    processes do not inherit it.
    """
    was_set = _POLICY in os.environ
    os.environ.setdefault(_POLICY, "PASSIVE")
    try:
        import xllamacpp
    except ImportError as error:
        raise ModelError(
            model, f"needs xllamacpp, which cannot be imported: {error}. Install it with `pip install xllamacpp`."
        ) from error
    finally:
        if not was_set:
            os.environ.pop(_POLICY, None)
    return xllamacpp
