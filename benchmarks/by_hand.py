"""Plain scripts that do by hand a part of what handful's commands do: peers of process.py.

python benchmarks/by_hand.py judge FEATURES.npz   features to out-of-fold predictions, scikit-learn
python benchmarks/by_hand.py predict MODEL PHOTO  a photo to its tag, ONNX Runtime and Pillow
python benchmarks/by_hand.py torch PHOTO          a photo to the last layer of Lite2, eager torch
python benchmarks/by_hand.py stages FOLDER TO     not by hand: handful.train, seconds of each stage
"""

from __future__ import annotations

import json
import sys
import time


def judge(features):
    import numpy as np
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.model_selection import cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    with np.load(features) as known:
        X, y = known["X"], known["y"]
    head = LogisticRegressionCV(
        max_iter=1000, scoring="accuracy", l1_ratios=(0.0,), use_legacy_attributes=False
    )
    model = make_pipeline(StandardScaler(), head)
    outside = cross_val_predict(model, X, y, cv=5, n_jobs=2)
    model.fit(X, y)
    print(float((outside == y).mean()))


def predict(model, photo):
    import numpy as np
    import onnxruntime
    from PIL import Image

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    pixels = np.asarray(Image.open(photo).convert("RGB"))
    print(session.run(None, {session.get_inputs()[0].name: pixels[None]})[0])


def torch(photo):
    from PIL import Image

    import reference

    image = Image.open(photo)
    shape = reference.fitting(image.size, 448)
    net = reference.network("EfficientNet-Lite2", shape)
    print(reference.last_layer(net, reference.resized(image, shape)[None]).shape)


def stages(folder, to):
    """When each stage of training was first and last heard of, in seconds from the start."""
    began = time.perf_counter()
    import handful

    heard: dict[str, list[float]] = {}

    def listen(stage, done, total):
        now = time.perf_counter() - began
        heard.setdefault(stage, [now, now])[1] = now

    handful.train(folder, to, progress=listen)
    print(json.dumps(heard))


if __name__ == "__main__":
    {"judge": judge, "predict": predict, "torch": torch, "stages": stages}[sys.argv[1]](
        *sys.argv[2:]
    )
