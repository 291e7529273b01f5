from . import bandits as bandits
from . import tabular as tabular
