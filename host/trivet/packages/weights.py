"""Model files that manifests declare: where they are, and whether they are there.

Fetched ones live in `home/weights/<name>/`; `package:` ones stay inside the installed package that declares them.
"""

from pathlib import Path

import msgspec

from trivet.errors import WeightsError
from trivet.packages import package_data
from trivet.packages.source_parts import without_ranges
from trivet_sdk.manifest import WeightsDeclaration


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """A declaration, and the plugin and package that it stands in."""

    declaration: WeightsDeclaration
    plugin: str
    package: str
    location: str = ""
    """The package's directory, where that is known already."""

    @property
    def name(self) -> str:
        return self.declaration.name

    @property
    def is_packaged(self) -> bool:
        return self.declaration.source.startswith("package:")

    @property
    def sources(self) -> tuple[str, ...]:
        """In the order in which they are tried."""
        return (self.declaration.source, *self.declaration.mirrors)

    def path(self, home: Path) -> Path:
        """The file or folder, whether it is there or not. Raises WeightsError for files inside an archive."""
        if self.is_packaged:
            folder = self._folder()
            if folder is None:
                raise WeightsError(self.name, f"package '{self.package}' is an archive; install it unpacked")
            return folder / self.declaration.source.removeprefix("package:").rstrip("/")
        folder = home / "weights" / self.name
        return folder if self.declaration.source.endswith("/") else folder / self._file_name()

    def _file_name(self) -> str:
        """A part has a name of its own, so an address is asked first."""
        naming = next((source for source in self.sources if source.startswith("https://")), self.declaration.source)
        return without_ranges(naming.rpartition("#")[2].rpartition("/")[2])

    def is_present(self, home: Path) -> bool:
        return self.path(home).exists()

    def card(self) -> str:
        """The model card that the package ships, or nothing."""
        if not self.declaration.card:
            return ""
        try:
            if folder := self._folder():
                return (folder / self.declaration.card).read_text(encoding="utf-8")
            return package_data.read(self.package, self.declaration.card).decode("utf-8")
        except (FileNotFoundError, UnicodeDecodeError):
            return ""

    def _folder(self) -> Path | None:
        if self.location and Path(self.location).is_dir():
            return Path(self.location)
        return package_data.directory(self.package)
