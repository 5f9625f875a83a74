/** Validation: every rule that schemas state, checked in the order of fields, children first. */
import { compiledOnce } from './compiled-once.ts'
import { customCheck } from './custom/check.ts'
import { Path, type Problems } from './problems.ts'
import {
  type Field,
  jsonFields,
  type ListSchema,
  type MapSchema,
  resolved,
  type Schema,
  type StructSchema,
} from './schema.ts'

type Check = (value: unknown, at: Path, problems: Problems) => void

const checkOf = compiledOnce<Parameters<Check>>(compile)

/** Reports what is wrong with a value in normal form with defaults applied. */
export function validate<T>(schema: Schema<T>, value: T, problems: Problems, at = Path.root): void {
  checkOf(schema)?.(value, at, problems)
}

function compile(schema: Exclude<Schema, { type: 'lazy' }>): Check | undefined {
  if ('custom' in schema && schema.custom) return customCheck(schema.custom)
  switch (schema.type) {
    case 'struct':
      return structCheck(schema)
    case 'list':
      return listCheck(schema)
    case 'map':
      return mapCheck(schema)
    case 'either':
      return undefined
    default:
      return schema.values && !schema.unchecked ? wordCheck(schema.values) : undefined
  }
}

function structCheck(schema: StructSchema): Check | undefined {
  if (schema.validateWhole) {
    return (value, at, problems) => schema.validateWhole?.(value as object, at, problems)
  }
  const members = jsonFields(schema).flatMap(([name, field]) => {
    const check = fieldCheck(field)
    const isRequired = field.presence === 'required'
    return check || isRequired ? [{ name, check, isRequired }] : []
  })
  const rules = rulesOf(schema)
  if (!members.length && !rules.length) return undefined
  return (value, at, problems) => {
    const struct = value as Record<string, unknown>
    for (const { name, check, isRequired } of members) {
      const child = struct[name]
      if (isRequired ? isMissing(child) : child === undefined || child === null) {
        if (isRequired) problems.required(at.child(name))
      } else check?.(child, at.child(name), problems)
    }
    for (const rule of rules) rule(struct, at, problems)
  }
}

/** Empty in the way that upstream means by a required value. */
function isMissing(value: unknown): boolean {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && !value.length)
  )
}

/** An inline struct brings its own rules to the parent that holds its fields. */
function rulesOf(schema: StructSchema): Check[] {
  const inherited = Object.values(schema.fields).flatMap((field) => {
    const target = field.presence === 'inline' ? resolved(field.schema) : undefined
    return target?.type === 'struct' ? rulesOf(target) : []
  })
  if (!schema.validate) return inherited
  return [...inherited, (value, at, problems) => schema.validate?.(value as object, at, problems)]
}

/** The constraints of the field, then whatever its schema says. */
function fieldCheck(field: Field): Check | undefined {
  const checks = [...constraintsOf(field), checkOf(field.schema)].filter(
    (each) => each !== undefined,
  )
  if (checks.length < 2) return checks[0]
  return (value, at, problems) => {
    for (const check of checks) check(value, at, problems)
  }
}

function constraintsOf(field: Field): Check[] {
  const { min, max, format, check } = field
  const checks: Check[] = []
  if (min !== undefined || max !== undefined) checks.push(rangeCheck(min, max))
  if (format) {
    checks.push((value, at, problems) => {
      for (const message of format(value as string)) problems.invalid(at, value, message)
    })
  }
  if (check) checks.push((value, at, problems) => field.check?.(value, at, problems))
  return checks
}

function rangeCheck(min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): Check {
  const message = rangeMessage(min, max)
  return (value, at, problems) => {
    const number = value as number
    if (number < min || number > max) problems.invalid(at, number, message)
  }
}

function rangeMessage(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return `must be greater than or equal to ${min}`
  if (min === Number.NEGATIVE_INFINITY) return `must be less than or equal to ${max}`
  return `must be between ${min} and ${max}, inclusive`
}

function wordCheck(values: readonly string[]): Check {
  const words = new Set<unknown>(values)
  return (value, at, problems) => {
    if (!words.has(value)) problems.notSupported(at, value, values)
  }
}

function listCheck({ item }: ListSchema): Check | undefined {
  const check = checkOf(item)
  return (
    check &&
    ((value, at, problems) => {
      for (const [position, each] of (value as unknown[]).entries())
        check(each, at.index(position), problems)
    })
  )
}

function mapCheck({ value: item }: MapSchema): Check | undefined {
  const check = checkOf(item)
  return (
    check &&
    ((value, at, problems) => {
      for (const [name, each] of Object.entries(value as object))
        check(each, at.key(name), problems)
    })
  )
}
