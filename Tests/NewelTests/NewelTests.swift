// The command line, from outside.

import Testing

@Suite("Newel")
struct NewelTests {}
