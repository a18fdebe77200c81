/**
 * How is a function of many inputs kept so small that every question about it has an exact answer?
 *
 * As a reduced ordered decision diagram: a graph whose nodes each ask for the class of one level, whose edges lead to nodes of
 * later levels, and whose ends are values. Nodes that would ask in vain and nodes that are equal are kept once, so two functions
 * are equal exactly if they are the same node, and a question about all cells is a walk over the nodes.
 *
 * The literature:
 * - R. E. Bryant, "Graph-Based Algorithms for Boolean Function Manipulation", IEEE Trans. Computers 35(8), 1986: reduction,
 *   the combination of two diagrams with remembered results, and that the form is canonical.
 * - T. Kam, T. Villa, R. Brayton, A. Sangiovanni-Vincentelli, "Multi-Valued Decision Diagrams: Theory and Applications",
 *   Multiple-Valued Logic 4, 1998: levels of more than two classes.
 * - R. I. Bahar et al., "Algebraic Decision Diagrams and Their Applications", ICCAD 1993: ends of more than two values.
 * - K. Fisler, S. Krishnamurthi, L. Meyerovich, M. Tschantz, "Verification and Change-Impact Analysis of Access-Control
 *   Policies", ICSE 2005: the difference of two policies as a diagram whose ends are pairs of decisions.
 * - D. Calvanese et al., "Semantics and Analysis of DMN Decision Tables", BPM 2016: rules as boxes in the space of the inputs;
 *   gaps and overlaps as geometry. Diagrams answer the same questions of many inputs, where boxes become too many.
 * - A. Shih, A. Choi, A. Darwiche, "A Symbolic Approach to Explaining Bayesian Network Classifiers", IJCAI 2018, and
 *   A. Darwiche, A. Hirth, "On the Reasons Behind Decisions", ECAI 2020: explanations as walks over a diagram (nearest.ts).
 *
 * The price: in the worst case a diagram is exponential in its levels. So nodes, edges and steps are counted, and what exceeds
 * them is refused by a TooLargeError, never tried for hours.
 */

/** A node is a whole number from 0; the end with the value v is -1 - v. */
export type Node = number;

/** Makes the value of an end of two ends' values. */
export interface Operation {
  (left: number, right: number): number;
  /** What two nodes give without a look at their children, where that is known. */
  readonly shortcut?: (left: Node, right: Node) => Node | undefined;
}

export interface Diagrams {
  /** The number of classes at each level. */
  readonly arities: readonly number[];
  /** The node at a level with a child for each of its classes, all of later levels. */
  choice(level: number, children: readonly Node[]): Node;
  combine(left: Node, right: Node, operation: Operation): Node;
  /** Combines what the classes of these levels give, so that the levels no longer matter. */
  merge(node: Node, isMerged: (level: number) => boolean, operation: Operation): Node;
  /** The values that some cell gives, in ascending order. */
  values(node: Node): readonly number[];
  /** What a cell gives: the class at each level. */
  valueAt(node: Node, cell: readonly number[]): number;
  /** How many cells give the value. */
  count(node: Node, value: number): bigint;
  /** The level of a node; that of an end is behind all others. */
  levelOf(node: Node): number;
  child(node: Node, index: number): Node;
  /** The levels that a node and those below it ask for. */
  levelsIn(node: Node): ReadonlySet<number>;
  /** How many nodes there are below one, itself included. */
  size(node: Node): number;
  /** How many nodes were ever made, and how many pairs of nodes were combined. */
  readonly made: { readonly nodes: number; readonly steps: number };
}

export interface DiagramLimits {
  readonly nodes: number;
  readonly edges: number;
  readonly steps: number;
}

/** About 60 MB and a second; the largest of our tables takes a tenth. */
export const LIMITS: DiagramLimits = { nodes: 100_000, edges: 1_300_000, steps: 500_000 };

export class TooLargeError extends RangeError {
  override readonly name = "TooLargeError";
}

export function end(value: number): Node {
  return -1 - value;
}

export function valueOf(node: Node): number {
  return -1 - node;
}

export function isEnd(node: Node): boolean {
  return node < 0;
}

/** `name` is what an error says of whose diagrams they are. */
export function createDiagrams(arities: readonly number[], name: string, limits: DiagramLimits = LIMITS): Diagrams {
  const cellsFrom = suffixProducts(arities);
  // A walk goes as deep as there are levels.
  if (arities.length > MAX_LEVELS) throw tooLarge(MAX_LEVELS, "levels");
  const levels: number[] = [];
  const starts: number[] = [];
  const edges: number[] = [];
  const made = { nodes: 0, steps: 0 };
  let table = new Int32Array(1 << 12).fill(-1);
  const results = new Map<Operation, Map<number, Node>>();

  const levelOf = (node: Node): number => (isEnd(node) ? arities.length : (levels[node] ?? 0));
  const child = (node: Node, index: number): Node => edges[(starts[node] ?? 0) + index] ?? 0;
  const arityOf = (level: number): number => arities[level] ?? 0;

  function tooLarge(most: number, what: string): TooLargeError {
    const size = `${arities.length} levels and ${String(cellsFrom[0])} cells`;
    return new TooLargeError(`Cannot analyse ${name}: it has ${size}, and its diagrams take more than ${most} ${what}`);
  }

  function choice(level: number, children: readonly Node[]): Node {
    const [first = 0] = children;
    if (children.every((each) => each === first)) return first;
    if (2 * made.nodes >= table.length) table = rehashed(2 * table.length);
    let slot = hashOf(level, children) & (table.length - 1);
    for (;;) {
      const found = table[slot] ?? -1;
      if (found < 0) break;
      if (levels[found] === level && children.every((each, index) => each === child(found, index))) return found;
      slot = (slot + 1) & (table.length - 1);
    }
    if (made.nodes >= limits.nodes) throw tooLarge(limits.nodes, "nodes");
    if (edges.length + children.length > limits.edges) throw tooLarge(limits.edges, "edges");
    const node = made.nodes++;
    levels.push(level);
    starts.push(edges.length);
    for (const each of children) edges.push(each);
    table[slot] = node;
    return node;
  }

  function rehashed(size: number): Int32Array<ArrayBuffer> {
    const larger = new Int32Array(size).fill(-1);
    for (let node = 0; node < made.nodes; node++) {
      const level = levels[node] ?? 0;
      const children = Array.from({ length: arityOf(level) }, (_, index) => child(node, index));
      let slot = hashOf(level, children) & (size - 1);
      while ((larger[slot] ?? -1) >= 0) slot = (slot + 1) & (size - 1);
      larger[slot] = node;
    }
    return larger;
  }

  function combine(left: Node, right: Node, operation: Operation): Node {
    const known = results.get(operation) ?? new Map<number, Node>();
    results.set(operation, known);
    const walk = (one: Node, other: Node): Node => {
      const short = operation.shortcut?.(one, other);
      if (short !== undefined) return short;
      if (isEnd(one) && isEnd(other)) return end(operation(valueOf(one), valueOf(other)));
      const key = (one + ENDS) * KEYS + (other + ENDS);
      const before = known.get(key);
      if (before !== undefined) return before;
      if (++made.steps > limits.steps) throw tooLarge(limits.steps, "steps");
      const level = Math.min(levelOf(one), levelOf(other));
      const [isOne, isOther] = [levelOf(one) === level, levelOf(other) === level];
      const children: Node[] = [];
      for (let index = 0; index < arityOf(level); index++) {
        children.push(walk(isOne ? child(one, index) : one, isOther ? child(other, index) : other));
      }
      const node = choice(level, children);
      known.set(key, node);
      return node;
    };
    return walk(left, right);
  }

  function merge(root: Node, isMerged: (level: number) => boolean, operation: Operation): Node {
    const known = new Map<Node, Node>();
    const walk = (node: Node): Node => {
      if (isEnd(node)) return node;
      const before = known.get(node);
      if (before !== undefined) return before;
      const level = levelOf(node);
      const children = Array.from({ length: arityOf(level) }, (_, index) => walk(child(node, index)));
      const merged = isMerged(level)
        ? children.reduce((one, other) => combine(one, other, operation))
        : choice(level, children);
      known.set(node, merged);
      return merged;
    };
    return walk(root);
  }

  function visit(root: Node): readonly Node[] {
    const seen = new Set([root]);
    for (const node of seen) {
      if (!isEnd(node)) for (let index = 0; index < arityOf(levelOf(node)); index++) seen.add(child(node, index));
    }
    return [...seen];
  }

  function inner(root: Node): readonly Node[] {
    return visit(root).filter((node) => !isEnd(node));
  }

  function count(root: Node, value: number): bigint {
    const known = new Map<Node, bigint>();
    /** The cells of the levels from the node's own on. */
    const cellsOf = (node: Node): bigint => {
      if (isEnd(node)) return valueOf(node) === value ? 1n : 0n;
      const before = known.get(node);
      if (before !== undefined) return before;
      const level = levelOf(node);
      let cells = 0n;
      for (let index = 0; index < arityOf(level); index++) {
        const next = child(node, index);
        cells += cellsOf(next) * between(level + 1, levelOf(next));
      }
      known.set(node, cells);
      return cells;
    };
    return cellsOf(root) * between(0, levelOf(root));
  }

  /** The cells of the levels from one to before another. */
  function between(from: number, to: number): bigint {
    return (cellsFrom[from] ?? 1n) / (cellsFrom[to] ?? 1n);
  }

  function valueAt(root: Node, cell: readonly number[]): number {
    let node = root;
    while (!isEnd(node)) node = child(node, cell[levelOf(node)] ?? 0);
    return valueOf(node);
  }

  return {
    arities,
    choice,
    combine,
    merge,
    values: (node) =>
      visit(node)
        .filter(isEnd)
        .map(valueOf)
        .toSorted((one, other) => one - other),
    valueAt,
    count,
    levelOf,
    child,
    levelsIn: (node) => new Set(inner(node).map(levelOf)),
    size: (node) => inner(node).length,
    made,
  };
}

const MAX_LEVELS = 2_000;
/** Values of ends are below this, and nodes too. */
const ENDS = 2 ** 25;
const KEYS = 2 ** 26;

function suffixProducts(arities: readonly number[]): readonly bigint[] {
  const products = [1n];
  for (const arity of arities.toReversed()) products.push((products.at(-1) ?? 1n) * BigInt(arity));
  return products.toReversed();
}

function hashOf(level: number, children: readonly Node[]): number {
  let mixed = Math.imul(level + 1, 0x9e3779b1);
  for (const each of children) mixed = Math.imul(mixed ^ each ^ (mixed >>> 15), 0x85ebca6b);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}
