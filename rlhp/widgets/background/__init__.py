"""What explorers do in threads: train, compile ahead, fit ahead, keep time. It touches no widget: tests see to that."""
