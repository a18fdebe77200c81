/** A TCP proxy that a test leads to another server, as a failover does, or that it cuts. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

export interface Switch {
  readonly port: number;
  /** Later connections lead there; those that are open stay. */
  to(port: number): void;
  /** Ends the connections that are open. */
  cut(): void;
  openConnections(): number;
  close(): Promise<void>;
}

export async function openSwitch(first: number): Promise<Switch> {
  let target = first;
  const near = new Set<Socket>();
  const server = createServer((socket) => {
    const far = connect(target, "127.0.0.1");
    near.add(socket);
    socket.pipe(far).pipe(socket);
    socket
      .on("error", () => far.destroy())
      .on("close", () => {
        near.delete(socket);
        far.destroy();
      });
    far.on("error", () => socket.destroy()).on("close", () => socket.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = (): void => {
    for (const socket of near) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    to: (port) => void (target = port),
    cut,
    openConnections: () => near.size,
    close: async () => {
      server.close();
      cut();
      await once(server, "close");
    },
  };
}
