/** What does the gateway say that an operation took? Its extension `explain`, as docs/gateway.md describes it. */

export type PlanNode = Steps | Flatten | PlannedFetch | Defer;

export interface Steps {
  readonly kind: "Sequence" | "Parallel";
  readonly nodes: readonly PlanNode[];
}

export interface Flatten {
  readonly kind: "Flatten";
  readonly paths: readonly string[];
  readonly node: PlannedFetch;
}

export interface PlannedFetch {
  readonly kind: "Fetch";
  readonly id: number;
  readonly subgraph: string;
  readonly operation: string;
  readonly requires?: string;
}

export interface Defer {
  readonly kind: "Defer";
  readonly primary: PlanNode;
  readonly deferred: readonly { readonly label: string | null; readonly type: string; readonly node: PlanNode }[];
}

export interface Call {
  readonly id: number | null;
  readonly subgraph: string;
  readonly paths: readonly string[];
  readonly entities: number;
  readonly startedMs: number;
  readonly ms: number;
  readonly errors: number;
  readonly code?: string;
}

export const WAYS = ["called", "equivalent", "joined", "cached", "local", "stale"] as const;

export type Way = (typeof WAYS)[number];

export type Counts = Readonly<Record<Way | "asked" | "failed" | "batches" | "calls" | "ms", number>>;

export interface ModelWave extends Counts {
  readonly model: string;
}

export interface Explain {
  readonly ms: number;
  /** null where the engine has none. */
  readonly plan: PlanNode | null;
  readonly fetches: readonly Call[];
  readonly decisions: readonly ModelWave[];
  readonly openTextCalls: number;
}

/** A row of the plan, as people read it from top to bottom. */
export interface Step {
  readonly key: string;
  readonly depth: number;
  /** Of what is below it; undefined for a fetch. */
  readonly title?: string;
  readonly fetch?: Pick<PlannedFetch, "id" | "subgraph"> &
    Partial<PlannedFetch> & { readonly paths: readonly string[] };
  readonly calls: readonly Call[];
}

/** Where there is no plan: the calls alone. */
export function stepsOf({ plan, fetches }: Pick<Explain, "plan" | "fetches">): readonly Step[] {
  if (!plan)
    return fetches.map((call, index) => ({
      key: String(index),
      depth: 0,
      fetch: { id: index + 1, subgraph: call.subgraph, paths: call.paths },
      calls: [call],
    }));
  const steps: Step[] = [];
  add(plan, 0);
  return steps;

  function add(node: PlanNode, depth: number, paths: readonly string[] = []): void {
    switch (node.kind) {
      case "Fetch":
        steps.push({
          key: `fetch ${node.id}`,
          depth,
          fetch: { ...node, paths },
          calls: fetches.filter(({ id }) => id === node.id),
        });
        return;
      case "Flatten":
        add(node.node, depth, node.paths);
        return;
      case "Defer":
        add(node.primary, depth);
        for (const { label, type, node: below } of node.deferred) {
          group(label === null ? `Later, of ${type}` : `Later, ${label} of ${type}`, depth);
          add(below, depth + 1);
        }
        return;
      case "Sequence":
      case "Parallel":
        if (node.nodes.length === 0) return;
        group(node.kind === "Sequence" ? "One after the other" : "At once", depth);
        for (const one of node.nodes) add(one, depth + 1);
    }
  }

  function group(title: string, depth: number): void {
    steps.push({ key: `group ${steps.length}`, depth, title, calls: [] });
  }
}

/** Of all models; the slowest batch is that of one of them. */
export function totalOf(decisions: readonly ModelWave[]): ModelWave {
  const sum = (name: keyof Counts): number => decisions.reduce((before, counts) => before + counts[name], 0);
  return {
    model: "all models",
    asked: sum("asked"),
    called: sum("called"),
    equivalent: sum("equivalent"),
    joined: sum("joined"),
    cached: sum("cached"),
    local: sum("local"),
    stale: sum("stale"),
    failed: sum("failed"),
    batches: sum("batches"),
    calls: sum("calls"),
    ms: Math.max(0, ...decisions.map(({ ms }) => ms)),
  };
}
