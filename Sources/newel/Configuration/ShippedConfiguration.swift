// The configuration that comes with Newel, inside the program: config/ as it was when the program was built.

import Foundation

enum ShippedConfiguration {
    /// The files of config/ by their path below it. `Shipped` has a link to each, which SwiftPM embeds.
    static let files: [(path: String, bytes: [UInt8])] = [
        ("newel.yaml", PackageResources.newel_yaml),
        ("recipes.openapi.yaml", PackageResources.recipes_openapi_yaml),
        ("move-recipe.asl.json", PackageResources.move_recipe_asl_json),
        ("iam/ApiToSfn.json", PackageResources.ApiToSfn_json),
        ("iam/MoveRecipe.json", PackageResources.MoveRecipe_json),
    ]

    /// Writes the files into a new folder and returns the path of newel.yaml there.
    static func write(to folder: String) throws -> String {
        let root = URL(fileURLWithPath: folder)
        for (path, bytes) in files {
            let file = root.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: file)
        }
        return root.appendingPathComponent("newel.yaml").path
    }
}
