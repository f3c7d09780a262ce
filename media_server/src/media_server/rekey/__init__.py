# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""From one content key to another, without the original: sizes, IVs and all that is not encrypted stay as they are.

The IVs can stay because the key is new: an IV must not come twice under *one* key. So `new_iv` of a stream is best the
old one, and neither manifests nor init segments change in anything but the key id.

No function keeps, logs or names a key. Errors are TamperedError.
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
