"""The same with LitServe: one worker on the CPU, its default batching off."""

import os

import joblib
import litserve
import numpy


class Sklearn(litserve.LitAPI):
    def setup(self, device):
        self.model = joblib.load(os.environ["MODEL"])

    def decode_request(self, request):
        return numpy.array([request["data"]])

    def predict(self, rows):
        return self.model.predict_proba(rows)[0]

    def encode_response(self, probabilities):
        return {"prediction": probabilities.tolist(), "label": self.model.classes_[probabilities.argmax()].item()}


if __name__ == "__main__":
    litserve.LitServer(Sklearn(), accelerator="cpu", workers_per_device=1).run(port=int(os.environ["PORT"]), generate_client_file=False, log_level="error")
