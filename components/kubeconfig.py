"""How a client reaches an EKS cluster."""

import json


def kubeconfig(cluster: str, endpoint: str, certificate_authority: str, region: str) -> str:
    """Return a kubeconfig as JSON that holds no credential.

    Its user asks `aws eks get-token` for a short-lived one, so that a long update does not run
    out of its token.
    """
    command = ["eks", "get-token", "--cluster-name", cluster, "--region", region]
    user = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": command,
        "interactiveMode": "Never",
    }
    server = {"server": endpoint, "certificate-authority-data": certificate_authority}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": cluster, "cluster": server}],
        "users": [{"name": cluster, "user": {"exec": user}}],
        "contexts": [{"name": cluster, "context": {"cluster": cluster, "user": cluster}}],
        "current-context": cluster,
    }
    return json.dumps(config)
