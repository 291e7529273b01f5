from ._frames import empty_evals as empty_evals
from ._frames import empty_history as empty_history
from ._frames import run_id as run_id
from ._joining import concat as concat
from ._needing import need_runs as need_runs
from ._runs import Runs as Runs
