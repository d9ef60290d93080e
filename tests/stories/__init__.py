"""One feature of BPMN a story: a diagram, what is done with it, and the events it must tell."""
