"""CloudNativePG: Postgres in the cluster. Source: https://cloudnative-pg.io/documentation/"""

from components.operator import Operator


class DatabaseOperator(Operator):
    """Runs the Postgres clusters of `postgresql.cnpg.io/v1`."""
