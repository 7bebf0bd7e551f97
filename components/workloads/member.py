"""What the pods of a replica have of their own, where several make one."""

from dataclasses import dataclass

from planning.specs.models import GroupSpec, ModelServiceSpec


@dataclass(frozen=True, kw_only=True)
class Member:
    """One pod of a replica."""

    args: tuple[str, ...]
    """Arguments of `vllm serve`."""
    serves: bool = True
    """Whether it answers requests, and so whether anything can ask it how it is."""
    pre_stop_seconds: int
    """Wait before SIGTERM."""


def sole(spec: ModelServiceSpec) -> Member:
    """Return the pod of a replica that is one.

    vLLM answers what arrives after SIGTERM as aborted: its endpoint has to be gone by then.
    """
    return Member(args=spec.args, pre_stop_seconds=spec.pre_stop_seconds)


def leader(spec: ModelServiceSpec, group: GroupSpec) -> Member:
    """Return the pod that answers for its group."""
    return Member(args=(*spec.args, *group.leader_args), pre_stop_seconds=spec.pre_stop_seconds)


def worker(spec: ModelServiceSpec, group: GroupSpec) -> Member:
    """Return a pod that computes with its leader, and opens no port for anyone else.

    A group is told to end all at once, and the leader needs its workers until its last answer is
    out. One that fails ends its container, and one that hangs is seen by the leader's probes.
    """
    return Member(
        args=(*spec.args, *group.worker_args),
        serves=False,
        pre_stop_seconds=spec.pre_stop_seconds + spec.drain_seconds,
    )
