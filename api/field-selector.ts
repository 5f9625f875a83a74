/** Field selectors such as `metadata.name=a,status.phase!=Running`, read as upstream does. */

export interface FieldRequirement {
  readonly field: string
  readonly operator: '=' | '!='
  readonly value: string
}

/** All requirements must hold; none select everything. */
export type FieldSelector = readonly FieldRequirement[]

export class FieldSelectorError extends Error {
  override name = 'FieldSelectorError'
}

/** Throws `FieldSelectorError` with upstream's message. */
export function parseFieldSelector(text: string): FieldSelector {
  const requirements: FieldRequirement[] = []
  for (const term of splitTerms(text).sort()) {
    if (term === '') continue
    const equals = term.indexOf('=')
    if (equals === -1) {
      throw new FieldSelectorError(`invalid selector: '${text}'; can't understand '${term}'`)
    }
    const operator = term[equals - 1] === '!' ? '!=' : '='
    const field = term.slice(0, operator === '!=' ? equals - 1 : equals)
    const isDoubled = operator === '=' && term[equals + 1] === '='
    const value = unescaped(term.slice(equals + (isDoubled ? 2 : 1)))
    requirements.push({ field, operator, value })
  }
  return requirements
}

/** At commas that no backslash precedes. */
function splitTerms(text: string): string[] {
  const terms: string[] = []
  let start = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === ',') {
      terms.push(text.slice(start, at))
      start = at + 1
    }
  }
  return [...terms, text.slice(start)]
}

function unescaped(text: string): string {
  let value = ''
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string
    if (character === ',' || character === '=') {
      const code = character.charCodeAt(0) // Upstream prints the number of the character.
      throw new FieldSelectorError(`invalid field selector: unescaped character in value: ${code}`)
    }
    if (character !== '\\') {
      value += character
      continue
    }
    at++
    const escaped = String.fromCodePoint(text.codePointAt(at) ?? 0x5c)
    if (at >= text.length || !'\\,='.includes(escaped)) {
      const sequence = at < text.length ? `\\${escaped}` : '\\'
      throw new FieldSelectorError(`invalid field selector: invalid escape sequence: ${sequence}`)
    }
    value += escaped
  }
  return value
}

export function escapeFieldValue(value: string): string {
  return value.replaceAll(/[\\,=]/g, '\\$&')
}

export function formatFieldSelector(selector: FieldSelector): string {
  return selector
    .map(({ field, operator, value }) => `${field}${operator}${escapeFieldValue(value)}`)
    .join(',')
}

/** A field that an object does not have counts as empty. */
export function matchesFields(
  selector: FieldSelector,
  valueAt: (field: string) => string | undefined,
): boolean {
  for (const { field, operator, value } of selector) {
    if (((valueAt(field) ?? '') === value) !== (operator === '=')) return false
  }
  return true
}

/** The value that a selector insists on for a field, if it insists on one. */
export function requiredField(selector: FieldSelector, field: string): string | undefined {
  return selector.find((each) => each.field === field && each.operator === '=')?.value
}
