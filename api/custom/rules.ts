/** JSON Schema as custom resources may use it, compiled once to checks in upstream's words. */
import { isDeepStrictEqual } from 'node:util'
import type { JSONSchemaProps } from '../parts/apiextensions/json-schema-props.ts'
import { combinationPart } from './combinations.ts'
import { type Findings, Place } from './findings.ts'
import { formatTest } from './formats.ts'
import { patternMatcher } from './pattern.ts'

export type Rule = (value: unknown, at: Place, findings: Findings) => void

/** A rule about values of some types only. */
export interface Part {
  readonly applies: (value: unknown) => boolean
  readonly check: Rule
}

const rules = new WeakMap<JSONSchemaProps, Rule>()

export function ruleOf(schema: JSONSchemaProps): Rule {
  let rule = rules.get(schema)
  if (!rule) {
    rule = compile(schema)
    rules.set(schema, rule)
  }
  return rule
}

function compile(schema: JSONSchemaProps): Rule {
  const type = typePart(schema)
  const words = enumPart(schema)
  const parts = [
    type,
    combinationPart(schema),
    textPart(schema),
    formatPart(schema),
    numberPart(schema),
    listPart(schema),
    words,
    objectPart(schema),
  ].filter((part) => part !== undefined)
  return (value, at, findings) => {
    for (const part of value === null ? [type, words] : parts) {
      if (!part?.applies(value)) continue
      part.check(value, at, findings)
      findings.checks++
    }
  }
}

const always = (): boolean => true
const isText = (value: unknown): value is string => typeof value === 'string'
const isNumber = (value: unknown): value is number => typeof value === 'number'
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

function typePart(schema: JSONSchemaProps): Part | undefined {
  const { type, nullable, format } = schema
  const types = schema['x-kubernetes-int-or-string'] ? ['integer', 'string'] : type ? [type] : []
  if (!types.length) return undefined
  const accepted = new Set([...types, ...(types.includes('number') ? ['integer'] : [])])
  const hasTextFormat = format && !accepted.has('integer')
  const check: Rule = (value, at, findings) => {
    if (value === null && nullable) return
    const actual = typeName(value)
    // The format alone judges texts and lists, as upstream has it.
    if (hasTextFormat && (actual === 'string' || actual === 'array')) return
    if (accepted.has(actual)) return
    const detail = `${at} in body must be of type ${types.join(',')}: "${actual}"`
    findings.add({ name: `${at}`, type: 'mistyped', value: actual, detail })
  }
  return { applies: always, check }
}

function textPart({ maxLength, minLength, pattern }: JSONSchemaProps): Part | undefined {
  if (maxLength === undefined && minLength === undefined && !pattern) return undefined
  const matches = pattern ? patternMatcher(pattern) : always
  const check: Rule = (value, at, findings) => {
    const text = value as string
    const name = `${at}`
    if (maxLength !== undefined && isLonger(text, maxLength)) {
      findings.add({ name, type: 'tooLong', value, limit: maxLength })
    } else if (minLength !== undefined && !isLonger(text, minLength - 1)) {
      const detail = `${name} in body should be at least ${minLength} chars long`
      findings.add({ name, type: 'invalid', value, detail })
    } else if (!matches(text)) {
      const detail = `${name} in body should match '${pattern}'`
      findings.add({ name, type: 'invalid', value, detail })
    }
  }
  return { applies: isText, check }
}

/** Lengths are counted in characters, of which a text has at most as many as UTF-16 units. */
function isLonger(text: string, limit: number): boolean {
  if (text.length <= limit) return false
  let count = 0
  for (const _ of text) if (++count > limit) return true
  return false
}

function formatPart({ format }: JSONSchemaProps): Part | undefined {
  const test = format && formatTest(format)
  if (!test) return undefined
  const check: Rule = (value, at, findings) => {
    if (test(value as string)) return
    const detail = `${at} in body must be of type ${format}: ${JSON.stringify(value)}`
    findings.add({ name: `${at}`, type: 'mistyped', value, detail })
  }
  return { applies: isText, check }
}

function numberPart(schema: JSONSchemaProps): Part | undefined {
  const { multipleOf, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema
  if (multipleOf === undefined && minimum === undefined && maximum === undefined) return undefined
  const check: Rule = (value, at, findings) => {
    const number = value as number
    const wrong = (rule: string): void =>
      findings.add({
        name: `${at}`,
        type: 'invalid',
        value,
        detail: `${at} in body should be ${rule}`,
      })
    if (multipleOf !== undefined && !isMultiple(number, multipleOf)) {
      wrong(`a multiple of ${multipleOf}`)
    }
    if (minimum !== undefined && (exclusiveMinimum ? number <= minimum : number < minimum)) {
      wrong(`greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`)
    }
    if (maximum !== undefined && (exclusiveMaximum ? number >= maximum : number > maximum)) {
      wrong(`less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`)
    }
  }
  return { applies: isNumber, check }
}

function isMultiple(value: number, factor: number): boolean {
  if (Number.isInteger(value) && Number.isInteger(factor)) return value % factor === 0
  return Number.isInteger(value / factor)
}

function listPart({ items, minItems, maxItems, uniqueItems }: JSONSchemaProps): Part | undefined {
  const item = items && !Array.isArray(items) ? ruleOf(items) : undefined
  if (!item && minItems === undefined && maxItems === undefined && !uniqueItems) return undefined
  const check: Rule = (value, at, findings) => {
    const list = value as unknown[]
    if (item) {
      for (let position = 0; position < list.length; position++) {
        item(list[position], new Place(at, position), findings)
      }
    }
    const { length } = list
    if (minItems !== undefined && length < minItems) {
      const detail = `${at} in body should have at least ${minItems} items`
      findings.add({ name: `${at}`, type: 'invalid', value: length, detail })
    }
    if (maxItems !== undefined && length > maxItems) {
      findings.add({ name: `${at}`, type: 'tooMany', value: length, limit: maxItems })
    }
  }
  return { applies: Array.isArray, check }
}

function enumPart({ enum: values }: JSONSchemaProps): Part | undefined {
  if (!values?.length) return undefined
  const plain = new Set(values.filter((each) => typeof each !== 'object' || each === null))
  const deep = values.filter((each) => typeof each === 'object' && each !== null)
  const words = values.map((each) => (isText(each) ? each : JSON.stringify(each)))
  const check: Rule = (value, at, findings) => {
    if (plain.has(value) || deep.some((each) => isDeepStrictEqual(each, value))) return
    findings.add({ name: `${at}`, type: 'unsupported', value, words })
  }
  return { applies: always, check }
}

function objectPart(schema: JSONSchemaProps): Part | undefined {
  const { properties = {}, additionalProperties, required = [] } = schema
  const { minProperties, maxProperties } = schema
  const named = Object.entries(properties)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, each]) => ({ name, rule: ruleOf(each) }))
  const other = typeof additionalProperties === 'object' ? ruleOf(additionalProperties) : undefined
  const isClosed = additionalProperties === false
  const check: Rule = (value, at, findings) => {
    const object = value as Record<string, unknown>
    const names = Object.keys(object)
    if (checkCount(names.length, minProperties, maxProperties, at, findings)) return
    for (const name of names) {
      if (Object.hasOwn(properties, name)) continue
      if (other) other(object[name], new Place(at, name), findings)
      else if (isClosed) {
        const detail = `${at}.${name} in body is a forbidden property`
        findings.add({ name: `${at}`, type: 'invalid', value: '', detail })
      }
    }
    for (const { name, rule } of named) {
      if (Object.hasOwn(object, name)) rule(object[name], new Place(at, name), findings)
    }
    for (const name of required) {
      if (!Object.hasOwn(object, name)) {
        findings.add({ name: `${new Place(at, name)}`, type: 'required' })
      }
    }
  }
  return { applies: isObject, check }
}

/** Too few or too many fields, which then are not looked at. */
function checkCount(
  count: number,
  min: number | undefined,
  max: number | undefined,
  at: Place,
  findings: Findings,
): boolean {
  if (min !== undefined && count < min) {
    const detail = `${at} in body should have at least ${min} properties`
    findings.add({ name: `${at}`, type: 'invalid', value: count, detail })
    return true
  }
  if (max !== undefined && count > max) {
    findings.add({ name: `${at}`, type: 'tooMany', value: count, limit: max })
    return true
  }
  return false
}
