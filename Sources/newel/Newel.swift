// The command line of Newel.

@main
struct Newel {
    static func main() {}
}
