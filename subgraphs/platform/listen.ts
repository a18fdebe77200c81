/** What does an operator read whose port is taken? Which port, whose it is, and what to set. */

/** Rejects with an Error that names what cannot start, and the port where it is the port's fault. */
export async function listening<T>(name: string, port: number, variable: string, listen: () => Promise<T>): Promise<T> {
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
    throw new Error(`Cannot start ${name}: ${error.message}`, { cause: error });
  }
}
