"""The measured tables stand in the site as they stand in benchmarks/."""

from __future__ import annotations

from docs.extensions.brought import bring


def test_tables_and_pictures_are_copied_and_what_went_is_removed(tmp_path) -> None:
    measured, to = tmp_path / "benchmarks", tmp_path / "docs"
    measured.mkdir()
    (measured / "README.md").write_text("# Benchmarks\n\n[speed](speed.md)\n")
    (measured / "speed.md").write_text("# Speed\n")
    (measured / "speed.py").write_text("")
    (measured / "parity.png").write_bytes(b"picture")
    to.mkdir()
    (to / "old.md").write_text("# Gone\n")
    assert [path.name for path in bring(measured, to)] == ["index.md", "parity.png", "speed.md"]
    assert sorted(path.name for path in to.iterdir()) == ["index.md", "parity.png", "speed.md"]
    assert (to / "index.md").read_text().startswith("# Benchmarks\n\n[speed](speed.md)\n\n```{toctree}\n")


def test_what_did_not_change_is_left_alone(tmp_path) -> None:
    measured, to = tmp_path / "benchmarks", tmp_path / "docs"
    measured.mkdir()
    (measured / "speed.md").write_text("# Speed\n")
    bring(measured, to)
    before = (to / "speed.md").stat().st_mtime_ns
    bring(measured, to)
    assert (to / "speed.md").stat().st_mtime_ns == before
