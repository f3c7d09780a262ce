# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Tell the kind of an error: bad credentials, an endpoint that doesn't answer, a missing permission."""

from __future__ import annotations

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import error_code

# https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html, and botocore's exceptions before a request is sent.
_CREDENTIALS = {
    "AuthFailure",
    "CredentialRetrievalError",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidConfigError",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "NoAuthTokenError",
    "NoCredentialsError",
    "OptInRequired",
    "PartialCredentialsError",
    "ProfileNotFound",
    "SSOError",
    "SSOTokenLoadError",
    "SignatureDoesNotMatch",
    "TokenRetrievalError",
    "UnauthorizedSSOTokenError",
    "UnrecognizedClientException",
}
_UNSENT = {"CredentialRetrievalError", "InvalidConfigError", "NoCredentialsError", "PartialCredentialsError"}
_CLOCK = {"RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"}
_NETWORK = {
    "ConnectTimeoutError",
    "ConnectionClosedError",
    "ConnectionError",
    "EndpointConnectionError",
    "HTTPClientError",
    "NoAnswerError",
    "ProxyConnectionError",
    "ReadTimeoutError",
    "SSLError",
}
_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "UnauthorizedOperation",
}


def message_of(error: Exception) -> str:
    """Return AWS's code and message, or the exception's."""
    response = getattr(error, "response", None)
    if not response:
        return str(error).rstrip(".")
    answer = response.get("Error", {})
    return f"{answer.get('Code', 'an error')}: {(answer.get('Message') or 'no message').rstrip('.')}"


def status_of(error: Exception | None) -> int | None:
    """Return the HTTP status of a ClientError."""
    response = getattr(error, "response", None) or {}
    return response.get("ResponseMetadata", {}).get("HTTPStatusCode")


def is_clock(error: Exception | None) -> bool:
    """Tell whether this machine's clock is too far from AWS's."""
    return error is not None and (error_code(error) in _CLOCK or "Signature expired" in str(error))


def is_credentials(error: Exception | None) -> bool:
    """Tell whether the credentials are missing, wrong or expired (or the clock is wrong, which looks the same to AWS)."""
    return error is not None and (error_code(error) in _CREDENTIALS or is_clock(error))


def is_unsent(error: Exception | None) -> bool:
    """Tell whether there were no credentials to sign a request with."""
    return error is not None and error_code(error) in _UNSENT


def is_network(error: Exception | None) -> bool:
    """Tell whether nothing answered, or not in time, or not over a trusted TLS connection."""
    return error is not None and error_code(error) in _NETWORK


def is_denied(error: Exception | None) -> bool:
    """Tell whether the credentials are valid, but their policies don't allow the call."""
    return error is not None and error_code(error) in _DENIED


def certificate_refused(error: Exception | None) -> bool:
    """Tell whether a server answered whose TLS certificate isn't trusted."""
    return error is not None and error_code(error) == "SSLError"
