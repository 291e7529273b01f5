from ._searcher import Observations as Observations
from ._searcher import Searcher as Searcher
