// The floor `Identity` of the tower.
