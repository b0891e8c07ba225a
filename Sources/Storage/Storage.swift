// The floor `Storage` of the tower.
