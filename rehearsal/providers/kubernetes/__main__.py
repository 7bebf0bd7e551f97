"""The plugin's process: serves until the engine ends."""

from rehearsal.providers.kubernetes.servicer import KubernetesProvider
from rehearsal.providers.plugin import serve

serve(KubernetesProvider)
