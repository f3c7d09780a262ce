# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Re-encrypt media from one content key to another. Sizes, IVs and everything that is not encrypted stay the same.

The IVs can stay because the key is new: an IV must not be used twice with *one* key. So pass the old IV as `new_iv` of a
stream; then manifests and init segments change in the key ID only.

No function stores or logs a key. Errors are TamperedError.
"""

from media_server.isobmff.errors import TamperedError
from media_server.isobmff.track import Track, read_track
from media_server.rekey.hls import rekey_stream
from media_server.rekey.manifest import rekey_manifest
from media_server.rekey.segments import rekey_init, rekey_segment

__all__ = [
    "TamperedError",
    "Track",
    "read_track",
    "rekey_init",
    "rekey_manifest",
    "rekey_segment",
    "rekey_stream",
]
