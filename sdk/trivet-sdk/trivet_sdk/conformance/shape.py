"""What an object lacks to have a protocol's shape."""

import inspect


def lacking(thing: object, protocol: type) -> tuple[str, ...]:
    """Names that the protocol has and `thing` has not. Looked up without running properties, which may have to load
    something first; `isinstance` runs them before Python 3.12."""
    absent = object()
    names = (name for name in vars(protocol) if not name.startswith("_"))
    return tuple(name for name in names if inspect.getattr_static(thing, name, absent) is absent)
