/** The wire contract as the sink generates it. */

import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";

interface Envelope {
  readonly type: string;
}

const SCHEMA = JSON.parse(readFileSync("../../context/envelope.schema.json", "utf8")) as {
  readonly properties: { readonly type: { readonly enum: readonly string[] } };
};
const validate = new Ajv2020({ strict: false, allErrors: true }).compile(SCHEMA);

/** The types that the sink takes. */
export const KNOWN_TYPES: readonly string[] = SCHEMA.properties.type.enum;

/** What is wrong with a line, in words; empty if nothing is. */
export function faultsOf(line: string): string[] {
  const envelope = JSON.parse(line) as Envelope;
  if (!KNOWN_TYPES.includes(envelope.type)) return [`type ${envelope.type}`];
  return validate(envelope) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ""}`);
}
