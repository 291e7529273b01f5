"""Start the two nodes of a Ray cluster that listens on the loopback alone: ``python ray_nodes.py FOLDER``.

It does what `ray start --head` and `ray start --address` do, for a third of their processor's time: Ray is imported
once, and nothing runs that a test does not need. Each node is a session of the system's own, with all its workers, so
that one of them can be killed as a machine is lost. A line of JSON says where each one is. All end when standard input
does, as it does when whoever asked for them is gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import time


def main(folder: str) -> None:
    import ray  # noqa: F401, before the fork
    from ray._private.node import Node
    from ray._private.parameter import RayParams

    port, *others = free_ports(9)
    for number in range(2):
        if os.fork():
            continue
        os.setsid()
        # Where ports are not given, a node waits for its helpers to choose them, and gives up after 15 seconds.
        helpers = ("metrics_agent_port", "dashboard_agent_listen_port", "metrics_export_port", "runtime_env_agent_port")
        options = dict(zip(helpers, others[4 * number :], strict=False))
        if number == 0:
            options |= {"gcs_server_port": port, "include_dashboard": False, "no_monitor": True}
        else:
            wait_for(port)
            options |= {"gcs_address": f"127.0.0.1:{port}"}
        given = RayParams(
            node_ip_address="127.0.0.1",
            num_cpus=1,
            num_gpus=0,
            object_store_memory=80_000_000,
            include_log_monitor=False,
            min_worker_port=0,
            max_worker_port=0,
            temp_dir=folder,
            **options,
        )
        try:
            Node(given, head=number == 0, shutdown_at_exit=False, spawn_reaper=False)
            told = {"number": number, "session": os.getsid(0), "address": f"127.0.0.1:{port}"}
            print(json.dumps(told), flush=True)
            sys.stdin.read()
        finally:
            os.killpg(0, signal.SIGKILL)
    sys.stdout.close()
    sys.stdin.read()


def free_ports(n: int) -> list[int]:
    with contextlib.ExitStack() as open_ones:
        sockets = [open_ones.enter_context(socket.socket()) for _ in range(n)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def wait_for(port: int, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise TimeoutError(f"the head does not listen on port {port}")


if __name__ == "__main__":
    main(sys.argv[1])
