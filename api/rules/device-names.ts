/** Names of drivers, pools, devices and their attributes, and lists with a limit. */
import {
  isCIdentifier,
  isDnsLabel,
  isDnsSubdomain,
  isDnsSubdomainCaseless,
  isLabelKey,
  isLabelValue,
} from '../names.ts'
import type { Path, Problems } from '../problems.ts'

const MAX_DRIVER_BYTES = 63
const MAX_POOL_BYTES = 253
const MAX_IDENTIFIER_BYTES = 32

type NameRule = (name: string) => readonly string[]

export function validateName(name: string, rule: NameRule, at: Path, problems: Problems): void {
  for (const message of rule(name)) problems.invalid(at, name, message)
}

export function validateRequestName(name: string, at: Path, problems: Problems): void {
  validateName(name, isDnsLabel, at, problems)
}

export function validateDriverName(name: string, at: Path, problems: Problems): void {
  if (!name) problems.required(at)
  if (Buffer.byteLength(name) > MAX_DRIVER_BYTES) problems.tooLong(at, MAX_DRIVER_BYTES)
  validateName(name, isDnsSubdomainCaseless, at, problems)
}

/** One or more subdomains with slashes between. */
export function validatePoolName(name: string, at: Path, problems: Problems): void {
  if (!name) {
    problems.required(at)
    return
  }
  if (Buffer.byteLength(name) > MAX_POOL_BYTES) problems.tooLong(at, MAX_POOL_BYTES)
  for (const part of name.split('/')) validateName(part, isDnsSubdomain, at, problems)
}

export function validateClassName(name: string, at: Path, problems: Problems): void {
  if (!name) problems.required(at)
  else validateName(name, isDnsSubdomain, at, problems)
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export function validateUuid(uid: string, at: Path, problems: Problems): void {
  if (uuidPattern.test(uid)) return
  const form = '`xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters'
  const message = uuidPattern.test(uid.toLowerCase())
    ? `uid must be in RFC 4122 normalized form, ${form}`
    : `error validating uid: invalid UUID ${uid.length === 36 ? 'format' : `length: ${uid.length}`}`
  problems.invalid(at, uid, message)
}

/** `identifier`, which is the driver's own, or `domain/identifier`. */
export function validateQualifiedIdentifier(name: string, at: Path, problems: Problems): void {
  const parts = name.split('/')
  if (parts.length > 2) {
    problems.invalid(at, name, 'must not contain more than one slash')
    return
  }
  const identifier = parts.at(-1)!
  if (parts.length === 2) {
    const domain = parts[0]!
    if (domain) validateDriverName(domain, at, problems)
    else problems.invalid(at, '', 'the domain must not be empty')
    if (!identifier) {
      problems.invalid(at, '', 'the name must not be empty')
      return
    }
  }
  if (Buffer.byteLength(identifier) > MAX_IDENTIFIER_BYTES) {
    problems.tooLong(at, MAX_IDENTIFIER_BYTES)
  }
  validateName(identifier, isCIdentifier, at, problems)
}

export function validateFullIdentifier(name: string, at: Path, problems: Problems): void {
  validateQualifiedIdentifier(name, at, problems)
  if (!name.includes('/')) {
    const message = 'a fully qualified name must be a domain and a name separated by a slash'
    problems.invalid(at, name, message)
  }
}

export function validateLabelKey(key: string, at: Path, problems: Problems): void {
  validateName(key, isLabelKey, at, problems)
}

export function validateLabelValue(value: string, at: Path, problems: Problems): void {
  validateName(value, isLabelValue, at, problems)
}

type ItemRule<T> = (item: T, at: Path, problems: Problems) => void

/** Items of a list that is too long are not looked at, so that it costs nothing to refuse. */
export function validateItems<T>(
  items: readonly T[] | null | undefined,
  max: number,
  rule: ItemRule<T>,
  at: Path,
  problems: Problems,
): boolean {
  if (!items) return true
  if (items.length > max) {
    problems.tooMany(at, items.length, max)
    return false
  }
  for (const [position, item] of items.entries()) rule(item, at.index(position), problems)
  return true
}

/** As `validateItems`, and no key stands twice. */
export function validateUniqueItems<T>(
  items: readonly T[] | null | undefined,
  max: number,
  rule: ItemRule<T>,
  keyOf: (item: T) => string,
  at: Path,
  problems: Problems,
): void {
  if (!validateItems(items, max, rule, at, problems)) return
  const seen = new Set<string>()
  for (const [position, item] of items?.entries() ?? []) {
    const key = keyOf(item)
    if (seen.has(key)) problems.duplicate(at.index(position), key)
    seen.add(key)
  }
}

/** Names of conditions: labels, each once, and none in both lists; both lists or neither. */
export function validateBindingConditions(
  conditions: readonly string[] | null | undefined,
  failures: readonly string[] | null | undefined,
  max: number,
  at: Path,
  problems: Problems,
): void {
  const path = at.child('bindingConditions')
  const failurePath = at.child('bindingFailureConditions')
  validateItems(conditions, max, validateLabelKey, path, problems)
  validateItems(failures, max, validateLabelKey, failurePath, problems)
  const good = new Set<string>()
  for (const [position, each] of conditions?.entries() ?? []) {
    if (good.has(each)) problems.duplicate(path.index(position), each)
    good.add(each)
  }
  const bad = new Set<string>()
  for (const [position, each] of failures?.entries() ?? []) {
    if (bad.has(each)) problems.duplicate(failurePath.index(position), each)
    bad.add(each)
    if (good.has(each)) {
      const message = 'bindingFailureConditions must not overlap with bindingConditions'
      problems.invalid(failurePath.index(position), each, message)
    }
  }
  if (!good.size && bad.size) {
    const message = 'bindingConditions are required to use bindingFailureConditions'
    problems.invalid(path, conditions ?? null, message)
  }
  if (good.size && !bad.size) {
    const message = 'bindingFailureConditions are required to use bindingConditions'
    problems.invalid(failurePath, failures ?? null, message)
  }
}
