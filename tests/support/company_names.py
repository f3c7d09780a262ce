# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Names as companies have them: hyphens, ampersands, leading digits, underscores, other scripts, the same but for case."""

from __future__ import annotations

import itertools

_KNOWN = [
    "acme",
    "Acme",
    "ACME",
    "acme-corp",
    "Acme-Corp",
    "acme_corp",
    "acme.corp",
    "AT&T",
    "3M",
    "7-Eleven",
    "20th Century Studios",
    "Amazon.com, Inc.",
    "Booking.com",
    "H&M Hennes & Mauritz AB",
    "Müller & Söhne GmbH & Co. KG",
    "Straße 7",
    "L'Oréal S.A.",
    "O`Brien",
    "100%",
    'The "Best" Company',
    'Toys "R" Us',
    "c:\\windows",
    "شركة المراعي",
    "أرامكو السعودية",
    "بنك الراجحي",
    "دانشگاه می\u200cشود",
    "株式会社日立製作所",
    "Ромашка",
    "İstanbul A.Ş.",
    "legacy_erp",
    "true",
    "NO",
    "42",
    "x" * 26,
    "x" * 27,
    "International Business Machines of the Middle East and Africa, Limited Liability Company",
    "; DROP DATABASE mysql; --",
    "Tom & Jerry 🎬",
]
_STEMS = ["Globex", "globex", "Initech", "Umbrella", "umbrella", "Wayne-Enterprises", "Stark_Industries", "الشركة"]
_FORMS = ["{} {}", "{}-{}", "{}_{}", "{} & {}", "{}.{}", "{}{}"]


def companies(count: int) -> list[str]:
    """Return as many names, no two the same."""
    made = (form.format(stem, number) for number in itertools.count(1) for stem in _STEMS for form in _FORMS)
    return list(itertools.islice(dict.fromkeys(itertools.chain(_KNOWN, itertools.islice(made, count))), count))
