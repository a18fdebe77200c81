/** Which error does an operator get if a server cannot listen? One that names the server, its port and the variable to set. */

/** Rejects with an Error that names the server, and a port that is taken or needs privileges. */
export async function listening<T>(
  name: string,
  port: number,
  variable: string,
  listen: () => Promise<T>,
  hostVariable = "HOST",
): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
    if (error.code === "EADDRINUSE") {
      throw new Error(`Cannot start ${name}: port ${port} is taken; set ${variable} to another one`, { cause: error });
    }
    if (error.code === "EACCES") {
      throw new Error(`Cannot start ${name}: port ${port} needs privileges; set ${variable} to another one`, {
        cause: error,
      });
    }
    if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND") {
      throw new Error(`Cannot start ${name}: this machine has no such address; set ${hostVariable} to one of its own`, {
        cause: error,
      });
    }
    throw new Error(`Cannot start ${name}: ${error.message}`, { cause: error });
  }
}
