from ._advance import advance as advance
from ._requests import requests_of as requests_of
from ._session import Session as Session
from ._store import Store as Store
from ._sweep import sweep as sweep
from ._sweep import train as train
