"""What trains the runs of a session: here, in processes, or compiled; `worker` is what a process of them runs."""
