"""Who wants to be called by a person: asked for by callers, taken and called at the desk."""
