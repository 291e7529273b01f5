"""Connect to a Ray cluster, or say in time that none answers."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
import warnings
from typing import Any

from rlhp.arguments import shown

__all__ = ["ANSWER_S", "connect"]

ANSWER_S = 10.0  # how long a cluster may take to answer at all
_LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
_VARIABLE = "RAY_ADDRESS"
_connecting = threading.Lock()
# How a conversation in HTTP/2 begins, which is what Ray speaks: the preface, and a frame of settings without any.
_HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
_SETTINGS = 4  # the kind of frame that answers, in its fourth byte


def connect(address: str | None) -> Any:
    """Connect this process to a cluster, unless it is, and return Ray.

    The connection stays until the process ends or calls `ray.shutdown`: the cluster's workers keep what they imported.

    Parameters
    ----------
    address : str, optional
        ``"host:port"``; by default what the environment variable ``RAY_ADDRESS`` says.

    Raises
    ------
    RuntimeError
        If there is no address, none answers there, or this process is connected to another cluster.
    """
    import ray

    with _connecting:  # the engines have a thread each
        if ray.is_initialized():
            _check_same(ray, address)
            return ray
        given = address or os.environ.get(_VARIABLE, "")
        host, _, port = given.rpartition(":")
        if not host or not port.isdecimal():
            raise RuntimeError(
                f"executor='ray' knows no cluster: `execution.address` is left out, and {_VARIABLE} is "
                f"{shown(given) if given else 'not set'}. Give 'host:port', as `ray start --head` printed it, or call "
                f"`ray.init` first."
            )
        meant = _meant(ray, host)
        if not _answers(meant, int(port)):
            told = f", which is {meant} to Ray" if meant != host else ""
            raise RuntimeError(
                f"no Ray cluster answered at {given}{told} within {ANSWER_S:g} s; see that `ray start --head` runs "
                f"there and that its port can be reached from here. `ray status --address={given}` asks it."
            )
        _init(ray, given)
        return ray


def _init(ray: Any, address: str) -> None:
    try:
        # What tasks print stays in the cluster's logs; Ray's own news would stand between the lines of a progress bar.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (Exception, SystemExit) as error:
        with contextlib.suppress(Exception):
            ray.shutdown()
        reason = (str(error.__cause__ or error).strip().splitlines() or [type(error).__name__])[-1].strip()
        raise RuntimeError(
            f"the Ray cluster at {address} was not joined: {reason[:300].rstrip('.')}. A node of it must run on this "
            f"machine (`ray start --address={address}`), with the same versions of Ray and Python. Where it asks for a "
            f"token, RAY_AUTH_MODE=token and RAY_AUTH_TOKEN_PATH must be set here too, before Ray is imported."
        ) from error


def _check_same(ray: Any, address: str | None) -> None:
    if address is None:
        return
    there = str(ray.get_runtime_context().gcs_address)
    host, _, port = address.rpartition(":")
    if there not in (address, f"{_meant(ray, host)}:{port}"):
        raise RuntimeError(
            f"`execution.address` is {address}, but this process is connected to the Ray cluster at {there}; call "
            f"`ray.shutdown()` first, or leave the address out."
        )


def _meant(ray: Any, host: str) -> str:
    """Return the host that Ray asks for: it replaces the loopback by this machine's address."""
    return str(ray.util.get_node_ip_address()) if host in _LOOPBACK else host


def _answers(host: str, port: int) -> bool:
    """Whether something speaks HTTP/2 there. Ray itself tries for minutes, and cannot be interrupted meanwhile.

    Where Ray is told to use TLS, it is enough that something listens.
    """
    end = time.monotonic() + ANSWER_S
    try:
        with socket.create_connection((host.strip("[]"), port), timeout=ANSWER_S) as line:
            if os.environ.get("RAY_USE_TLS", "0").lower() in ("1", "true"):
                return True
            line.sendall(_HELLO)
            heard = b""
            while len(heard) < 4:
                line.settimeout(max(0.01, end - time.monotonic()))
                more = line.recv(64)
                if not more:
                    return False
                heard += more
            return heard[3] == _SETTINGS
    except OSError:
        return False
