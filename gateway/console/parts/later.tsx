/** How is a part shown that few people open? It is loaded when it is opened, and kept from then on. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Failure, Skeleton } from "./states.tsx";

const loaded = new Map<() => Promise<ComponentType>, ComponentType>();

/** `load` must be the same function each time. */
export function Later({ load }: { readonly load: () => Promise<ComponentType> }) {
  const [Part, show] = useState(() => loaded.get(load));
  const [problem, setProblem] = useState<string>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const read = async (): Promise<void> => {
      try {
        const part = await load();
        loaded.set(load, part);
        show(() => part);
      } catch (error) {
        setProblem(error instanceof Error ? error.message : String(error));
      }
    };
    void read();
  }, [load, turn]);
  if (Part) return <Part />;
  if (problem === undefined) return <Skeleton lines={10} height="38px" />;
  const again = (): void => {
    setProblem(undefined);
    setTurn(turn + 1);
  };
  return <Failure errors={[{ code: "UNREACHABLE", message: problem, path: [], details: [] }]} again={again} />;
}
