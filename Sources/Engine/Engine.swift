// The floor `Engine` of the tower.
