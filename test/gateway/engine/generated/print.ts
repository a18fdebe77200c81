/** What is the schema of a subgraph of a generated federation, as SDL? */
import type { ArgumentModel, FieldModel, InterfaceModel, Model, ObjectModel } from "./model.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key", "@requires", "@external", "@inaccessible", "@shareable", "@provides", "@override", "@interfaceObject"])`;

export function printSubgraph(model: Model, subgraph: string): string {
  const directive = (text: string, isMeant = true): string => (isMeant ? ` ${text}` : "");
  const parts = [
    ...model.enums.map(({ name, values }) => `enum ${name} { ${values.join(" ")} }`),
    ...model.inputs.map(({ name, fields, extraIn }) => {
      const extra = extraIn === subgraph ? ["extraOfOne: Int"] : [];
      return `input ${name} { ${[...fields.map(printArgument), ...extra].join(" ")} }`;
    }),
    ...model.objects.flatMap(printObject),
    ...model.interfaces.flatMap(printInterface),
    ...model.unions.flatMap(({ name, members }) => {
      const own = members.get(subgraph);
      return own ? [`union ${name} = ${own.join(" | ")}`] : [];
    }),
  ];
  return [LINK, ...parts].join("\n");

  function printObject(object: ObjectModel): readonly string[] {
    if (object.kind === "root") {
      const fields = object.fields.flatMap((field) => printField(field, false));
      return fields.length > 0 ? [`type ${object.name} { ${fields.join(" ")} }`] : [];
    }
    const stub = object.stubs.get(subgraph);
    const keys = object.keys.get(subgraph) ?? (stub === undefined ? [] : [stub]);
    const isOwn = object.subgraphs.includes(subgraph);
    if (!isOwn && stub === undefined) return [];
    const own = object.keyFields.filter(({ name }) => keys.some((key) => topFields(key).includes(name)));
    const nested = own.find(({ role }) => role === "nested");
    const fields = [
      ...own.map(({ name, type }) => `${name}: ${type}`),
      ...object.fields.flatMap((field) => printField(field, object.kind === "value")),
    ];
    const interfaces = object.interfaces.filter((name) =>
      model.interfaces.some((one) => one.name === name && one.subgraphs.includes(subgraph)),
    );
    const head = `type ${object.name}${interfaces.length > 0 ? ` implements ${interfaces.join(" & ")}` : ""}`;
    const on = keys.map((key) => directive(`@key(fields: "${key}"${isOwn ? "" : ", resolvable: false"})`)).join("");
    const shared = directive("@shareable");
    return [
      `${head}${on} { ${fields.join(" ")} }`,
      ...(nested
        ? [
            `type ${object.name}Ref${shared} { code: ID! zone: Int! deep: ${object.name}Deep! }`,
            `type ${object.name}Deep${shared} { code: ID! }`,
          ]
        : []),
    ];
  }

  function printInterface({ name, subgraphs, fields, key, object }: InterfaceModel): readonly string[] {
    const on = key ? directive(`@key(fields: "${key.name}")`) : "";
    const id = key ? [`${key.name}: ${key.type}`] : [];
    if (object?.subgraph === subgraph) {
      const added = object.fields.flatMap((field) => printField(field, false));
      return [`type ${name}${on}${directive("@interfaceObject")} { ${[...id, ...added].join(" ")} }`];
    }
    if (!subgraphs.includes(subgraph)) return [];
    const own = fields.filter(({ owners }) => owners.includes(subgraph));
    const printed = [...id, ...own.map(printPlain)];
    return [`interface ${name}${object ? on : ""} { ${printed.join(" ")} }`];
  }

  function printField(field: FieldModel, isValue: boolean): readonly string[] {
    const { owners, override, requires, provides, isShareable, isInaccessible, externalIn, providedIn } = field;
    const plain = printPlain(field);
    const hidden = directive("@inaccessible", isInaccessible);
    if (override === subgraph) return [`${plain}${hidden}`];
    if (!owners.includes(subgraph)) {
      return externalIn.has(subgraph) || providedIn.has(subgraph) ? [`${plain}${directive("@external")}`] : [];
    }
    const on = [
      directive("@shareable", isShareable || isValue),
      directive(`@requires(fields: ${JSON.stringify(requires?.fields)})`, requires !== undefined),
      directive(`@provides(fields: "${provides}")`, provides !== undefined),
      directive(`@override(from: "${override}")`, override !== undefined),
    ];
    return [`${plain}${on.join("")}${hidden}`];
  }
}

function printPlain({ name, type, args }: FieldModel): string {
  return `${name}${args.length > 0 ? `(${args.map(printArgument).join(", ")})` : ""}: ${type}`;
}

function printArgument({ name, type, defaultValue }: ArgumentModel): string {
  return `${name}: ${type}${defaultValue === undefined ? "" : ` = ${defaultValue}`}`;
}

/** The names at the root of a field set. */
export function topFields(fieldSet: string): readonly string[] {
  return fieldSet.replaceAll(/\{.*\}/g, " ").split(" ").filter((name) => name !== ""); // prettier-ignore
}
