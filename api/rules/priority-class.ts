/** Rules of PriorityClasses, and the two that every cluster has. */
import type { Path, Problems } from '../problems.ts'

/** What users may ask for; the classes of the system are above it. */
const userPriorityMax = 1_000_000_000
const systemPrefix = 'system-'

/** Values of the classes that are there from the start. */
const systemPriorities: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
}

interface Facts {
  readonly metadata: { readonly name: string }
  readonly value: number
  readonly globalDefault?: boolean
}

export function validateNewPriorityClass(
  { metadata: { name }, value, globalDefault }: Facts,
  root: Path,
  problems: Problems,
): void {
  if (!name.startsWith(systemPrefix)) {
    if (value <= userPriorityMax) return
    const detail = `maximum allowed value of a user defined priority is ${userPriorityMax}`
    problems.forbidden(root.child('value'), detail)
    return
  }
  const wrong = whyNotSystem(name, value, globalDefault ?? false)
  if (!wrong) return
  const reserved = "priority class names with 'system-' prefix are reserved for system use only"
  const place = root.child('metadata').child('name')
  problems.forbidden(place, `${reserved}. error: ${wrong}`)
}

function whyNotSystem(name: string, value: number, isDefault: boolean): string | undefined {
  const expected = Object.hasOwn(systemPriorities, name) ? systemPriorities[name] : undefined
  if (expected === undefined) return `${name} is not a known system priority class`
  if (value !== expected) return `value of ${name} PriorityClass must be ${expected}`
  return isDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined
}
