"""What a user would write instead: FastAPI with joblib, one process."""

import os

import joblib
import numpy
from fastapi import FastAPI
from pydantic import BaseModel

model = joblib.load(os.environ["MODEL"])
app = FastAPI()


class Rows(BaseModel):
    data: list[float]


@app.post("/predict")
def predict(rows: Rows):
    probabilities = model.predict_proba(numpy.array([rows.data]))
    return {"prediction": probabilities[0].tolist(), "label": model.classes_[probabilities.argmax()].item()}
