"""The same with Ray Serve: one replica."""

import os
import time

import joblib
import numpy
import ray
from ray import serve
from starlette.requests import Request


@serve.deployment(num_replicas=1, max_ongoing_requests=100)
class Sklearn:
    def __init__(self, path):
        self.model = joblib.load(path)

    async def __call__(self, request: Request):
        rows = numpy.array([(await request.json())["data"]])
        probabilities = self.model.predict_proba(rows)[0]
        return {"prediction": probabilities.tolist(), "label": self.model.classes_[probabilities.argmax()].item()}


ray.init(num_cpus=2, include_dashboard=False, configure_logging=False, log_to_driver=False)
serve.start(http_options={"port": int(os.environ["PORT"])})
serve.run(Sklearn.bind(os.environ["MODEL"]), route_prefix="/predict")
while True:
    time.sleep(60)
