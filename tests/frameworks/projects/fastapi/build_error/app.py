from fastapi import FastAPI
from nowhere import settings

app = FastAPI()
