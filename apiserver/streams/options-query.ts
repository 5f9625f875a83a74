/** Options of streams as they stand in queries, read as upstream reads them. */
import { badRequest } from '#api/status.ts'

/** Anything but "false" and "0" is true, nothing at all included. */
export function flagIn(query: URLSearchParams, name: string): boolean {
  const value = query.get(name)
  return value !== null && value !== '0' && value.toLowerCase() !== 'false'
}

const INTEGER = /^[+-]?\d+$/
const INT64_MAX = 2n ** 63n - 1n

export function integerIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  const refusal = (why: string) =>
    badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${why}`)
  if (!INTEGER.test(text)) throw refusal('invalid syntax')
  const value = BigInt(text)
  if (value > INT64_MAX || value < -INT64_MAX - 1n) throw refusal('value out of range')
  return Number(value)
}

const PORT_MAX = 65_535

/** The ports of a request to forward some; they may be listed, repeated or both. */
export function portsIn(query: URLSearchParams): readonly number[] {
  const texts = query.getAll('ports').flatMap((each) => each.split(','))
  if (!texts.length) throw badRequest('query parameter "ports" is required')
  return texts.map(portOf)
}

function portOf(text: string): number {
  if (!text) throw badRequest('query parameter "ports" cannot be empty')
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= PORT_MAX)) throw badRequest(`unable to parse "${text}" as a port`)
  if (port < 1) throw badRequest(`port "${text}" must be > 0`)
  return port
}
