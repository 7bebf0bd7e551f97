from planning.placing.placement import place
from planning.specs.placement import Placement
from tests.planning.pool_facts import HAMI, karpenter, managed, model, pools, share


def shown(placement: Placement) -> list[tuple[str, str, str]]:
    """Return each node as name, instance type, and what is on it."""
    return [(node.name, node.instance_type, " ".join(node.replicas)) for node in placement.nodes]


def test_karpenter_packs_into_an_open_node_that_may_still_become_larger():
    placement = place([("a", model("p", replicas=2))], pools(p=karpenter(1, 4, gpu_limit=8)))
    assert shown(placement) == [("p-0", "g6e.12xlarge", "a a")]
    assert (placement.nodes[0].gpus, placement.nodes[0].gpus_used) == (4, 2)


def test_karpenter_starts_the_cheapest_type_that_is_left():
    placement = place([("a", model("p"))], pools(p=karpenter(8, 4, 1, gpu_limit=8)))
    assert shown(placement) == [("p-0", "g6e.2xlarge", "a")]


def test_karpenter_counts_an_open_node_as_its_largest_type():
    facts = pools(p=karpenter(1, 4, gpu_limit=6))
    models = [("big", model("p", gpus=3)), ("small", model("p", replicas=3))]
    assert shown(place(models, facts)) == [
        ("p-0", "g6e.12xlarge", "big small"),
        ("p-1", "g6e.2xlarge", "small"),
        ("p-2", "g6e.2xlarge", "small"),
    ]


def test_karpenter_fills_the_open_node_with_the_fewest_replicas():
    models = [("big", model("p", replicas=2, gpus=5)), ("small", model("p", replicas=2))]
    placement = place(models, pools(p=karpenter(8, gpu_limit=16)))
    assert [" ".join(node.replicas) for node in placement.nodes] == ["big small", "big small"]


def test_a_managed_group_is_filled_in_the_order_of_its_nodes_and_keeps_the_empty_ones():
    models = [("big", model("p", replicas=2, gpus=5)), ("small", model("p", replicas=2))]
    placement = place(models, pools(p=managed(8, nodes=3)))
    assert [" ".join(node.replicas) for node in placement.nodes] == ["big small small", "big", ""]
    assert [node.gpus_used for node in placement.nodes] == [7, 5, 0]


def test_the_largest_ask_is_placed_first_whatever_the_order_in_the_file():
    models = [("small", model("p", replicas=2)), ("big", model("p", gpus=4))]
    placement = place(models, pools(p=managed(4, nodes=1)))
    assert shown(placement) == [("p-0", "g6e.12xlarge", "big")]
    assert [(s.name, s.wanted, s.placed) for s in placement.services] == [
        ("small", 2, 0),
        ("big", 1, 1),
    ]


def test_shares_fill_one_device_after_the_other_by_memory_cores_and_splits():
    facts = pools(p=managed(4, nodes=1, sharing=HAMI))
    (node,) = place([("a", model("p", replicas=7, share=share(4, 30)))], facts).nodes
    assert (len(node.replicas), node.gpus_used) == (7, 3)
    (node,) = place([("a", model("p", replicas=7, share=share(4, 60)))], facts).nodes
    assert (len(node.replicas), node.gpus_used) == (4, 4)
    (node,) = place([("a", model("p", replicas=9, share=share(22, 1)))], facts).nodes
    assert (len(node.replicas), node.gpus_used) == (8, 4)


def test_a_small_share_fits_beside_a_large_one_that_refused_its_equal():
    models = [
        ("a", model("p", replicas=2, share=share(30, 50))),
        ("b", model("p", share=share(10, 50))),
    ]
    (node,) = place(models, pools(p=managed(1, nodes=1, sharing=HAMI))).nodes
    assert node.replicas == ("a", "b")
