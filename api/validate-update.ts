/** Validation of changes: what may not differ from the object as it was. */
import { isDeepStrictEqual } from 'node:util'
import { Path, type Problems } from './problems.ts'
import { jsonFields, resolved, type Schema, type StructSchema } from './schema.ts'

type UpdateCheck = (next: unknown, previous: unknown, at: Path, problems: Problems) => void

export const immutableMessage = 'field is immutable'

const compiled = new WeakMap<Schema, UpdateCheck | 'none'>()

/** Reports forbidden changes between two values in normal form with defaults applied. */
export function validateUpdate<T>(
  schema: Schema<T>,
  next: T,
  previous: T,
  problems: Problems,
  at = Path.root,
): void {
  updateCheckOf(schema)?.(next, previous, at, problems)
}

/** Only structs that stand directly in structs are compared: list items have no identity here. */
function updateCheckOf(schema: Schema): UpdateCheck | undefined {
  const target = resolved(schema)
  if (target.type !== 'struct') return undefined
  const known = compiled.get(target)
  if (known) return known === 'none' ? undefined : known
  compiled.set(target, 'none') // A struct inside itself is only ever reached through lists and maps.
  const check = structUpdateCheck(target)
  if (check) compiled.set(target, check)
  return check
}

function structUpdateCheck(schema: StructSchema): UpdateCheck | undefined {
  const members = jsonFields(schema).flatMap(([name, field]) => {
    const check = updateCheckOf(field.schema)
    return check || field.immutable ? [{ name, check, immutable: field.immutable }] : []
  })
  if (!members.length && !schema.validateUpdate) return undefined
  return (next, previous, at, problems) => {
    const [after, before] = [next, previous] as Record<string, unknown>[]
    for (const { name, check, immutable } of members) {
      const [value, old] = [after![name], before![name]]
      if (immutable && !isDeepStrictEqual(value, old)) {
        problems.invalid(at.child(name), value, immutableMessage)
      }
      if (check && isStruct(value) && isStruct(old)) check(value, old, at.child(name), problems)
    }
    schema.validateUpdate?.(after!, before!, at, problems)
  }
}

const isStruct = (value: unknown): boolean => typeof value === 'object' && value !== null
