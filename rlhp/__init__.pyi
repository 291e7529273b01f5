from . import algorithms as algorithms
from . import curves as curves
from . import datasets as datasets
from . import envs as envs
from . import exercises as exercises
from . import hpo as hpo
from . import importance as importance
from . import meta as meta
from . import objectives as objectives
from . import plots as plots
from . import population as population
from . import runs as runs
from . import schedules as schedules
from . import spaces as spaces
from . import sweeps as sweeps
from . import trainers as trainers
from . import widgets as widgets
from .runs import Runs as Runs
from .sweeps import Evaluation as Evaluation
from .sweeps import Execution as Execution
from .sweeps import Logging as Logging
from .sweeps import sweep as sweep
from .sweeps import train as train
from .trainers import load_policy as load_policy
from .trainers import record as record

__version__: str
