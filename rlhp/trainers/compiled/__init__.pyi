from ._backend import devices as devices
from ._drive import drive as drive
from ._programs import moment as moment
from ._programs import program as program
from ._recipes import prepared as prepared
from ._running import Running as Running
from ._snapshots import read_runs as read_runs
from ._snapshots import write_runs as write_runs
