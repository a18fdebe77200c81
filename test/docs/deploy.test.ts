/**
 * What deploy/ says is what Decibel reads: each part of the compose file and of the chart would start with its variables.
 *
 * The chart's values are put together here as its template does; where helm is installed, what it renders is compared with that.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { readRover } from "../../schema/rover.ts";
import { readEnvironment, urlVariable, variableNames } from "../../subgraphs/platform/environment.ts";
import type { Environment, Variables } from "../../subgraphs/platform/environment.ts";
import { readRoles } from "../../subgraphs/platform/roles.ts";
import { HEADERS } from "../../subgraphs/platform/signing/signature.ts";
import { configurable } from "../../subgraphs/registry.ts";
import { programNamed } from "../support/programs.ts";
import { read, root } from "./documents.ts";

/** What an operator has set. */
const GIVEN: Variables = {
  SUBGRAPH_SECRET: "x".repeat(32),
  AUTH_JWT_SECRET: "y".repeat(32),
  DATABASE_URL: "postgres://decibel:secret@db.example/decibel",
  CACHE_URL: "rediss://cache.example",
  LEADS_WEBHOOK_URL: "https://crm.example/leads",
  LEADS_WEBHOOK_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
};
const SUBGRAPHS = configurable.subgraphs;
const ports = new Map(
  readRover(join(root, "rover.yaml")).subgraphs.map(({ name, routingUrl }) => [name, Number(new URL(routingUrl).port)]),
);
/** Variables that hold what nobody else may know. */
const CREDENTIALS = new Set([
  "SUBGRAPH_SECRET",
  "AUTH_JWT_SECRET",
  "DATABASE_URL",
  "CACHE_URL",
  "OPENTEXT_TENANT_ID",
  "OPENTEXT_CLIENT_ID",
  "OPENTEXT_CLIENT_SECRET",
  ...configurable.upstreams.flatMap(({ fields }) =>
    Object.values(fields).flatMap(({ variable, isCredential }) => (isCredential ? [variable] : [])),
  ),
]);

/** As the process would read them. Throws where it would not start, or has a variable that nobody reads. */
function environmentOf(args: readonly string[], variables: Variables): Environment {
  const known = variableNames(configurable);
  expect(Object.keys(variables).filter((name) => !known.includes(name))).toEqual([]);
  return readEnvironment(variables, configurable, readRoles(args, SUBGRAPHS));
}

describe("the image", () => {
  const dockerfile = read("deploy/Dockerfile");

  it("is built and started as the project's own scripts do, by a user who is not root", () => {
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read("package.json")));
    const [, started = ""] = /exec (.*)/.exec(scripts["start"] ?? "") ?? [];
    const [, entry = "[]"] = /^ENTRYPOINT (.*)$/m.exec(dockerfile) ?? [];
    expect(z.array(z.string()).parse(JSON.parse(entry)).join(" ")).toBe(started);
    // test/main/installation.test.ts runs what they leave.
    expect(dockerfile.match(/^RUN npm .*$/gm)).toEqual([
      "RUN npm ci --include=dev && npm run build",
      "RUN npm ci --omit=dev",
    ]);
    expect(dockerfile).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
    for (const part of ["gateway", "subgraph", "worker", "sandboxes", "signer"])
      expect(scripts[part]?.endsWith(`${started} ${part}`)).toBe(true);
  });

  it("is built without what is secret or of this machine", () => {
    const left = read(".dockerignore").split("\n");
    expect(left).toEqual(expect.arrayContaining([".env", ".git", "node_modules", "dist", ".data"]));
  });
});

describe("the compose file", () => {
  const Service = z.object({
    image: z.string(),
    command: z.array(z.string()).default([]),
    environment: z.record(z.string(), z.coerce.string()).default({}),
    read_only: z.boolean().default(false),
    cap_drop: z.array(z.string()).default([]),
    stop_grace_period: z.string().optional(),
    healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  });
  const text = read("deploy/compose.yaml")
    .replaceAll(/\$\{(\w+):\?\}/g, (_whole, name: string) => GIVEN[name] ?? "given")
    .replaceAll(/\$\{\w+:-(\w*)\}/g, "$1");
  const { services } = z
    .object({ services: z.record(z.string(), Service) })
    .parse(parse(text, { merge: true }) as unknown);
  const ours = Object.entries(services).filter(([, { image }]) => image === "decibel");

  it("has every part, each with what it needs", () => {
    expect(ours.map(([name]) => name).toSorted()).toEqual(["gateway", "sandboxes", "worker", ...SUBGRAPHS].toSorted());
    for (const [, { command, environment }] of ours)
      environmentOf(command, { ...environment, HOST: "0.0.0.0", DATA_DIR: "/data" });
  });

  it("probes each part where it listens, and routes to the ports of rover.yaml", () => {
    for (const [name, { command, environment, healthcheck }] of ours) {
      if (name === "sandboxes") continue;
      const { port, workerPort } = environmentOf(command, { ...environment, HOST: "0.0.0.0" });
      const expected = name === "gateway" ? port : name === "worker" ? workerPort : ports.get(name);
      expect(healthcheck?.test.join(" ")).toContain(`http://127.0.0.1:${expected}/ready`);
      for (const [subgraph, at] of ports)
        expect(environment[urlVariable(subgraph)]).toBe(`http://${subgraph}:${at}/graphql`);
    }
  });

  it("gives no part more rights than it needs, and the time to drain", () => {
    for (const [, service] of ours)
      expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"], stop_grace_period: "30s" });
  });
});

const Secret = z.strictObject({ name: z.string(), key: z.string() });
const Env = z.record(z.string(), z.coerce.string()).default({});
const Values = z.looseObject({
  env: Env,
  secrets: z.strictObject({
    shared: z.record(z.string(), Secret),
    gateway: z.record(z.string(), Secret),
    backend: z.record(z.string(), Secret),
  }),
  gateway: z.looseObject({ env: Env, port: z.int(), metricsPort: z.int() }),
  backend: z.strictObject({ env: Env }),
  subgraphs: z.record(z.string(), z.looseObject({ port: z.int() })),
  worker: z.looseObject({ port: z.int() }),
});

describe("the chart", () => {
  const values = Values.parse(parse(read("deploy/chart/values.yaml")));
  const { env, secrets, gateway, backend, subgraphs, worker } = values;
  const urls = Object.fromEntries(
    Object.entries(subgraphs).map(([name, { port }]) => [urlVariable(name), `http://decibel-${name}:${port}/graphql`]),
  );
  const secretsOf = (...rooms: readonly (keyof typeof secrets)[]): Variables =>
    Object.fromEntries(
      rooms.flatMap((room) => Object.keys(secrets[room])).map((name) => [name, GIVEN[name] ?? "secret"]),
    );
  const ofBackend = { ...env, ...backend.env, ...urls, ...secretsOf("shared", "backend") };
  const ofGateway = {
    PORT: String(gateway.port),
    METRICS_PORT: String(gateway.metricsPort),
    METRICS_HOST: "0.0.0.0",
  };
  /** Name → its arguments and variables. */
  const parts = new Map<string, readonly [args: readonly string[], variables: Variables]>([
    ["gateway", [["gateway"], { ...env, ...gateway.env, ...urls, ...secretsOf("shared", "gateway"), ...ofGateway }]],
    ...Object.entries(subgraphs).map(
      ([name, { port }]) =>
        [name, [["subgraph", name], { ...ofBackend, [`${name.toUpperCase()}_PORT`]: String(port) }]] as const,
    ),
    ["worker", [["worker"], { ...ofBackend, WORKER_PORT: String(worker.port) }]],
  ]);

  it("has every part, each with what production needs of it", () => {
    expect([...parts.keys()].toSorted()).toEqual(["gateway", "worker", ...SUBGRAPHS].toSorted());
    for (const [args, variables] of parts.values())
      expect(environmentOf(args, variables)).toMatchObject({ production: true, host: "0.0.0.0" });
    expect(new Map(Object.entries(subgraphs).map(([name, { port }]) => [name, port]))).toEqual(ports);
  });

  it("has secrets by reference alone, and gives a gateway none of an upstream", () => {
    const plain = [env, gateway.env, backend.env].flatMap((one) => Object.keys(one));
    expect(plain.filter((name) => CREDENTIALS.has(name))).toEqual([]);
    const given = Object.keys({ ...secrets.shared, ...secrets.gateway, ...secrets.backend });
    expect(given.filter((name) => !CREDENTIALS.has(name))).toEqual([]);
    const upstreams = Object.keys(secrets.backend);
    expect(Object.keys(parts.get("gateway")?.[1] ?? {}).filter((name) => upstreams.includes(name))).toEqual([]);
  });

  const helm = programNamed("helm");
  // oxlint-disable-next-line no-console -- a skipped test must be visible
  if (helm === undefined) console.warn("SKIPPED: what helm renders of the chart, because helm is not installed");
  describe.runIf(helm !== undefined)("as helm renders it", () => {
    const render = (...more: readonly string[]): readonly Rendered[] => {
      const args = ["template", "decibel", join(root, "deploy/chart"), "--kube-version", "1.31.0", ...more];
      const text = execFileSync(helm ?? "", args, { encoding: "utf8" });
      return parseAllDocuments(text).map((one) => Rendered.parse(one.toJS()));
    };
    const of = (rendered: readonly Rendered[], kind: string) =>
      new Map(rendered.filter((one) => one.kind === kind).map((one) => [one.metadata.name, one]));

    it("has no complaint of its linter", () => {
      expect(execFileSync(helm ?? "", ["lint", join(root, "deploy/chart")], { encoding: "utf8" })).toContain(
        "0 chart(s) failed",
      );
    });

    it("runs each part with these variables, probes, limits, and no rights", () => {
      const deployments = of(render(), "Deployment");
      expect(deployments.size).toBe(parts.size);
      for (const [name, [args, variables]] of parts) {
        const pod = deployments.get(`decibel-${name}`)?.spec?.template?.spec;
        const [container] = pod?.containers ?? [];
        const rendered = container?.env.map((one) => [one.name, one.value ?? variables[one.name]] as const) ?? [];
        expect(container?.args).toEqual(args);
        expect(Object.fromEntries(rendered)).toEqual(variables);
        expect(pod).toMatchObject({ securityContext: { runAsNonRoot: true }, automountServiceAccountToken: false });
        expect(container).toMatchObject({
          livenessProbe: { httpGet: { path: "/health" } },
          readinessProbe: { httpGet: { path: "/ready" } },
          resources: { limits: { memory: expect.any(String) } },
          securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
        });
      }
    });

    it("has a service, a disruption budget and a network policy for each part, and scales those that may grow", () => {
      const rendered = render();
      for (const kind of ["Service", "PodDisruptionBudget", "NetworkPolicy"])
        expect([...of(rendered, kind).keys()].toSorted()).toEqual(
          [...parts.keys()].map((name) => `decibel-${name}`).toSorted(),
        );
      expect(of(rendered, "HorizontalPodAutoscaler").size).toBe(parts.size - 1);
      expect(of(render("--set", "networkPolicy.enabled=false"), "NetworkPolicy").size).toBe(0);
    });

    it("mounts a supergraph that the gateway reads anew", () => {
      const rendered = render("--set", "gateway.supergraphConfigMap=graph");
      const [container] = of(rendered, "Deployment").get("decibel-gateway")?.spec?.template?.spec.containers ?? [];
      expect(container).toMatchObject({ volumeMounts: [{ mountPath: "/supergraph" }] });
      const variables = Object.fromEntries((container?.env ?? []).map((one) => [one.name, one.value]));
      expect(variables).toMatchObject({
        SUPERGRAPH_FILE: "/supergraph/supergraph.graphql",
        PARTNER_SUPERGRAPH_FILE: "/supergraph/partner.graphql",
      });
    });
  });
});

describe("the configurations of other routers", () => {
  const urls = Object.fromEntries(SUBGRAPHS.map((name) => [name, `http://127.0.0.1:4020/${name}`]));
  const yaml = (file: string): unknown => parse(read(`deploy/routers/${file}`));

  it("ask each subgraph through the proxy that signs, at its port", () => {
    expect(readEnvironment({}, configurable).signerPort).toBe(4020);
    expect(yaml("apollo-router.yaml")).toMatchObject({ override_subgraph_url: urls });
    const Hive = z.looseObject({
      override_subgraph_urls: z.object({ subgraphs: z.record(z.string(), z.object({ url: z.string() })) }),
    });
    const { override_subgraph_urls: hive } = Hive.parse(yaml("hive-router.yaml"));
    expect(Object.fromEntries(Object.entries(hive.subgraphs).map(([name, { url }]) => [name, url]))).toEqual(urls);
    const rover = readRover(join(root, "rover.yaml"));
    expect(yaml("cosmo-graph.yaml")).toMatchObject({
      subgraphs: rover.subgraphs.map(({ name, file }) => ({
        name,
        routing_url: urls[name],
        schema: { file: `../../${file}` },
      })),
    });
  });

  it.each(["apollo-router.yaml", "hive-router.yaml", "cosmo.yaml"])("%s hands on who the client is", (file) => {
    const text = read(`deploy/routers/${file}`).toLowerCase();
    for (const header of ["authorization", "x-api-key", "x-request-id"]) expect(text).toContain(header);
  });

  it("explain what is signed as it is signed", () => {
    const text = read("deploy/routers/README.md");
    for (const header of Object.values(HEADERS)) expect(text).toContain(`\`${header}\``);
  });
});

const Container = z.looseObject({
  args: z.array(z.string()),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })),
});
const Rendered = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
  spec: z
    .looseObject({
      template: z.looseObject({ spec: z.looseObject({ containers: z.array(Container) }) }).optional(),
    })
    .optional(),
});
type Rendered = z.infer<typeof Rendered>;
