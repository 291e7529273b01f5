from ._model import build as build
from ._training import Options as Options
from ._training import train_run as train_run
