"""`python -m rehearsal drill`: a drill on a rehearsal that is up."""

from enum import StrEnum

from rehearsal.control_plane.control_plane import ControlPlane
from rehearsal.drills.karpenter_pool import KarpenterPoolDrill
from rehearsal.drills.pool import chosen
from rehearsal.drills.steps import DrillReport, run_steps
from rehearsal.fleet.api import Api, RefusedError
from rehearsal.fleet.fleet import Fleet
from rehearsal.fleet.node_pools import NODE_POOLS
from rehearsal.session import InterruptedRehearsalError, Session
from rehearsal.turn import RehearsalError, turn


class Drill(StrEnum):
    """What can be drilled."""

    KARPENTER_POOL = "karpenter-pool"


def run_drill(session: Session, drill: Drill, pool: str | None) -> DrillReport:
    """Run `drill` on a pool, by default the first of Karpenter's; print each step as it happens.

    Raises:
        RehearsalError: the rehearsal is not up, has no such pool, or refuses what the drill asks.
        InterruptedRehearsalError: a person pressed Ctrl-C; everything is put back.
    """
    session.report()  # Says what is wrong where the rehearsal is not up.
    stack = session.layout.stack
    connection = ControlPlane(session.layout).connection()
    if connection is None or not Fleet(session.layout, "").running():
        raise RehearsalError(
            f"stack {stack}: nothing keeps its nodes in step; run `make rehearse STACK={stack}`"
        )
    api = Api(connection)
    try:
        with turn(session.layout):
            found = chosen(api.list(NODE_POOLS) or [], pool)
            session.console.print(f"drill {drill.value} on stack {stack}, pool {found.name}")
            running = KarpenterPoolDrill(api=api, connection=connection, pool=found)
            steps = run_steps(running, session.console.print)
    except RefusedError as refused:
        raise RehearsalError(f"the API server refuses the drill: {refused}") from None
    except KeyboardInterrupt:
        raise InterruptedRehearsalError(
            "interrupted; the drill has put back what it had changed"
        ) from None
    finally:
        api.close()
    ok = all(step.ok for step in steps)
    return DrillReport(drill=drill.value, stack=stack, pool=found.name, steps=steps, ok=ok)
