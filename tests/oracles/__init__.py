"""Slow truths that stand beside the fast code, and the random networks they are compared on."""
