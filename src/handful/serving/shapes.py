"""What answers look like, for the OpenAPI description."""

from __future__ import annotations

from pydantic import BaseModel, Field

NOTE = "Only where the sample lacks what all that the model learned from had: then it is not known."


class PredictionShape(BaseModel):
    """What a model of tags says of one sample."""

    file: str
    tag: str | None = Field(description="Null where the model's rule asks for a person.")
    probability: float | None = Field(ge=0, le=1, description="Of that tag.")
    probabilities: dict[str, float]
    known: bool = Field(
        description="False where the sample is unlike all that the model learned from: then "
        "believe neither tag nor probability."
    )
    low: float | None = Field(description="With `high`: how often such answers were right.")
    high: float | None
    note: str = Field(default="", description=NOTE)


class ValueShape(BaseModel):
    """What a model of numbers says of one sample."""

    file: str
    value: float
    low: float = Field(description="With `high`: 9 of 10 samples lie between them.")
    high: float
    known: bool
    note: str = Field(default="", description=NOTE)


class SeveralShape(BaseModel):
    """What a model of several tags says of one sample."""

    file: str
    tags: list[str] = Field(description="Those whose probability reaches their threshold.")
    probabilities: dict[str, float]
    known: bool
    widths: dict[str, list[float]] = Field(
        description="By tag: between which shares such probabilities came true."
    )
    note: str = Field(default="", description=NOTE)


class PredictionsShape(BaseModel):
    """What `handful predict --json` prints."""

    predictions: list[PredictionShape | SeveralShape | ValueShape]


class BadSampleShape(BaseModel):
    """A sample to blame."""

    file: str
    reason: str


class RefusalShape(BaseModel):
    """Why a request was not answered."""

    error: str
    files: list[BadSampleShape] = Field(description="The samples to blame, where some are.")


class HealthShape(BaseModel):
    """Alive."""

    status: str


class ModelShape(BaseModel):
    """A model that is being served."""

    name: str
    modality: str
    kind: str
    tags: list[str]
    version: str = Field(description="The beginning of the model file's SHA-256.")


class ModelsShape(BaseModel):
    """All models, the one that answers at /predict first."""

    models: list[ModelShape]


class ReadyShape(BaseModel):
    """Ready for requests."""

    ready: bool
    models: list[str]
