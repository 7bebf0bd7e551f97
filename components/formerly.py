"""What an object was called by the engine before its model came to be served another way."""

import pulumi


def service_of(component: str, name: str) -> pulumi.Alias:
    """Return the alias of the Service that a component of the stack made.

    Without it the engine would make the Service anew under its old name and then delete it, both at
    once. `component` is the class, and `name` the component's logical name.
    """
    stack, project = pulumi.get_stack(), pulumi.get_project()
    parent = f"urn:pulumi:{stack}::{project}::llm-platform:index:{component}::{name}"
    return pulumi.Alias(name=f"{name}-service", parent=parent)
