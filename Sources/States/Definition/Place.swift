// Where in a definition something stands.

/// A place in AWS's location syntax (validation.md §1): `/States/C/Choices[0]/Next`. Names are not escaped.
struct Place: Sendable, Hashable {
    private let path: String

    private init(path: String) { self.path = path }

    static let root = Place(path: "")

    /// The location as diagnostics print it; the machine itself is `/`.
    var location: String { path.isEmpty ? "/" : path }

    func field(_ name: String) -> Place { Place(path: path + "/" + name) }

    func element(_ index: Int) -> Place { Place(path: "\(path)[\(index)]") }

    func state(_ name: String) -> Place { field("States").field(name) }
}
