/** JSON values as Go's `%v` prints them, for messages that are part of the protocol. */

export function goValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (typeof value === 'number') return goNumber(value)
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  const fields = value as Record<string, unknown>
  const texts = Object.keys(fields)
    .sort()
    .map((name) => `${name}:${goValue(fields[name])}`)
  return `map[${texts.join(' ')}]`
}

/** Whole numbers are integers; a float is printed with the exponent from 21 digits on. */
function goNumber(value: number): string {
  const text = String(value)
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}

/** The Go type that holds a value which came as JSON. */
export function goTypeOf(value: unknown): string {
  if (value === null || value === undefined) return '%!s(<nil>)'
  if (Array.isArray(value)) return '[]interface {}'
  switch (typeof value) {
    case 'object':
      return 'map[string]interface {}'
    case 'boolean':
      return 'bool'
    case 'number':
      return Number.isInteger(value) ? 'int64' : 'float64'
    default:
      return 'string'
  }
}
