/** Names the fields of a value that its schema does not know, in the order of the value. */
import { jsonFields, resolved, type Schema, type StructSchema } from './schema.ts'

type Names = ReadonlyMap<string, Schema>

const known = new WeakMap<StructSchema, Names>()

/** Paths such as `spec.containers[0].imagee`. Run when decoding found that there are any. */
export function unknownFields(schema: Schema, value: unknown): string[] {
  const found: string[] = []
  visit(schema, value, '', found)
  return found
}

function visit(schema: Schema, value: unknown, path: string, found: string[]): void {
  if (typeof value !== 'object' || value === null) return
  const target = resolved(schema)
  if (target.type === 'struct') {
    visitStruct(target, value as Record<string, unknown>, path, found)
  } else if (target.type === 'either') {
    visit(Array.isArray(value) ? target.other : target.struct, value, path, found)
  } else if (target.type === 'list' && Array.isArray(value)) {
    for (const [at, item] of value.entries()) visit(target.item, item, `${path}[${at}]`, found)
  } else if (target.type === 'map') {
    for (const [name, item] of Object.entries(value)) {
      visit(target.value, item, joined(path, name), found)
    }
  }
}

function visitStruct(
  schema: StructSchema,
  value: Record<string, unknown>,
  path: string,
  found: string[],
): void {
  const names = namesOf(schema)
  for (const [name, child] of Object.entries(value)) {
    const field = names.get(name)
    if (field) visit(field, child, joined(path, name), found)
    else if (child !== undefined && !schema.open) found.push(joined(path, name))
  }
}

function namesOf(schema: StructSchema): Names {
  let names = known.get(schema)
  if (!names) {
    names = new Map(jsonFields(schema).map(([name, field]) => [name, field.schema]))
    known.set(schema, names)
  }
  return names
}

const joined = (path: string, name: string): string => (path ? `${path}.${name}` : name)
