import Testing

@Suite("The rules of the house")
struct TidyTests {}
