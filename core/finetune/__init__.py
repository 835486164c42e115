"""Fine-tuning: a folder of photos becomes a classifier on top of a frozen network."""
