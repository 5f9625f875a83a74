/** What a YAML 1.1 scalar means where JSON's types are all there is. */
import type { Scalar } from 'yaml'

export class YamlError extends Error {
  override name = 'YamlError'
}

const words = new Map<string, boolean | null>()
for (const [value, texts] of [
  [true, 'y Y yes Yes YES true True TRUE on On ON'],
  [false, 'n N no No NO false False FALSE off Off OFF'],
  [null, '~ null Null NULL'],
] as const) {
  for (const text of texts.split(' ')) words.set(text, value)
}
words.set('', null)

const STRING_TAG = 'tag:yaml.org,2002:str'
const BINARY_TAG = 'tag:yaml.org,2002:binary'
const INT_TAG = 'tag:yaml.org,2002:int'
const FLOAT_TAG = 'tag:yaml.org,2002:float'
const BOOL_TAG = 'tag:yaml.org,2002:bool'
const NULL_TAG = 'tag:yaml.org,2002:null'

const NOT_A_NUMBER = /^(\.nan|\.NaN|\.NAN|[-+]?\.(inf|Inf|INF))$/
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))$/
/** Enough for any double; longer digits are read as a floating point number, in linear time. */
const MAX_INTEGER_DIGITS = 400

/** Quoted and block scalars are texts; plain ones may be more, and a tag may insist on it. */
export function resolveScalar(node: Scalar<string>): unknown {
  const { tag, type } = node
  const text = node.value.toWellFormed()
  if (tag === STRING_TAG) return text
  if (tag === BINARY_TAG) return decodedBinary(text)
  if (tag !== undefined) return tagged(text, tag)
  return type === 'PLAIN' || type === undefined ? resolvePlain(text) : text
}

function resolvePlain(text: string): unknown {
  const word = words.get(text)
  if (word !== undefined) return word
  if (NOT_A_NUMBER.test(text)) throw new YamlError(`json: unsupported value: ${goFloat(text)}`)
  if (!/^[-+.0-9]/.test(text)) return text
  return numberOf(text) ?? text
}

const goFloat = (text: string): string => {
  if (/nan$/i.test(text)) return 'NaN'
  return text.startsWith('-') ? '-Inf' : '+Inf'
}

/** Underscores group digits, except after a leading point. */
function numberOf(text: string): number | undefined {
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '')
  const parts = plain.length <= MAX_INTEGER_DIGITS ? INTEGER.exec(plain) : null
  if (parts) return integerOf(parts)
  if (!FLOAT.test(plain)) return undefined
  const value = Number(plain)
  return Number.isFinite(value) ? value : undefined
}

function integerOf([, sign, hexadecimal, binary, octal, decimal]: RegExpExecArray): number {
  const prefix = hexadecimal ? '0x' : binary ? '0b' : octal ? '0o' : ''
  const magnitude = BigInt(prefix + (hexadecimal ?? binary ?? octal ?? decimal))
  return Number(sign === '-' ? -magnitude : magnitude)
}

function decodedBinary(text: string): string {
  const packed = text.replaceAll(/\s/g, '')
  if (packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) {
    throw new YamlError('yaml: !!binary value contains invalid base64 data')
  }
  return Buffer.from(packed, 'base64').toString('utf8')
}

/** Tags of YAML's own types must fit the text; unknown tags mean nothing. */
function tagged(text: string, tag: string): unknown {
  if (![INT_TAG, FLOAT_TAG, BOOL_TAG, NULL_TAG].includes(tag)) return text
  const value = resolvePlain(text)
  const isInteger = typeof value === 'number' && INTEGER.test(text.replaceAll('_', ''))
  const fits =
    (tag === INT_TAG && isInteger) ||
    (tag === FLOAT_TAG && typeof value === 'number') ||
    (tag === BOOL_TAG && typeof value === 'boolean') ||
    (tag === NULL_TAG && value === null)
  if (fits) return value
  const shown = `!!${tag.slice(tag.lastIndexOf(':') + 1)}`
  const actual = shortTag(value, isInteger)
  throw new YamlError(`yaml: cannot decode ${actual} \`${text}\` as a ${shown}`)
}

function shortTag(value: unknown, isInteger: boolean): string {
  if (value === null) return '!!null'
  if (typeof value === 'boolean') return '!!bool'
  if (typeof value === 'string') return '!!str'
  return isInteger ? '!!int' : '!!float'
}
