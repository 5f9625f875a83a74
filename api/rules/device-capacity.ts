/** Rules about how much of a device may be asked for. */
import type {
  CapacityRequestPolicy,
  CapacityRequestPolicyRange,
  DeviceCapacity,
} from '../kinds/resource/resource-slice.ts'
import type { Path, Problems } from '../problems.ts'
import { addQuantities, compareQuantities, quantitySign, quantityValue } from '../quantity.ts'
import { validateUniqueItems } from './device-names.ts'

const MAX_VALID_VALUES = 10
const MAX_INT64 = 2n ** 63n - 1n

/** Only a device that is shared out in parts has a policy about the parts. */
export function validateCapacity(
  { value, requestPolicy }: DeviceCapacity,
  isShared: boolean,
  at: Path,
  problems: Problems,
): void {
  if (!requestPolicy) return
  const path = at.child('requestPolicy')
  if (!isShared) problems.forbidden(path, 'allowMultipleAllocations must be true')
  else validatePolicy(value, requestPolicy, path, problems)
}

function validatePolicy(
  capacity: string,
  policy: CapacityRequestPolicy,
  at: Path,
  problems: Problems,
): void {
  const { default: fallback, validValues, validRange } = policy
  if (validValues?.length && validRange) {
    const both = 'cannot specify "validValues" and "validRange" at the same time'
    problems.forbidden(at, `exactly one policy can be specified, ${both}`)
  } else if (validValues?.length) {
    if (fallback === null) problems.required(at.child('default'), requiredWith('validValues'))
    else validateValues(fallback, capacity, validValues, at.child('validValues'), problems)
  } else if (validRange) {
    if (fallback === null) problems.required(at.child('default'), requiredWith('validRange'))
    else validateRange(fallback, capacity, validRange, at.child('validRange'), problems)
  }
}

const requiredWith = (field: string): string => `required when ${field} is defined`

function validateValues(
  fallback: string,
  capacity: string,
  values: readonly string[],
  at: Path,
  problems: Problems,
): void {
  for (let position = 1; position < values.length; position++) {
    const value = values[position]!
    if (compareQuantities(values[position - 1]!, value) > 0) {
      problems.invalid(at.index(position), value, 'values must be sorted in ascending order')
    }
  }
  const rule = (value: string, path: Path): void => {
    if (compareQuantities(value, capacity) > 0) {
      problems.invalid(path, value, `option is larger than capacity value: ${capacity}`)
    }
  }
  const keyOf = (value: string): string => quantityValue(value).toString()
  validateUniqueItems(values, MAX_VALID_VALUES, rule, keyOf, at, problems)
  const isListed = values.some((value) => compareQuantities(value, fallback) === 0)
  if (!isListed && values.length <= MAX_VALID_VALUES) {
    const message = 'default value is not valid according to the requestPolicy'
    problems.invalid(at, fallback, message)
  }
}

function validateRange(
  fallback: string,
  capacity: string,
  { min, max, step }: CapacityRequestPolicyRange,
  at: Path,
  problems: Problems,
): void {
  if (min === undefined) {
    problems.required(at.child('min'), requiredWith('validRange'))
    return
  }
  const larger = `is larger than capacity value: ${capacity}`
  if (compareQuantities(min, capacity) > 0) {
    problems.invalid(at.child('min'), min, `min ${larger}`)
  }
  if (compareQuantities(fallback, min) < 0) {
    problems.invalid(at.child('default'), fallback, `default is less than min: ${min}`)
  }
  if (max !== undefined) {
    if (compareQuantities(min, max) > 0) {
      problems.invalid(at.child('max'), min, `min is larger than max: ${max}`)
    }
    if (compareQuantities(max, capacity) > 0) {
      problems.invalid(at.child('max'), max, `max ${larger}`)
    }
    if (compareQuantities(fallback, max) > 0) {
      problems.invalid(at.child('default'), fallback, `default is more than max: ${max}`)
    }
  }
  if (step === undefined) return
  const path = at.child('step')
  if (quantitySign(step) <= 0) {
    problems.invalid(path, step, 'must be greater than zero')
    return
  }
  const first = addQuantities(min, step).text
  if (compareQuantities(first, capacity) > 0) {
    problems.invalid(path, step, `one step ${first} ${larger}`)
  }
  validateSteps({ default: fallback, min, max, step }, at, problems)
}

interface Steps {
  readonly default: string
  readonly min: string
  readonly max: string | undefined
  readonly step: string
}

/** Whole steps lead from the least amount to the default and to the greatest. */
function validateSteps(steps: Steps, at: Path, problems: Problems): void {
  let areUsable = true
  for (const [name, text] of Object.entries(steps)) {
    if (text === undefined) continue
    const path = at.child(name)
    if (quantitySign(text) < 0) {
      problems.invalid(path, text, 'must be greater than or equal to 0')
    } else if (quantityValue(text) > MAX_INT64) {
      problems.invalid(path, text, `must not be larger than ${MAX_INT64}`)
    } else continue
    areUsable = false
  }
  if (!areUsable) return
  for (const text of [steps.default, steps.max]) {
    if (text === undefined) continue
    const distance = quantityValue(text) - quantityValue(steps.min)
    if (distance % quantityValue(steps.step) === 0n) continue
    const message = `value is not a multiple of a given step (${steps.step}) from (${steps.min})`
    problems.invalid(at.child('step'), text, message)
  }
}
