/** Parameters of a URL as upstream reads them. */
import { badRequest } from '#api/status.ts'

/** Everything but "false" and "0" says yes, nothing behind the equals sign too. */
export function queryFlag(query: URLSearchParams, name: string): boolean {
  const text = query.get(name)
  return text !== null && !['false', '0'].includes(text.toLowerCase())
}

/** Undefined where nothing is said. */
export function queryInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  if (!/^[+-]?\d+$/.test(text)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
  const value = BigInt(text)
  if (BigInt.asIntN(INTEGER_BITS, value) !== value) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`)
  }
  return Number(value)
}

const INTEGER_BITS = 64
