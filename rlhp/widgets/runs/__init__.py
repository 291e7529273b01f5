"""Any runs: filtered, grouped, and with the curves of several choices over each other."""
