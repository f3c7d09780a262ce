# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Key server for a DRM vendor: SPEKE v2.0, which requests the keys of a content ID in a CPIX 2.3 document.

https://docs.aws.amazon.com/speke/latest/documentation/the-speke-api-v2.html
https://dashif.org/docs/CPIX2.3/Cpix.html

The content ID is `<tenant>/<asset>`; keys are requested by the key IDs of the asset's versions. A DTD or an entity is
refused, no reference is fetched, and a request for encrypted keys is refused, not answered in the clear.
"""

from __future__ import annotations

import base64
import re
import struct
import uuid
import warnings

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException
from lxml import etree

from media_server.errors import BadInputError, UnprocessableError
from media_server.isobmff.track import COMMON_SYSTEM
from media_server.licence.asset_keys import AssetKey, AssetKeys
from media_server.store.names import check_id

with warnings.catch_warnings():
    # cpix uses pkg_resources, which is deprecated.
    warnings.simplefilter("ignore")
    import cpix

SPEKE_VERSION = "2.0"
CPIX_VERSION = "2.3"
USER_AGENT = "knowledgecity-media-server"
MOST_KEYS = 32

_COMMON = uuid.UUID(bytes=COMMON_SYSTEM)
_NAMESPACE = "urn:dashif:org:cpix"
_CONTENT_ID = re.compile(r"([^/]{1,63})/([^/]{1,63})")


def read_request(body: bytes, version: str | None) -> tuple[str, str, cpix.CPIX]:
    """Return tenant, asset and document of a request. Raise BadInputError, or UnprocessableError for what is not supported."""
    if version != SPEKE_VERSION:
        raise BadInputError("speke-version", f"X-Speke-Version must be {SPEKE_VERSION}.")
    document = _parsed(body)
    content = _CONTENT_ID.fullmatch(document.content_id or "")
    if content is None:
        raise BadInputError("bad-cpix", "contentId must be <tenant>/<asset>.")
    if document.version != CPIX_VERSION:
        raise BadInputError("bad-cpix", f"The version of the CPIX document must be {CPIX_VERSION}.")
    if not 1 <= len(document.content_keys) <= MOST_KEYS:
        raise BadInputError("bad-cpix", f"The CPIX document must request 1 to {MOST_KEYS} keys.")
    if len(document.periods):
        raise UnprocessableError(
            "key-periods-unsupported", "Key periods are not supported: an asset has one key at a time."
        )
    if any(system.system_id != _COMMON for system in document.drm_systems):
        message = f"Signalling is supported for the common system {_COMMON} only."
        raise UnprocessableError("drm-system-unsupported", message)
    valid, _errors = document.validate_content()
    if not valid:
        raise BadInputError("bad-cpix", "A DRM system or a usage rule refers to a key that isn't requested.")
    return check_id("tenant", content[1]), check_id("asset", content[2]), document


def answer(keys: AssetKeys, tenant: str, asset: str, document: cpix.CPIX) -> bytes:
    """Return the document with its keys. Raise NotFoundError if the asset doesn't have one of them."""
    for wanted in document.content_keys:
        found = keys.get(tenant, asset, wanted.kid.bytes)
        _require_scheme(found, wanted)
        wanted.cek = base64.b64encode(found.key).decode()
        wanted.explicit_iv = base64.b64encode(found.iv).decode()
    for system in document.drm_systems:
        system.pssh = base64.b64encode(_common_pssh(system.kid.bytes)).decode()
    return etree.tostring(document.element(), xml_declaration=True, encoding="UTF-8")


def _parsed(body: bytes) -> cpix.CPIX:
    try:
        # Refuse DTDs, entities and external references before the second parser.
        root = defusedxml.ElementTree.fromstring(body, forbid_dtd=True)
        if root.tag != f"{{{_NAMESPACE}}}CPIX":
            raise BadInputError("bad-cpix", "The document isn't a CPIX document.")
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        element = etree.fromstring(body, parser)
    except (DefusedXmlException, defusedxml.ElementTree.ParseError, etree.LxmlError, LookupError, ValueError):
        # Without the cause, which may quote the document.
        raise BadInputError("bad-cpix", "The document can't be read.") from None
    if element.find(f"{{{_NAMESPACE}}}DeliveryDataList") is not None:
        raise UnprocessableError(
            "encrypted-keys-unsupported", "Encrypted keys are not supported: keys are returned in the clear over TLS."
        )
    try:
        # Not validated with cpix's schema: it lacks commonEncryptionScheme, which SPEKE v2 requires.
        return cpix.CPIX.parse(element)
    except Exception:
        # cpix raises errors of many types for an invalid document.
        raise BadInputError("bad-cpix", "The document isn't valid CPIX.") from None


def _require_scheme(found: AssetKey, wanted: cpix.ContentKey) -> None:
    if found.scheme in ("cbcs", "cenc") and wanted.common_encryption_scheme != found.scheme:
        message = f"The asset's commonEncryptionScheme is {found.scheme}."
        raise UnprocessableError("other-scheme", message)


def _common_pssh(kid: bytes) -> bytes:
    """Return a PSSH box of version 1 (ISO/IEC 23001-7, section 8.1) with one key ID and no data."""
    content = struct.pack(">B3x", 1) + _COMMON.bytes + struct.pack(">I", 1) + kid + struct.pack(">I", 0)
    return struct.pack(">I", 8 + len(content)) + b"pssh" + content
