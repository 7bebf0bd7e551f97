"""Rules of pools whose GPUs are claimed, each as a person reads it."""

import pytest

from tests.documents import REMOVED
from tests.planning.claiming import EAST, H100, Changes, by_karpenter, dra, hami_dra
from tests.planning.planned import planned, refusals

BROKEN: list[tuple[Changes, str]] = [
    (
        dra() | {"cluster.kubernetes": "1.33"},
        (
            "pools.l4.sharing: Kubernetes 1.33 has no resource.k8s.io/v1, by which pods claim "
            'GPUs; NVIDIA\'s driver wants 1.34.2 at least; use `cluster: {kubernetes: "1.36"}`, '
            "or `sharing: {kind: whole}` [kubernetes-sigs/dra-driver-nvidia-gpu: "
            "site/content/docs/install.md]"
        ),
    ),
    (
        dra(extended_resource=True) | {"cluster.kubernetes": "1.35"},
        (
            "pools.l4.sharing.extended_resource: a DeviceClass serves nvidia.com/gpu by "
            "DRAExtendedResource, which is off before Kubernetes 1.36; the cluster is 1.35; use"
            ' `cluster: {kubernetes: "1.36"}`, or leave it out: models then claim their GPUs '
            "[kubernetes/kubernetes v1.36.2: pkg/features/kube_features.go; EKS sets no feature"
            " gate]"
        ),
    ),
    (
        dra(dynamic_mig=True) | H100 | {"cluster.kubernetes": "1.35"},
        (
            "pools.l4.sharing.dynamic_mig: the driver cuts GPUs on demand by "
            "DRAPartitionableDevices, which is off before Kubernetes 1.36; the cluster is 1.35;"
            ' use `cluster: {kubernetes: "1.36"}`, or use `sharing: {kind: mig}` '
            "[kubernetes/kubernetes v1.36.2: pkg/features/kube_features.go; EKS sets no feature"
            " gate]"
        ),
    ),
    (
        hami_dra() | {"cluster.kubernetes": "1.35"},
        (
            "pools.l4.sharing: HAMi's DRA driver divides GPUs by DRAConsumableCapacity, which "
            "is off before Kubernetes 1.36; the cluster is 1.35; use `cluster: {kubernetes: "
            '"1.36"}`, or use `sharing: {kind: hami}` [kubernetes/kubernetes v1.36.2: '
            "pkg/features/kube_features.go; EKS sets no feature gate]"
        ),
    ),
    (
        dra(dynamic_mig=True),
        (
            "pools.l4.sharing.dynamic_mig: is true, but on the NVIDIA L4 of g6.2xlarge there is"
            " no MIG; leave it out, or use a type such as p5.4xlarge "
            "[kubernetes-sigs/dra-driver-nvidia-gpu: cmd/gpu-kubelet-plugin/nvlib.go]"
        ),
    ),
    (
        dra(dynamic_mig=True) | {"pools.l4.instances": ["p4d.24xlarge"]},
        (
            "pools.l4.sharing.dynamic_mig: is true, but on the NVIDIA A100-SXM4-40GB of "
            "p4d.24xlarge MIG is switched on by a reset alone, so that the driver publishes no "
            "instances; use `sharing: {kind: mig}` [kubernetes-sigs/dra-driver-nvidia-gpu: "
            "cmd/gpu-kubelet-plugin/nvlib.go]"
        ),
    ),
    (
        by_karpenter() | {"karpenter.version": "1.14.1"},
        (
            "pools.l40s.sharing: claims on a Karpenter pool: Karpenter 1.14.1 starts no node "
            "for them; give it `static_nodes`, use `provisioner: managed`, or `karpenter: "
            "{version: 1.15.0}`, where they are in alpha [aws/karpenter-provider-aws issue 9519]"
        ),
    ),
    (
        by_karpenter()
        | {
            "pools.l40s.sharing": {"kind": "hami-dra"},
            "models.chat.gpus": 1,
            "pools.l4": REMOVED,
            "models.tiny": REMOVED,
        },
        (
            "pools.l40s.sharing: HAMi's DRA driver on a Karpenter pool: Karpenter foresees the "
            "devices of NVIDIA's driver alone, and starts no node for others; give it "
            "`static_nodes`, or use `provisioner: managed` with a fixed number of `nodes` "
            "[karpenter.sh v1.15, tasks/dra]"
        ),
    ),
    (
        by_karpenter(extended_resource=True, monitor=True, dynamic_mig=True)
        | {"pools.l40s.instances": ["p5.4xlarge"]},
        (
            "pools.l40s.sharing.dynamic_mig: is true on a Karpenter pool: Karpenter foresees "
            "whole GPUs and no MIG instances; leave it out, or use `provisioner: managed` "
            "[karpenter.sh v1.15, tasks/dra]"
        ),
    ),
    (
        by_karpenter(extended_resource=True, monitor=True, dynamic_mig=True)
        | {"pools.l40s.instances": ["p5.4xlarge"]},
        (
            "pools.l40s.sharing.extended_resource: is true on a Karpenter pool: Karpenter waits"
            " for nvidia.com/gpu in the node's status, where a DeviceClass never puts it; leave"
            " it out, or use `provisioner: managed` [kubernetes-sigs/karpenter issue 3231]"
        ),
    ),
    (
        by_karpenter(extended_resource=True, monitor=True, dynamic_mig=True)
        | {"pools.l40s.instances": ["p5.4xlarge"]},
        (
            "pools.l40s.sharing.monitor: is true on a Karpenter pool: Karpenter does not "
            "understand claims with admin access; leave it out, or use `provisioner: managed` "
            "[karpenter.sh v1.15, tasks/dra]"
        ),
    ),
    (
        by_karpenter() | {"pools.l40s.instances": ["g7e.2xlarge"]},
        (
            "pools.l40s.instances: Karpenter does not foresee the devices of g7e.2xlarge, and "
            "starts none for a claim; use a type of another family, for example g6e.2xlarge, or"
            " `provisioner: managed` [karpenter.sh v1.15, tasks/dra]"
        ),
    ),
    (
        by_karpenter() | {"pools.l40s.instances": REMOVED, "pools.l40s.families": ["g7e"]},
        (
            "pools.l40s.families: Karpenter does not foresee the devices of g7e.2xlarge, "
            "g7e.4xlarge, g7e.8xlarge, g7e.12xlarge, g7e.24xlarge, g7e.48xlarge, and starts "
            "none for a claim; use a type of another family, for example g6e.2xlarge, or "
            "`provisioner: managed` [karpenter.sh v1.15, tasks/dra]"
        ),
    ),
    (
        dra() | {"pools.l4.nodes": {"min": 0, "max": 2}},
        (
            "pools.l4.nodes: starts from none, but Cluster Autoscaler learns from a node that "
            "runs which devices a further one will have, and starts no first one for a claim; "
            "use `nodes: {min: 1, max: 2}` [kubernetes/autoscaler: "
            "cluster-autoscaler/docs/dra_support.md]"
        ),
    ),
    (
        dra() | {"pools.l4.nodes": {"min": 1, "max": 2}, "cluster.kubernetes": "1.34"},
        (
            "pools.l4.nodes: is 1 to 2, but Cluster Autoscaler counts claims in earnest only "
            "from 1.35 on; the cluster is 1.34; use a fixed number, `nodes: 2`, or upgrade the "
            "cluster [kubernetes/autoscaler: cluster-autoscaler/docs/dra_support.md]"
        ),
    ),
    (
        dra()
        | {
            "pools.l4.capacity": "capacity-block",
            "pools.l4.reservation": {"id": "cr-0123456789abcdef0"},
            "pools.l4.nodes": {"min": 0, "max": 2},
            "pools.l4.zone": "us-east-1a",
        },
        (
            "pools.l4.capacity: a Capacity Block starts from no nodes, and Cluster Autoscaler "
            "adds none for claims on devices that it has not seen; use `sharing: {kind: "
            "whole}`, or `capacity: on-demand` [Amazon EKS User Guide, capacity-blocks-mng]"
        ),
    ),
    (
        hami_dra() | {"pools.l4.nodes": {"min": 1, "max": 2}},
        (
            "pools.l4.nodes: is 1 to 2, but of devices that several claims divide, Cluster "
            "Autoscaler's guide says nothing: whether it adds a node is not known; use a fixed "
            "number, `nodes: 2` [kubernetes/autoscaler: cluster-autoscaler/docs/dra_support.md]"
        ),
    ),
]


@pytest.mark.parametrize(("changes", "expected"), BROKEN, ids=[row[1][:60] for row in BROKEN])
def test_a_broken_rule_is_one_finding_with_its_fix_and_its_source(changes: Changes, expected: str):
    found = refusals(changes, EAST)
    assert expected in found
    assert all(".sharing." in line for line in found if line != expected)


ENOUGH: dict[str, Changes] = {
    "NVIDIA's driver": dra(),
    "claims on 1.34": dra() | {"cluster.kubernetes": "1.34"},
    "an extended resource": dra(extended_resource=True),
    "GPUs cut on demand": dra(dynamic_mig=True) | H100,
    "a monitor": dra(monitor=True),
    "a group that grows from one node": dra() | {"pools.l4.nodes": {"min": 1, "max": 2}},
    "HAMi's DRA driver": hami_dra(),
    "Karpenter 1.15": by_karpenter(),
}


@pytest.mark.parametrize("changes", ENOUGH.values(), ids=ENOUGH)
def test_what_can_work_is_planned(changes: Changes):
    assert planned(changes, EAST).device_classes


def test_karpenter_starts_nodes_for_claims_only_where_a_pool_asks_for_it():
    said = [
        spec.controller.values["settings"].get("awsFeatureGates")
        for changes in (by_karpenter(), dra(), {"karpenter.version": "1.15.0"})
        if (spec := planned(changes).karpenter)
    ]
    assert said == [{"draNVIDIAGPU": True}, None, None]


def test_a_node_of_claimed_gpus_does_not_promise_them_in_its_status():
    labels = {
        kind: planned(changes).managed_gpu_nodes[0].labels
        for kind, changes in {"dra": dra(), "hami-dra": hami_dra(), "hami": {}}.items()
    }
    promised = {kind: "k8s.amazonaws.com/accelerator" in found for kind, found in labels.items()}
    assert promised == {"dra": False, "hami-dra": False, "hami": True}
