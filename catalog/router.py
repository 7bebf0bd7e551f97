"""vLLM's router, which stands in front of replicas that divide the work.

There is no image to name: the project publishes its releases as Python packages, and of its images
only nightly ones, of which some fifteen are kept.
"""

from typing import Final

# renovate: datasource=pypi depName=vllm-router
RELEASE: Final = "0.1.17"
"""The release by which the router's arguments are written, and which the tests run."""
SOURCE: Final = "PyPI: vllm-router 0.1.17, its newest release on 2026-11-21"
IMAGES_SOURCE: Final = (
    "SemiAnalysisAI/InferenceX: pull request 2143; vllm-project/router: issue 163"
)
"""Of July 2026, on how long images are kept; and of April 2026, on which there are."""
