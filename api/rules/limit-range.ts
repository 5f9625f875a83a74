/** Limit ranges: minimum, default and maximum of a resource must be in order. */
import { isQualifiedName } from '../names.ts'
import type { Path, Problems } from '../problems.ts'
import { compareQuantities, milliValue, quantityValue } from '../quantity.ts'
import {
  checkContainerResourceName,
  checkResourceName,
  isOvercommitAllowed,
} from './resource-names.ts'

type Amounts = Record<string, string>

interface Limits {
  readonly type: string
  readonly max?: Amounts
  readonly min?: Amounts
  readonly default?: Amounts
  readonly defaultRequest?: Amounts
  readonly maxLimitRequestRatio?: Amounts
}

export function checkLimits(limits: readonly Limits[], at: Path, problems: Problems): void {
  const types = new Set<string>()
  for (const [position, each] of limits.entries()) {
    const place = at.index(position)
    checkType(each.type, place.child('type'), problems)
    if (types.has(each.type)) problems.duplicate(place.child('type'), each.type)
    types.add(each.type)
    checkNames(each, place, problems)
    for (const name of resourceNames(each)) checkAmounts(name, each, place, problems)
  }
}

const standardTypes = ['Pod', 'Container', 'PersistentVolumeClaim']

function checkType(type: string, at: Path, problems: Problems): void {
  const messages = isQualifiedName(type)
  for (const message of messages) problems.invalid(at, type, message)
  if (!messages.length && !type.includes('/') && !standardTypes.includes(type)) {
    problems.invalid(at, type, 'must be a standard limit type or fully qualified')
  }
}

const listNames = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const

function checkNames(limits: Limits, at: Path, problems: Problems): void {
  const { type, min, max } = limits
  const isOfContainers = type === 'Pod' || type === 'Container'
  const check = isOfContainers ? checkContainerResourceName : checkResourceName
  for (const list of listNames) {
    const isDefault = list === 'default' || list === 'defaultRequest'
    if (list === 'maxLimitRequestRatio' && type === 'PersistentVolumeClaim') {
      if (!min?.storage && !max?.storage) {
        const detail =
          'either minimum or maximum storage value is required, but neither was provided'
        problems.required(at.child('limits'), detail)
      }
    }
    if (isDefault && type === 'Pod') {
      if (limits[list])
        problems.forbidden(at.child(list), "may not be specified when `type` is 'Pod'")
      continue
    }
    for (const name of Object.keys(limits[list] ?? {})) {
      check(name, at.child(list).key(name), problems)
    }
  }
}

function resourceNames(limits: Limits): string[] {
  const lists = listNames.filter((list) => limits.type !== 'Pod' || !list.startsWith('default'))
  return [...new Set(lists.flatMap((list) => Object.keys(limits[list] ?? {})))].sort()
}

const isAbove = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && compareQuantities(a, b) > 0

function checkAmounts(name: string, limits: Limits, at: Path, problems: Problems): void {
  const isPod = limits.type === 'Pod'
  const min = limits.min?.[name]
  const max = limits.max?.[name]
  const limit = isPod ? undefined : limits.default?.[name]
  const request = isPod ? undefined : limits.defaultRequest?.[name]
  const refuse = (list: string, value: unknown, detail: string) =>
    problems.invalid(at.child(list).key(name), value, detail)
  if (isAbove(min, max)) refuse('min', min, `min value ${min} is greater than max value ${max}`)
  if (isAbove(min, request)) {
    const detail = `min value ${min} is greater than default request value ${request}`
    refuse('defaultRequest', request, detail)
  }
  if (isAbove(request, max)) {
    const detail = `default request value ${request} is greater than max value ${max}`
    refuse('defaultRequest', request, detail)
  }
  if (isAbove(request, limit)) {
    const detail = `default request value ${request} is greater than default limit value ${limit}`
    refuse('defaultRequest', request, detail)
  }
  if (isAbove(min, limit)) {
    refuse('default', min, `min value ${min} is greater than default value ${limit}`)
  }
  if (isAbove(limit, max)) {
    refuse('default', max, `default value ${limit} is greater than max value ${max}`)
  }
  checkRatio(name, limits, at, problems)
  if (!isOvercommitAllowed(name) && limit && request && compareQuantities(limit, request)) {
    const detail = `default value ${limit} must equal to defaultRequest value ${request} in ${name}`
    refuse('defaultRequest', request, detail)
  }
}

/** Beyond it, upstream compares whole units, lest thousandths overflow. */
const MAX_MILLI_UNITS = (2n ** 63n - 1n) / 1000n

function checkRatio(name: string, limits: Limits, at: Path, problems: Problems): void {
  const ratio = limits.maxLimitRequestRatio?.[name]
  if (ratio === undefined) return
  const place = at.child('maxLimitRequestRatio').key(name)
  if (compareQuantities(ratio, '1') < 0) {
    problems.invalid(place, ratio, `ratio ${ratio} is less than 1`)
  }
  const min = limits.min?.[name]
  const max = limits.max?.[name]
  if (min === undefined || max === undefined) return
  const fits = [ratio, min, max].every((each) => quantityValue(each) < MAX_MILLI_UNITS)
  const value = fits ? Number(milliValue(ratio)) / 1000 : Number(quantityValue(ratio))
  const amount = fits ? milliValue : quantityValue
  const most = Number(amount(max)) / Number(amount(min))
  if (value > most) {
    const detail = `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`
    problems.invalid(place, ratio, detail)
  }
}
