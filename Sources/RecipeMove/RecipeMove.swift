// The floor `RecipeMove` of the tower.
