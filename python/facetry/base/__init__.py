"""What every room uses: checks of what people hand over, files that are whole or not there."""
