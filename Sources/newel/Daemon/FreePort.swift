// Whether an address can be listened on.

import NIOCore
import NIOPosix

extension ListenAddress {
    var isFree: Bool {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        guard let channel = try? bootstrap.bind(host: host, port: port).wait() else { return false }
        try? channel.close().wait()
        return true
    }
}
