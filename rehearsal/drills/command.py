"""`python -m rehearsal drill`: a drill on a rehearsal that is up."""

from dataclasses import dataclass
from enum import StrEnum

from planning.plan import Plan
from rehearsal.api import Api, RefusedError
from rehearsal.control_plane.connection import Connection
from rehearsal.control_plane.control_plane import ControlPlane
from rehearsal.drills.karpenter_pool import KarpenterPoolDrill
from rehearsal.drills.model import chosen_model
from rehearsal.drills.model_roll import COLLECTIONS, ModelRollDrill
from rehearsal.drills.node_loss import NodeLossDrill
from rehearsal.drills.pool import chosen
from rehearsal.drills.steps import DrillReport, Undoable, run_steps
from rehearsal.fleet.fleet import Fleet
from rehearsal.fleet.node_pools import NODE_POOLS
from rehearsal.fleet.observation import observe
from rehearsal.session import InterruptedRehearsalError, Session
from rehearsal.turn import RehearsalError, turn


class Drill(StrEnum):
    """What can be drilled."""

    KARPENTER_POOL = "karpenter-pool"
    NODE_LOSS = "node-loss"
    MODEL_ROLL = "model-roll"


@dataclass(frozen=True, kw_only=True)
class On:
    """What to drill on; None: the first one by name."""

    pool: str | None = None
    model: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Chosen:
    drill: Undoable
    pool: str
    model: str | None = None

    @property
    def words(self) -> str:
        return f"pool {self.pool}" if self.model is None else f"model {self.model}"


def run_drill(session: Session, drill: Drill, on: On) -> DrillReport:
    """Run `drill` on a pool or a model; print each step as it happens.

    Raises:
        RehearsalError: the rehearsal is not up, has no such pool or model, or refuses what the
            drill asks.
        InterruptedRehearsalError: a person pressed Ctrl-C; everything is put back.
    """
    _check(drill, on)
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
            found = _chosen(drill, on, api, connection, session.applied_plan())
            session.console.print(f"drill {drill.value} on stack {stack}, {found.words}")
            steps = run_steps(found.drill, session.console.print)
    except RefusedError as refused:
        raise RehearsalError(f"the API server refuses the drill: {refused}") from None
    except KeyboardInterrupt:
        raise InterruptedRehearsalError(
            "interrupted; the drill has put back what it had changed"
        ) from None
    finally:
        api.close()
    return DrillReport(
        drill=drill.value,
        stack=stack,
        pool=found.pool,
        model=found.model,
        steps=steps,
        ok=all(step.ok for step in steps),
    )


def _check(drill: Drill, on: On) -> None:
    if drill is Drill.KARPENTER_POOL and on.model is not None:
        raise RehearsalError(f"drill {drill.value} is of a pool: use --pool instead of --model")
    if drill is not Drill.KARPENTER_POOL and on.pool is not None:
        raise RehearsalError(f"drill {drill.value} is of a model: use --model instead of --pool")


def _chosen(drill: Drill, on: On, api: Api, connection: Connection, plan: Plan) -> _Chosen:
    if drill is Drill.KARPENTER_POOL:
        pool = chosen(api.list(NODE_POOLS) or [], on.pool)
        return _Chosen(
            drill=KarpenterPoolDrill(api=api, connection=connection, pool=pool), pool=pool.name
        )
    model = chosen_model(plan, observe(connection), on.model)
    if drill is Drill.NODE_LOSS:
        running = NodeLossDrill(api=api, connection=connection, model=model.name)
    else:
        if model.shape not in COLLECTIONS:
            raise RehearsalError(
                f"drill {drill.value} follows the pods of a Deployment or a StatefulSet, one by "
                f"one: model {model.name} runs as a {model.shape}; name another with --model"
            )
        planned = next(roll for roll in plan.rolls if roll.name == model.name)
        running = ModelRollDrill(api=api, connection=connection, planned=planned, shape=model.shape)
    return _Chosen(drill=running, pool=model.pool, model=model.name)
