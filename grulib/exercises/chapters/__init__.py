"""The exercises themselves, one module for each chapter: EXERCISES, in order."""
