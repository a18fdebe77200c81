/**
 * How does a process let go of what runs in it?
 *
 * From the top down, one part after the other: nothing loses what it needs before it has answered. What one part does
 * wrong at its end keeps no other from its own.
 */
import type { Logger } from "pino";

export interface Component {
  close(): Promise<unknown>;
}

export interface Lifecycle {
  /** Gives the part back, to be closed before all that run already. */
  readonly runs: <P extends Component>(part: P) => P;
  /** Rejects where a part did not stop, after all others have; each is logged. */
  readonly stop: () => Promise<void>;
}

export function createLifecycle(log: Logger): Lifecycle {
  const running: Component[] = [];
  return {
    runs(part) {
      running.push(part);
      return part;
    },
    async stop() {
      const errors: unknown[] = [];
      for (const part of running.splice(0).toReversed()) {
        try {
          await part.close();
        } catch (error) {
          log.error({ err: error }, "a part did not stop");
          errors.push(error);
        }
      }
      if (errors.length > 0)
        throw new AggregateError(errors, `Cannot stop everything: parts that failed: ${errors.length}`);
    },
  };
}
