from flask import Flask
from nowhere import settings

app = Flask(__name__)
