"""AWS: the template, the artefacts that it runs, and the stack made of both."""
