"""Files of others, damaged at random: a reader gives runs, or an error of ours that names the file.

Each example takes a valid file and damages it up to four times, by bytes, by lines or by cells.
"""

from __future__ import annotations

import codecs
import io
import itertools
import re
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rlhp.runs import Runs
from tests.contracts.bad_arguments import raised_by_us

MONITOR = b'#{"t_start": 10.5, "env_id": "CartPole-v1"}\nr,l,t\n' + b"".join(
    f"{20.0 + at},{20 + at},{at / 10:.6f}\r\n".encode() for at in range(8)
)
TABLE = b"step,return_mean,seed,lr,status\n" + b"".join(
    f"{10 * at},{at}.5,{seed},0.1,finished\n".encode() for seed in range(2) for at in range(1, 5)
)
CHART = b'"global_step","a - ret","a - ret__MIN","b - ret","b - ret__MIN"\n' + b"".join(
    f'"{10 * at}","{at}.5","{at}.5","","{at}"\n'.encode() for at in range(1, 6)
)
RUNS = b'"Name","State","Runtime","lr","ret"\n"a","finished","10","0.1","5"\n"b","crashed","3","0.2",""\n'


def _npz() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, timesteps=[10, 20, 30], results=[[1.0, 2.0]] * 3, ep_lengths=[[1, 2]] * 3)
    return buffer.getvalue()


READERS: dict[str, tuple[str, bytes, Callable[[Path], Runs]]] = {
    "monitor": ("x.monitor.csv", MONITOR, Runs.from_monitor),
    "monitor, binned": ("x.monitor.csv", MONITOR, lambda path: Runs.from_monitor(path, every=30)),
    "csv": (
        "x.csv",
        TABLE,
        lambda path: Runs.from_csv(path, algorithm="a", env_id="E", columns={"lr": "hp.lr"}, on_repeat="last"),
    ),
    "csv, the rest ignored": (
        "x.csv",
        TABLE,
        lambda path: Runs.from_csv(path, algorithm="a", env_id="E", columns={"*": None}),
    ),
    "npz": ("evaluations.npz", _npz(), Runs.from_evaluations),
    "chart": ("chart.csv", CHART, Runs.from_wandb),
    "table of runs": ("runs.csv", RUNS, lambda path: Runs.from_wandb(path, metric="ret", columns={"lr": "hp.lr"})),
}
CELLS = [
    "", " ", "nan", "NaN", "inf", "-inf", "Infinity", "ten", "1,000", '"1,000"', "1_000", "[1.]", "1e400", "-1", "0",
    "9" * 25, "9223372036854775808", "1e18", "0x10", "True", "None", "<NA>", '"', "'", "#", "#{", "é", "1.5.2", "{}",
    "[" * 50, "9" * 5000, "1e-400", "--1", "+", ".", "e", "\x00", "\t", ";", "2024-01-01", "finnished", "diverged",
    "\uff11", "\u2212 5",
]  # fmt: skip


def cut(data: bytes, at: int) -> bytes:
    return data[: at % (len(data) + 1)]


def flipped(data: bytes, at: int) -> bytes:
    if not data:
        return data
    where, bit = at % len(data), 1 << (at // 7 % 8)
    return data[:where] + bytes([data[where] ^ bit]) + data[where + 1 :]


def put(data: bytes, at: int, more: bytes) -> bytes:
    where = at % (len(data) + 1)
    return data[:where] + more + data[where:]


def by_line(data: bytes, at: int, change: Callable[[list[bytes], int], None]) -> bytes:
    lines = data.split(b"\n")
    change(lines, at % len(lines))
    return b"\n".join(lines)


def by_cell(data: bytes, at: int, change: Callable[[list[bytes], int], None]) -> bytes:
    def change_line(lines: list[bytes], number: int) -> None:
        cells = lines[number].split(b",")
        change(cells, at // 13 % len(cells))
        lines[number] = b",".join(cells)

    return by_line(data, at, change_line)


def _shift(lines: list[bytes], at: int) -> None:
    lines.insert(0, lines.pop(at))


place = st.integers(0, 10_000)
junk = st.sampled_from(CELLS).map(str.encode) | st.text(max_size=6).map(lambda text: text.encode("utf-8", "ignore"))
damage = st.one_of(
    st.builds(lambda at: lambda data: cut(data, at), place),
    st.builds(lambda at: lambda data: flipped(data, at), place),
    st.builds(lambda at, more: lambda data: put(data, at, more), place, st.binary(max_size=4)),
    st.builds(lambda at: lambda data: by_line(data, at, lambda lines, n: lines.__delitem__(n)), place),
    st.builds(lambda at: lambda data: by_line(data, at, lambda lines, n: lines.insert(n, lines[n])), place),
    st.builds(lambda at: lambda data: by_line(data, at, lambda lines, n: lines.insert(n, b"")), place),
    st.builds(lambda at: lambda data: by_line(data, at, _shift), place),
    st.builds(lambda at, cell: lambda data: by_cell(data, at, lambda row, n: row.__setitem__(n, cell)), place, junk),
    st.builds(lambda at, cell: lambda data: by_cell(data, at, lambda row, n: row.insert(n, cell)), place, junk),
    st.builds(lambda at: lambda data: by_cell(data, at, lambda row, n: row.__delitem__(n)), place),
    st.builds(lambda at: lambda data: by_cell(data, at, lambda row, n: row.insert(n, row[n])), place),
    st.sampled_from([MONITOR, TABLE, CHART, RUNS]).map(lambda other: lambda data: data + other),
    st.just(lambda data: data + data),
    st.just(lambda data: codecs.BOM_UTF8 + data),
    st.sampled_from(["utf-16", "utf-16-le", "utf-32", "latin-1"]).map(
        lambda name: lambda data: data.decode("utf-8", "replace").encode(name, "replace")
    ),
    st.sampled_from([b"\r", b"\r\n", b"\n\n", b"\x0b"]).map(lambda end: lambda data: data.replace(b"\n", end)),
    st.sampled_from([b";", b"\t", b",,"]).map(lambda sign: lambda data: data.replace(b",", sign)),
)
examples = st.tuples(st.sampled_from(sorted(READERS)), st.lists(damage, min_size=1, max_size=4))

_COUNT = itertools.count()
# What another library would say: it must not reach the user.
_FOREIGN = re.compile(
    r"invalid literal|could not convert|Unable to parse|Error tokenizing|unhashable|out of bounds|dtype"
)


def fault(example: tuple[str, list[Callable[[bytes], bytes]]], folder: Path) -> str:
    """Say what is wrong with the answer to a damaged file; nothing if it is as it should be."""
    name, damages = example
    file, data, read = READERS[name]
    for change in damages:
        data = change(data)
    path = folder / str(next(_COUNT)) / file
    path.parent.mkdir()
    path.write_bytes(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            runs = read(path)
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
        if not isinstance(error, ValueError) or not raised_by_us(error):
            return f"{name}: not ours: {message} {data!r}"
        if str(path) not in str(error) or _FOREIGN.search(str(error)):
            return f"{name}: does not name the file: {message}"
        return ""
    finally:
        path.unlink()
        path.parent.rmdir()
    return "" if len(runs) and np.isfinite(runs.evals["return_mean"]).all() else f"{name}: no runs of {data!r}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("damaged")


@settings(max_examples=200, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(example=examples)
def test_a_damaged_file_is_read_or_refused_by_name(folder, example):
    assert fault(example, folder) == ""


arrays = hnp.arrays(
    dtype=st.sampled_from(["i8", "u8", "f4", "f8", "?", "c16", "U2", "M8[s]", "S3"]),
    shape=hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
)


@settings(max_examples=100, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(parts=st.dictionaries(st.sampled_from(["timesteps", "results", "ep_lengths", "other"]), arrays))
def test_any_arrays_are_read_or_refused_by_name(folder, parts):
    buffer = io.BytesIO()
    np.savez(buffer, **parts)
    assert fault(("npz", [lambda data: buffer.getvalue()]), folder) == ""


def test_the_files_themselves_are_read(folder):
    for name in READERS:
        assert fault((name, []), folder) == ""
