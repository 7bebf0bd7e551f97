"""What Let's Encrypt and Route 53 ask of those who want certificates from the one by the other."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# Source: https://letsencrypt.org/docs/staging-environment/ and
# https://letsencrypt.org/getting-started/ (2025-11-25).
LETS_ENCRYPT_DIRECTORIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "production": "https://acme-v02.api.letsencrypt.org/directory",
        "staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
    }
)
"""Address of the ACME directory of each environment; an account of one is unknown to the other."""

REFUSED_CONTACT_DOMAINS: Final = frozenset({"example.com", "example.net", "example.org"})
"""Domains whose addresses Let's Encrypt takes for copied examples: it makes no account for them.

Source: letsencrypt/boulder: policy/pa.go, forbiddenMailDomains (read 2026-11-21).
"""

PRIVATE_TOP_LEVELS: Final = frozenset(
    {"alt", "example", "internal", "invalid", "local", "localhost", "onion", "test"}
)
"""Top-level domains that nobody can own in public DNS: no public authority signs names below them.

Sources: IANA, Special-Use Domain Names; ICANN board, resolution of 2024-07-29 (`internal`);
letsencrypt/boulder: policy/pa.go, which wants a public suffix.
"""

REGIONS_WITHOUT_PUBLIC_ZONES: Final = "us-gov-"
"""What the regions begin with whose Route 53 has private hosted zones only.

Source: AWS GovCloud (US) User Guide, Amazon Route 53 (read 2026-11-21).
"""
