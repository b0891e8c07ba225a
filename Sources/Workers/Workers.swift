// The floor `Workers` of the tower.
