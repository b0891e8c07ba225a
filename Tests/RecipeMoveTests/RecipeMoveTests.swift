// The recipe move on its own database, without the engine.

import Testing

@Suite("The recipe move")
struct RecipeMoveTests {}
