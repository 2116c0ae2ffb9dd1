"""The peer of `handful serve`: a server as Lobe's users had one, written for this comparison.

    python benchmarks/serving_peer.py MODEL.onnx PORT

Flask's own threaded server; a request is JSON with an image in base64; Pillow decodes the whole
image; ONNX Runtime runs it with the options that it has by default. The model is the same file
that handful serves.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import sys

import numpy as np
import onnxruntime
from flask import Flask, jsonify, request
from PIL import Image, ImageOps


def main() -> None:
    model, port = sys.argv[1], int(sys.argv[2])
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    tags = json.loads(session.get_modelmeta().custom_metadata_map["tags"])
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = Flask("peer")

    @app.post("/predict")
    def predict():
        data = base64.b64decode(request.get_json(force=True)["image"])
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
        pixels = np.asarray(image)[None]
        found, answer = session.run(["probabilities", "answer"], {"pixels": pixels})
        shares = {tag: float(share) for tag, share in zip(tags, found[0], strict=True)}
        return jsonify(tag=tags[int(answer[0])], probabilities=shares)

    app.run(host="127.0.0.1", port=port, threaded=True)


if __name__ == "__main__":
    main()
