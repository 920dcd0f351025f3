"""The environment of a worker: what a program needs to find its way, and nothing that anybody may have put a secret into."""

from collections.abc import Mapping

from trivet_sdk.manifest import Permissions

_NEEDED = frozenset(
    "PATH HOME LANG LANGUAGE TZ TMPDIR SSL_CERT_FILE SSL_CERT_DIR LD_LIBRARY_PATH DYLD_LIBRARY_PATH "
    "PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX PYTHONUTF8 CUDA_VISIBLE_DEVICES CUDA_DEVICE_ORDER HIP_VISIBLE_DEVICES "
    "ROCR_VISIBLE_DEVICES NVIDIA_VISIBLE_DEVICES OMP_NUM_THREADS MKL_NUM_THREADS OPENBLAS_NUM_THREADS XDG_RUNTIME_DIR".split()
)
_PROXIES = frozenset("http_proxy https_proxy all_proxy no_proxy".split())


def reduced(environ: Mapping[str, str], permissions: Permissions) -> dict[str, str]:
    """Of the host's environment what a worker gets. Proxies only with the permission `network`, and none with a password
    in it: secrets are asked for by name, never inherited."""
    kept = {name: value for name, value in environ.items() if name in _NEEDED or name.startswith("LC_")}
    if permissions.network:
        kept.update({name: value for name, value in environ.items() if name.lower() in _PROXIES and "@" not in value})
    return kept
