# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Tokens: which are accepted, and which are refused."""

from __future__ import annotations

import base64
import json
import secrets
import time

import jwt
import pytest
from botocore.exceptions import EndpointConnectionError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from media_server.auth.token_keys import RETRY_S, STALE_S, TokenKeys
from media_server.auth.tokens import CALL_TTL_S, Tokens
from media_server.errors import ForbiddenError, MediaError, UnauthorizedError, UnavailableError

from tests.support.media_service_fakes import FakeSecrets, token_secret

KEY, OTHER = secrets.token_bytes(32), secrets.token_bytes(32)
NOW = 1_800_000_000


class Clock:
    def __init__(self, now: float = NOW):
        self.now = now

    def __call__(self) -> float:
        return self.now


def tokens(clock: Clock | None = None, **keys: bytes) -> Tokens:
    client = FakeSecrets({"s": token_secret(**(keys or {"k1": KEY}))})
    return Tokens(TokenKeys(client, "s"), 900, clock=clock or Clock())


def signed(key: bytes = KEY, header: dict | None = None, algorithm: str = "HS256", **claims) -> str:
    said = {"aud": "api", "jti": "0123456789", "iat": NOW, "exp": NOW + 60, "tenant": "acme"} | claims
    told = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(told, key, algorithm=algorithm, headers={"kid": "k1"} | (header or {}))


def unsigned(header: dict, claims: dict) -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims))
    return ".".join([*parts, ""])


def test_issued_tokens_are_accepted_and_bound():
    text, issued = tokens().issue("playback", "acme", "intro", 60)
    token = tokens().check(text, "playback")
    assert token == issued
    assert token.expires_at == NOW + 60
    token.require_asset("acme", "intro")
    with pytest.raises(ForbiddenError):
        token.require_asset("other", "intro")
    with pytest.raises(ForbiddenError):
        token.require_asset("acme", "outro")


def test_an_issued_token_lives_no_longer_than_it_may():
    assert tokens().issue("playback", "acme", "intro", 10_000)[1].expires_at == NOW + 900
    assert tokens().issue("playback", "acme", "intro")[1].expires_at == NOW + 900


def test_a_token_of_a_tenant_is_for_all_of_its_assets_and_one_of_an_asset_for_that_one():
    tokens().check(signed(), "api").require_asset("acme", "anything")
    with pytest.raises(ForbiddenError):
        tokens().check(signed(asset="intro"), "api").require_asset("acme", "outro")


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": NOW - 11}, "token-expired"),
        ({"exp": NOW + CALL_TTL_S + 1}, "token-invalid"),
        ({"iat": NOW + 11, "exp": NOW + 20}, "token-invalid"),
        ({"exp": None}, "token-invalid"),
        ({"iat": None}, "token-invalid"),
        ({"jti": None}, "token-invalid"),
        ({"aud": None}, "token-invalid"),
        ({"exp": NOW, "iat": NOW + 5}, "token-invalid"),
        ({"exp": True}, "token-invalid"),
        ({"exp": float(NOW + 60)}, "token-invalid"),
        ({"exp": 10**400}, "token-invalid"),
        ({"nbf": NOW + 10**9}, "token-invalid"),
        ({"jti": "short"}, "token-invalid"),
        ({"jti": "../../../etc/passwd"}, "token-invalid"),
        ({"jti": ["0123456789"]}, "token-invalid"),
        ({"tenant": None}, "token-invalid"),
        ({"tenant": "../acme"}, "token-invalid"),
        ({"tenant": ["acme"]}, "token-invalid"),
        ({"asset": ""}, "token-invalid"),
        ({"asset": 7}, "token-invalid"),
    ],
)
def test_wrong_claims_are_refused(claims, code):
    with pytest.raises(UnauthorizedError) as refused:
        tokens().check(signed(**claims), "api")
    assert refused.value.code == code


def test_audiences_are_apart():
    for audience in ("api", "playback", "admin"):
        text, _token = tokens().issue(audience, "acme", "intro")
        for other in {"api", "playback", "admin"} - {audience}:
            with pytest.raises(ForbiddenError):
                tokens().check(text, other)
    with pytest.raises((UnauthorizedError, ForbiddenError)):
        tokens().check(signed(aud=["api", "admin"]), "admin")


def test_a_playback_token_without_an_asset_is_refused():
    with pytest.raises(UnauthorizedError):
        tokens().check(signed(aud="playback"), "playback")


def test_an_administrator_needs_no_tenant():
    assert tokens().check(signed(aud="admin", tenant=None), "admin").tenant is None


def test_forged_tokens_are_refused():
    claims = {"aud": "api", "jti": "0123456789", "iat": NOW, "exp": NOW + 60, "tenant": "acme"}
    private = rsa.generate_private_key(65537, 2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    good = signed()
    head, body, signature = good.split(".")
    other_body = base64.urlsafe_b64encode(json.dumps(claims | {"tenant": "other"}).encode()).rstrip(b"=").decode()
    forged = [
        signed(OTHER),
        unsigned({"alg": "none", "kid": "k1"}, claims),
        unsigned({"alg": "HS256", "kid": "k1"}, claims),
        jwt.encode(claims, KEY * 2, algorithm="HS512", headers={"kid": "k1"}),
        jwt.encode(claims, pem, algorithm="RS256", headers={"kid": "k1"}),
        signed(header={"kid": "k2"}),
        signed(header={"kid": "../k1"}),
        signed(header={"kid": "k1", "crit": ["b64"], "b64": False}),
        jwt.encode(claims, KEY, algorithm="HS256"),
        f"{head}.{other_body}.{signature}",
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{head}.{body}",
        good + ".x",
        good + "\n",
        "x" * 5000,
        "é.é.é",
        "..",
    ]
    for text in forged:
        with pytest.raises(UnauthorizedError) as refused:
            tokens().check(text, "api")
        assert text not in str(refused.value)
        assert refused.value.__cause__ is None


def test_a_missing_token_has_its_own_code():
    for missing in (None, ""):
        with pytest.raises(UnauthorizedError) as refused:
            tokens().check(missing, "api")
        assert refused.value.code == "token-missing"


SEGMENTS = st.text("abcXYZ019-_=", max_size=60)


@given(st.one_of(st.text(max_size=300), st.lists(SEGMENTS, min_size=3, max_size=3).map(".".join)))
def test_any_text_as_a_token_is_refused_without_a_crash(text):
    with pytest.raises(MediaError) as refused:
        tokens().check(text, "api")
    assert refused.value.status in (401, 403)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
CLAIMS = ("aud", "jti", "iat", "exp", "nbf", "tenant", "asset", "iss", "sub")


@given(
    st.dictionaries(st.sampled_from(CLAIMS), JSON),
    st.dictionaries(st.sampled_from(("kid", "alg", "typ", "crit", "b64")), JSON),
)
def test_any_claims_of_a_signed_token_are_handled_without_a_crash(claims, header):
    said = {"aud": "api", "jti": "0123456789", "iat": NOW, "exp": NOW + 60, "tenant": "acme"} | claims
    told = {"alg": "HS256", "kid": "k1"} | header
    first = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (told, said))
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(first.encode(), KEY)
    text = f"{first}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    token, status = None, 0
    try:
        token = tokens().check(text, "api")
    except MediaError as refused:
        status = refused.status
    if token is None:
        assert status in (401, 403)
    else:
        assert token.audience == "api"
        assert token.tenant is not None
        assert token.expires_at <= NOW + CALL_TTL_S + 10


def test_keys_are_rotated_by_kid():
    client, clock = FakeSecrets({"s": token_secret(k1=KEY)}), Clock(0)
    keys = TokenKeys(client, "s", clock=clock)
    assert keys.signing() == ("k1", KEY)
    client.texts["s"] = token_secret("k2", k1=KEY, k2=OTHER)
    clock.now = RETRY_S
    assert keys.key("k2") == OTHER
    assert keys.key("k1") == KEY
    assert keys.signing() == ("k2", OTHER)
    client.texts["s"] = token_secret("k2", k2=OTHER)
    clock.now += 301
    with pytest.raises(UnauthorizedError):
        keys.key("k1")


def test_unknown_kids_make_few_calls():
    client, clock = FakeSecrets({"s": token_secret(k1=KEY)}), Clock(0)
    keys = TokenKeys(client, "s", clock=clock)
    for _try in range(100):
        with pytest.raises(UnauthorizedError):
            keys.key("nobody")
    assert client.calls == 1
    clock.now = RETRY_S
    for _try in range(100):
        with pytest.raises(UnauthorizedError):
            keys.key("nobody")
    assert client.calls == 2


def test_cached_keys_bridge_a_failure_of_secrets_manager():
    client, clock = FakeSecrets({"s": token_secret(k1=KEY)}), Clock(0)
    keys = TokenKeys(client, "s", clock=clock)
    assert keys.key("k1") == KEY
    client.fault = EndpointConnectionError(endpoint_url="https://secrets.invalid")
    clock.now = STALE_S - 1
    assert keys.key("k1") == KEY
    clock.now = STALE_S + RETRY_S
    with pytest.raises(UnavailableError):
        keys.key("k1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"keys": [], "current": "k1"}',
        '{"keys": {"k1": "c2hvcnQ="}, "current": "k1"}',
        '{"keys": {"k1": "no base64"}, "current": "k1"}',
        '{"keys": {}, "current": "k1"}',
        '{"keys": {"k1": 7}, "current": "k1"}',
        pytest.param(token_secret("k2", k1=KEY), id="current names no key"),
    ],
)
def test_an_invalid_secret_is_not_quoted(text):
    with pytest.raises(UnavailableError) as refused:
        TokenKeys(FakeSecrets({"s": text}), "s").signing()
    assert refused.value.code == "token-keys-unreadable"
    assert base64.b64encode(KEY).decode() not in str(refused.value)
    assert refused.value.__cause__ is None


def test_no_key_is_in_a_repr():
    keys = TokenKeys(FakeSecrets({"s": token_secret(k1=KEY)}), "s").read()
    assert "keys" not in repr(keys)


def test_the_servers_own_clock_is_used():
    keys = TokenKeys(FakeSecrets({"s": token_secret(k1=KEY)}), "s")
    text, token = Tokens(keys, 900).issue("api", "acme")
    assert abs(token.expires_at - time.time() - CALL_TTL_S) < 5
    Tokens(keys, 900).check(text, "api")
