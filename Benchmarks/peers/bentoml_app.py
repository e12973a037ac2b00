"""The same with BentoML: one worker, its batching off."""

import os

import bentoml
import joblib
import numpy


@bentoml.service(workers=1)
class Sklearn:
    def __init__(self):
        self.model = joblib.load(os.environ["MODEL"])

    @bentoml.api
    def predict(self, data: list[float]) -> dict:
        probabilities = self.model.predict_proba(numpy.array([data]))[0]
        return {"prediction": probabilities.tolist(), "label": self.model.classes_[probabilities.argmax()].item()}
