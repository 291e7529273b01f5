from ._fits import Fits as Fits
from ._fits import Setting as Setting
from ._fits import by_environment as by_environment
from ._fits import near as near
from ._fits import swept as swept
from ._store import FITS as FITS
