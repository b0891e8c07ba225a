// The floor `Expressions` of the tower.
