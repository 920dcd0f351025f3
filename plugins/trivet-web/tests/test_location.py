"""Which addresses are visited, as far as they tell by themselves."""

import pytest

from trivet_sdk import PluginError, ToolError
from trivet_web.location import location_of
from trivet_web.settings import Settings, settings_of

OPEN = Settings()


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://Example.ORG/a?b=c#d", "https://example.org/a?b=c"),
        ("example.org", "https://example.org"),
        (" http://example.org:80/ ", "http://example.org/"),
        ("//example.org/x", "https://example.org/x"),
        ("example.org:443/x", "https://example.org/x"),
        ("https://bücher.example/ä?q=ü", "https://xn--bcher-kva.example/%C3%A4?q=%C3%BC"),
        ("https://例子.测试/页面", "https://xn--fsqu00a.xn--0zwm56d/%E9%A1%B5%E9%9D%A2"),
        ("http://93.184.216.34/", "http://93.184.216.34/"),
        ("http://[2606:2800:220:1::1]/", "http://[2606:2800:220:1::1]/"),
        ("https://example.org./", "https://example.org/"),
    ],
)
def test_an_address_is_understood_as_people_write_it(typed: str, url: str) -> None:
    assert location_of(typed, OPEN).url == url


DISGUISED = "writes an address in a disguise. Four numbers from 0 to 255 are understood."


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("file:///etc/passwd", "'file:///etc/passwd' begins with file:, and only http: and https: are visited."),
        ("gopher://x.example/", "'gopher://x.example/' begins with gopher:, and only http: and https: are visited."),
        (
            "javascript:alert(1)",
            "'javascript:alert(1)' begins with javascript:, and only http: and https: are visited.",
        ),
        (
            "https://me:secret@example.org/",
            "an address with a name or a password in it is not visited: leave out what stands before the @.",
        ),
        ("http://2130706433/", f"'2130706433' {DISGUISED}"),
        ("http://127.1/", f"'127.1' {DISGUISED}"),
        ("http://0x7f.0.0.1/", f"'0x7f.0.0.1' {DISGUISED}"),
        ("http://0x7f000001/", f"'0x7f000001' {DISGUISED}"),
        ("http://localhost.0177/", f"'localhost.0177' {DISGUISED}"),
        ("http://0177.0.0.1/", "'http://0177.0.0.1/' is no address: invalid ipv4 address."),
        ("http://１２７.0.0.1/", "'http://\ufffd\ufffd\ufffd.0.0.1/' is no address: invalid idna hostname."),
        ("http://[fe80::1%25eth0]/", "'fe80::1%25eth0' is no host name."),
        ("http://exa%6dple.org/", "'exa%6dple.org' is no host name."),
        ("http://a_-.example/", "'a_-.example' is no host name."),
        ("https:///x", "'https:///x' names no host."),
        ("http://a.example\\@b.example/", "is no address: it holds a space, a backslash or a control character."),
        ("http://a.example/ b", "is no address: it holds a space, a backslash or a control character."),
        ("http://a.example/\r\nHost: b", "is no address: it holds a space, a backslash or a control character."),
        ("", "an address has between 1 and 4096 characters, and this one has 0."),
        ("https://a.example/" + "x" * 5000, "an address has between 1 and 4096 characters, and this one has 5018."),
        (
            "http://example.org:6379/",
            "port 6379 of example.org is not visited, only 80 and 443. "
            "If it is meant, write the address into the goal, or add the port to `ports` in the settings of the plugin web.",
        ),
    ],
)
def test_what_is_no_plain_address_is_refused_with_the_reason(typed: str, sentence: str) -> None:
    with pytest.raises(ToolError) as refused:
        location_of(typed, OPEN)
    assert str(refused.value).endswith(sentence)


@pytest.mark.parametrize("host", ["example.org", "www.example.org", "WWW.Example.Org."])
def test_a_list_names_a_host_and_what_is_below_it(host: str) -> None:
    assert location_of(f"https://{host}/", Settings(allow=("example.org",))).host.endswith("example.org")
    with pytest.raises(ToolError) as refused:
        location_of(f"https://{host}/", Settings(allow=("example.org",), deny=("example.org",)))
    assert str(refused.value) == f"{host.lower().rstrip('.')} is denied by the settings of the plugin web."


def test_an_allowed_name_is_not_the_end_of_another() -> None:
    with pytest.raises(ToolError) as refused:
        location_of("https://badexample.org/", Settings(allow=("example.org",)))
    assert str(refused.value) == "badexample.org is not among the hosts that the settings of the plugin web allow."


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"allow": ["*.x.org"]}, "cannot take the host '*.x.org': write a name in lower case like 'example.org'"),
        (
            {"private": ["my-nas"]},
            "cannot take the private network 'my-nas': write it like 10.1.0.0/16, 127.0.0.1:8000 or [fd00::]/8",
        ),
        ({"private": ["10.0.0.1/8"]}, "cannot take the private network '10.0.0.1/8': 10.0.0.1/8 has host bits set"),
        ({"user_agent": "a\r\nX: y"}, "cannot take its user_agent: it must be one line of ASCII characters"),
    ],
)
def test_a_setting_that_means_nothing_is_refused(table: dict[str, object], sentence: str) -> None:
    with pytest.raises(PluginError) as refused:
        settings_of("web", table)
    assert str(refused.value) == f"plugin 'web' {sentence}"
