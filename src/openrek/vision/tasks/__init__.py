"""What the engine is asked: one module a task, each over the models of that task."""
