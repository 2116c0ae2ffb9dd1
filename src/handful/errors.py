"""The error tree: everything handful raises on purpose, so that a door can show one message."""

from __future__ import annotations


class HandfulError(Exception):
    """Root of every error that handful raises on purpose.

    - InputError: the samples, the file or the call is wrong (exit code 2).
      - SamplesError: a folder of samples cannot be used or judged.
      - UnreadableError: one file cannot be read as the kind of sample it claims to be.
      - BundleError: a model folder is missing, damaged or of another format.
      - TargetError: the place to write to cannot be written to.
    - ExportMismatchError: the exported graph answers otherwise than the learner (exit code 1).
    - WeightsError: a pretrained weight file is missing, damaged or not what its card says.
    - MissingExtraError: an optional part of the installation is needed.
    """


class InputError(HandfulError, ValueError):
    """The samples, the file or the call is wrong; the message says what to do."""


class SamplesError(InputError):
    """A folder of samples cannot be used or judged."""


class UnreadableError(InputError):
    """One file cannot be read as the kind of sample it claims to be."""


class BundleError(InputError):
    """A model folder is missing, damaged or of another format."""


class TargetError(InputError):
    """The place to write to cannot be written to."""


class ExportMismatchError(HandfulError, RuntimeError):
    """The exported graph answers otherwise than the learner it was made from."""


class WeightsError(HandfulError, ValueError):
    """A pretrained weight file is missing, damaged or not what its card says."""


class MissingExtraError(HandfulError, ImportError):
    """An optional part of the installation is needed; the message holds the install line."""
