/** Classes of storage: who provisions, with which parameters, and where volumes may be. */
import { isDeepStrictEqual } from 'node:util'
import { isLabelKey, isQualifiedName } from '../names.ts'
import type { Path, Problems } from '../problems.ts'

const MAX_PARAMETERS = 512
/** Of keys and values together, in bytes. */
const MAX_PARAMETERS_SIZE = 256 * 1024

export function checkProvisioner(name: string, at: Path, problems: Problems): void {
  if (!name) {
    problems.required(at)
    return
  }
  const lower = name.toLowerCase()
  for (const message of isQualifiedName(lower)) problems.invalid(at, lower, message)
}

export function checkParameters(
  parameters: Readonly<Record<string, string>> | undefined,
  at: Path,
  problems: Problems,
): void {
  const entries = Object.entries(parameters ?? {})
  if (entries.length > MAX_PARAMETERS) {
    problems.tooLong(at, MAX_PARAMETERS)
    return
  }
  let size = 0
  for (const [key, value] of entries) {
    if (!key) problems.invalid(at, key, 'field can not be empty.')
    size += Buffer.byteLength(key) + Buffer.byteLength(value)
  }
  if (size > MAX_PARAMETERS_SIZE) problems.tooLong(at, MAX_PARAMETERS_SIZE)
}

interface TopologyTerm {
  readonly matchLabelExpressions?: readonly TopologyRequirement[]
}

interface TopologyRequirement {
  readonly key: string
  readonly values: readonly string[] | null
}

/** Terms that say the same are refused, whatever the order in which they say it. */
export function checkTopologies(
  terms: readonly TopologyTerm[],
  at: Path,
  problems: Problems,
): void {
  const seen: Map<string, Set<string>>[] = []
  for (const [position, term] of terms.entries()) {
    const place = at.index(position).child('matchLabelExpressions')
    const meaning = checkTerm(term, place, problems)
    if (seen.some((each) => isDeepStrictEqual(each, meaning))) problems.duplicate(place, '')
    seen.push(meaning)
  }
}

function checkTerm(term: TopologyTerm, at: Path, problems: Problems): Map<string, Set<string>> {
  const meaning = new Map<string, Set<string>>()
  for (const [position, { key, values }] of (term.matchLabelExpressions ?? []).entries()) {
    const place = at.index(position)
    if (meaning.has(key)) problems.duplicate(place.child('key'), key)
    meaning.set(key, new Set(values))
    checkValues(values ?? [], place.child('values'), problems)
    for (const message of isLabelKey(key)) problems.invalid(place.child('key'), key, message)
  }
  return meaning
}

function checkValues(values: readonly string[], at: Path, problems: Problems): void {
  if (!values.length) problems.required(at)
  const seen = new Set<string>()
  for (const [position, value] of values.entries()) {
    if (seen.has(value)) problems.duplicate(at.index(position), value)
    seen.add(value)
  }
}
