/**
 * How does a process stop its components?
 *
 * In the reverse order of their start, one after the other: a component is still there while those above it finish. A
 * failure to stop does not keep the others from stopping.
 */
import type { Logger } from "pino";

export interface Component {
  close(): Promise<unknown>;
}

export interface Lifecycle {
  /** Takes over a component, to be closed before all that were taken over earlier; gives it back. */
  readonly own: <C extends Component>(component: C) => C;
  /** Closes all components. Rejects afterwards if any of them failed; each failure is logged. */
  readonly stop: () => Promise<void>;
}

export function createLifecycle(log: Logger): Lifecycle {
  const components: Component[] = [];
  return {
    own(component) {
      components.push(component);
      return component;
    },
    async stop() {
      const errors: unknown[] = [];
      for (const component of components.splice(0).toReversed()) {
        try {
          await component.close();
        } catch (error) {
          log.error({ err: error }, "shutdown of a component failed");
          errors.push(error);
        }
      }
      if (errors.length > 0) throw new AggregateError(errors, `Cannot stop: components that failed: ${errors.length}`);
    },
  };
}
