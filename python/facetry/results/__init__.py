"""What explanations are: frozen data, and the scales that make weights comparable."""
