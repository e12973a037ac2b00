"""The same with LitServe: one worker on the CPU, its default batching off."""

import os

import litserve
import numpy
import onnxruntime


class Onnx(litserve.LitAPI):
    def setup(self, device):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])

    def decode_request(self, request):
        return numpy.array([request["data"]], "float32")

    def predict(self, rows):
        return self.session.run(None, {"input": rows})[0][0]

    def encode_response(self, answer):
        return {"prediction": answer.tolist()}


if __name__ == "__main__":
    litserve.LitServer(Onnx(), accelerator="cpu", workers_per_device=1).run(port=int(os.environ["PORT"]), generate_client_file=False, log_level="error")
