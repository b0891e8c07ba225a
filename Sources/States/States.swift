// The floor `States` of the tower.
