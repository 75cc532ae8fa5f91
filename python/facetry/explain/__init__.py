"""The explainer: what is known of features, and the questions it asks."""
