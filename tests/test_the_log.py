"""The log of the whole test run holds no key, token, signature or private key; this runs last."""

import logging
import re

import pytest

from app.log_lines import RedactingFormatter

SECRETS = {
    "an API key": re.compile(r"\btrk_[\w-]{20,}|Bearer\s+(?!\[withheld\])[\w.-]{8,}"),
    "a demo key": re.compile(r"\bclient_key_(001|demo)\b"),
    "a private key": re.compile(r"MII[A-Za-z0-9+/]{40,}|PRIVATE KEY-----\s*\S"),
    "a token or a signature": re.compile(
        r"(?<![\w+/=.-])(?=[\w+/]*[A-Z])(?=[\w+/]*[a-z])(?=[\w+/]*\d)[\w+/]{56,}={0,2}"
    ),
    "a sign parameter": re.compile(r"sign['\"]?\s*[=:]\s*['\"]?[\w+/]{20,}"),
}


def test_the_log_of_the_whole_run_holds_no_secret(run_log):
    text = run_log.read_text(encoding="utf-8", errors="replace")
    found = {name: pattern.search(text) for name, pattern in SECRETS.items()}

    assert {name: text[max(0, match.start() - 200) : match.start()] for name, match in found.items() if match} == {}


@pytest.mark.parametrize("secret", ["trk_" + "a1" * 22, "Bearer client_key_001", "MIIEpAIBAAKCAQEA" + "aB3/" * 30])
def test_a_secret_that_is_logged_all_the_same_does_not_get_out(secret):
    record = logging.LogRecord("test", logging.INFO, __file__, 1, "sent %s to Tiger", (secret,), None)
    line = RedactingFormatter("%(message)s").format(record)

    assert "[withheld]" in line
    assert secret[-8:] not in line
