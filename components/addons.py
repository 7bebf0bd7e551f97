"""EKS add-ons, each with an AWS role of its own where it needs one."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.iam import POD_IDENTITY_TRUST
from planning.specs.infrastructure import AddonSpec


@dataclass(frozen=True, kw_only=True)
class AddonsArgs:
    """`specs` is known before the update; `cluster_name` is a wire."""

    specs: tuple[AddonSpec, ...]
    cluster_name: pulumi.Input[str]
    after: tuple[pulumi.Resource, ...] = ()
    """What each add-on waits for, such as the nodes that its pods need to become ready."""


class Addons(pulumi.ComponentResource):
    """A set of EKS add-ons.

    Their configuration is this program's alone: an update overwrites what was changed by hand.
    A role reaches its pods through Pod Identity, so the set that names one needs the add-on
    `eks-pod-identity-agent` in the cluster.
    """

    installed: tuple[aws.eks.Addon, ...]
    """The add-ons, in the order of the specs."""

    def __init__(
        self, name: str, args: AddonsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:Addons", name, None, opts)
        self._prefix, self._args = name, args
        self.installed = tuple(self._addon(spec) for spec in args.specs)
        self.register_outputs({})

    def _addon(self, spec: AddonSpec) -> aws.eks.Addon:
        identity, attachments = self._identity(spec)
        return aws.eks.Addon(
            f"{self._prefix}-{spec.name}",
            addon_name=spec.name,
            addon_version=spec.version,
            cluster_name=self._args.cluster_name,
            configuration_values=configuration_values(spec),
            pod_identity_associations=identity,
            preserve=False,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*self._args.after, *attachments]),
        )

    def _identity(
        self, spec: AddonSpec
    ) -> tuple[list[aws.eks.AddonPodIdentityAssociationArgs] | None, list[pulumi.Resource]]:
        """Make the role of an add-on's service account; neither where the spec names none."""
        match spec.service_account, spec.policy_arn:
            case None, None:
                return None, []
            case str(service_account), str(policy_arn):
                pass
            case _:
                raise ValueError(
                    f"add-on {spec.name}: service_account and policy_arn go together; "
                    "set both or neither"
                )
        opts = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{self._prefix}-{spec.name}-role",
            assume_role_policy=json.dumps(POD_IDENTITY_TRUST),
            opts=opts,
        )
        attachment = aws.iam.RolePolicyAttachment(
            f"{self._prefix}-{spec.name}-policy",
            role=role.name,
            policy_arn=policy_arn,
            opts=opts,
        )
        association = aws.eks.AddonPodIdentityAssociationArgs(
            role_arn=role.arn, service_account=service_account
        )
        return [association], [attachment]


def configuration_values(spec: AddonSpec) -> str | None:
    """Return an add-on's configuration as stable JSON; None leaves its defaults alone."""
    return json.dumps(spec.configuration, sort_keys=True) if spec.configuration else None
