"""The program: load -> plan -> compose -> export."""

import pulumi

from stacks.configuration import load_environment
from stacks.templates import compose

environment = load_environment()
platform = compose(environment.plan, environment.secrets)
for name, value in platform.exports().items():
    pulumi.export(name, value)
