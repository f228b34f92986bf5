"""What the old server of Leela Chess Zero leaves behind, brought over."""
