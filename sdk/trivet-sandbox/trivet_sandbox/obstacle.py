"""Why a kernel makes no namespaces, and what to do about it."""

from pathlib import Path


def obstacle(root: Path) -> str:
    """A sentence or two, by the settings of the machine whose files lie below `root`."""

    def setting(name: str) -> str:
        try:
            return (root / "proc/sys" / name).read_text().strip()
        except OSError:
            return ""

    if setting("user/max_user_namespaces") == "0":
        return "The kernel is set to make none. Allow them: `sudo sysctl -w user.max_user_namespaces=15000`."
    if setting("kernel/unprivileged_userns_clone") == "0":
        return "The kernel makes them for root only. Allow them: `sudo sysctl -w kernel.unprivileged_userns_clone=1`."
    if setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return (
            "AppArmor lets only programs with a profile make them, as on Ubuntu 24.04. Give bubblewrap one: `sudo apt install"
            " apparmor-profiles && sudo ln -s /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/ &&"
            " sudo systemctl reload apparmor`."
        )
    if (root / ".dockerenv").exists() or (root / "run/.containerenv").exists():
        return (
            "This is a container, and its seccomp or AppArmor profile forbids user namespaces. Start it with `--security-opt"
            " seccomp=unconfined --security-opt apparmor=unconfined`."
        )
    return "The kernel or the container forbids user namespaces."
