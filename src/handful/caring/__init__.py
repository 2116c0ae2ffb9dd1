"""Looking after the samples: copies, bursts, contradictions, imbalance."""
