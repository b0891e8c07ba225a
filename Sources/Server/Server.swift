// The floor `Server` of the tower.
