/** Reads values out of a configuration, and says where one is not what it should be. */

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

export type Fields = Readonly<Record<string, unknown>>

export function fields(value: unknown, at: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new ConfigError(`${at}: is no object, wanted one`)
}

/** None where none is given. */
export function list(value: unknown, at: string): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  throw new ConfigError(`${at}: is no list, wanted one`)
}

export function text(value: unknown, at: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new ConfigError(`${at}: is ${shown(value)}, wanted a text`)
}

export const texts = (value: unknown, at: string): readonly string[] =>
  list(value, at).map((each, position) => text(each, `${at}[${position}]`))

export function oneOf<T extends string>(value: unknown, at: string, known: readonly T[]): T {
  const found = known.find((each) => each === value)
  if (found !== undefined) return found
  throw new ConfigError(`${at}: is ${shown(value)}, wanted one of ${known.join(', ')}`)
}

export function flag(value: unknown, at: string): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value
  throw new ConfigError(`${at}: is ${shown(value)}, wanted true or false`)
}

export interface Bounds {
  readonly min: number
  readonly max?: number
}

/** Undefined where none is given. */
export function whole(value: unknown, at: string, { min, max }: Bounds): number | undefined {
  if (value === undefined || value === null) return undefined
  const isWhole = typeof value === 'number' && Number.isInteger(value)
  if (isWhole && value >= min && value <= (max ?? Infinity)) return value
  const wanted = max === undefined ? `${min} or more` : `${min} to ${max}`
  throw new ConfigError(`${at}: is ${shown(value)}, wanted a whole number, ${wanted}`)
}

/** What would not be heeded is refused, rather than taken and forgotten. */
export function refuseOthers(given: Fields, at: string, known: readonly string[]): void {
  const other = Object.keys(given).find((name) => !known.includes(name))
  if (other === undefined) return
  const place = at === '' ? other : `${at}.${other}`
  throw new ConfigError(`${place}: is not supported, wanted one of ${known.join(', ')}`)
}

const shown = (value: unknown): string => JSON.stringify(value) ?? 'missing'
