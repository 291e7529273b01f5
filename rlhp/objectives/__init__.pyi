from ._definitions import OBJECTIVES as OBJECTIVES
from ._definitions import PER_CONFIG as PER_CONFIG
from ._definitions import direction as direction
from ._definitions import names as names
from ._rounding import levelled as levelled
from ._score import score as score
from ._scores import Failures as Failures
from ._scores import Scores as Scores
