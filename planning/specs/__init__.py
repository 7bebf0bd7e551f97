"""What each component needs before `up`: one frozen spec per component, made by `planning`."""
