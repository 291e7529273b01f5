"""Plans, one file each: frozen objects that decide from measured results what is trained next, and for how long."""
