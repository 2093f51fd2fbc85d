"""What several drills need: volumes that can be harmed, faults, a site, writers that do it wrong."""
