"""The plugin's contract, its manifest and its README."""

import json
import re
import ssl
import subprocess
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest
from anyio.streams.tls import TLSListener
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import trivet_web
from trivet_sdk.conformance import check_plugin
from trivet_sdk.testing import activated, manifest_of
from trivet_web.settings import settings_of

from .conftest import Opened, Use, refused
from .site import Site, answered

pytestmark = pytest.mark.anyio

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)


async def test_plugin_keeps_its_contract(site: Site, tmp_path: Path) -> None:
    site.answers["/x"] = answered(b"fine", "text/plain")
    samples = {"fetch": {"url": site.url("/x")}, "download": {"url": site.url("/x"), "path": "文件.txt"}}
    settings = {"private": [f"127.0.0.1:{site.port}"]}
    assert await check_plugin(trivet_web, settings=settings, samples=samples, workspace=tmp_path) == ()
    assert site.paths.count("/x") == 4


async def test_manifest_declares_exactly_what_is_contributed_with_goals_for_each_tool() -> None:
    declared = manifest_of(trivet_web).contributes.tools
    async with activated(trivet_web) as contributions:
        specs = [tool.spec for tool in contributions.tools]
    assert {(tool.name, tool.effect, tool.egress, tool.untrusted_output) for tool in declared} == {
        ("fetch", "pure", True, True),
        ("download", "idempotent", True, True),
    }
    assert {(tool.name, tool.effect, tool.egress, tool.untrusted_output) for tool in declared} == {
        (spec.name, spec.effect, spec.egress, spec.untrusted_output) for spec in specs
    }
    assert all(8 <= len(set(tool.examples)) <= 12 for tool in declared)


def test_plugin_is_imported_without_what_it_needs_to_work() -> None:
    code = (
        "import sys, trivet_web; print({'httpx2', 'httpcore2', 'lxml', 'trafilatura', 'pypdfium2'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


async def test_worked_example_of_the_readme_answers_as_written(site: Site, use: Use) -> None:
    page = next(text for kind, text in BLOCKS if kind == "html")
    said = next(text for kind, text in BLOCKS if kind == "console" and "tools call" in text)
    arguments, answer = re.findall(r"tools call web.fetch '(.*)'\n(.*)", said, re.DOTALL)[0]
    site.answers["/hours.html"] = answered(page.encode(), "text/html")
    url = json.loads(arguments)["url"].replace("8000", str(site.port))
    assert (await use("fetch", url=url)).text == answer.strip().replace("8000", str(site.port))


def test_every_setting_of_the_readme_is_one() -> None:
    tables = [tomllib.loads(text)["plugins"]["web"]["config"] for kind, text in BLOCKS if kind == "toml"]
    assert [settings_of("web", table).private for table in tables] == [
        ("127.0.0.1:8000",),
        ("10.1.0.0/16", "[fd00::]/8"),
    ]
    schema = json.loads((Path(trivet_web.__file__).with_name("config.schema.json")).read_text())
    named = set(re.findall(r"`(\w+)`", "\n".join(line for line in README.splitlines() if line.startswith("| `"))))
    assert set(schema["properties"]) <= named


def certificate_for(name: str, folder: Path) -> ssl.SSLContext:
    """A server's context with a certificate that signs itself; `folder` gets it as `cert.pem`."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


async def test_tls_is_for_the_name_though_the_connection_goes_to_the_address(
    site: Site, opened: Opened, tmp_path: Path
) -> None:
    async def at_home(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)
    tls = TLSListener(listener, certificate_for("museum.test", tmp_path), standard_compatible=False)
    site.answers["/"] = answered(b"kept secret", "text/plain")
    trusted = ssl.create_default_context(cafile=tmp_path / "cert.pem")
    async with tls, anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: tls.serve(site.serve))
        opening = {"private": [f"127.0.0.1:{port}"], "resolve": at_home}
        async with opened(trusted=trusted, **opening) as use:
            assert (await use("fetch", url=f"https://museum.test:{port}/")).text == "kept secret"
            untrusted = "cannot be reached: its certificate is not to be trusted."
            said = await refused(use("fetch", url=f"https://other.test:{port}/"))
            assert said == f"https://other.test:{port} {untrusted}"
        async with opened(**opening) as use:
            said = await refused(use("fetch", url=f"https://museum.test:{port}/x"))
            assert said == f"https://museum.test:{port} {untrusted}"
        tasks.cancel_scope.cancel()
    assert site.paths == ["/"]
