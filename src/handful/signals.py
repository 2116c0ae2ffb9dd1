"""Arithmetic of sampled signals: framing, spectra, weighting, levels. Hz, s, dB."""
