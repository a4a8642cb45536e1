/** References inside of a document. */

/** Those that lead nowhere, each once. */
export function danglingReferences(document: unknown): readonly string[] {
  const all = new Set<string>();
  collect(document, all);
  return [...all].filter((reference) => !leadsSomewhere(document, reference));
}

function collect(value: unknown, found: Set<string>): void {
  if (typeof value !== "object" || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (name === "$ref" && typeof member === "string") found.add(member);
    else collect(member, found);
  }
}

function leadsSomewhere(document: unknown, reference: string): boolean {
  if (!reference.startsWith("#/")) return false;
  const names = reference.slice(2).split("/");
  const target = names.reduce<unknown>(
    (value, name) => (value as Readonly<Record<string, unknown>> | undefined)?.[name],
    document,
  );
  return target !== undefined;
}
