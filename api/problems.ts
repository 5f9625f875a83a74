/** What validation found: field errors in upstream's wording, and the paths they name. */

/** A place inside an object, built while walking and spelled out only when something is wrong. */
export class Path {
  readonly #parent: Path | undefined
  readonly #step: string | number
  readonly #key: boolean

  private constructor(parent: Path | undefined, step: string | number, key: boolean) {
    this.#parent = parent
    this.#step = step
    this.#key = key
  }

  /** The object itself; its children carry no leading dot. */
  static readonly root = new Path(undefined, '', false)

  child(name: string): Path {
    return new Path(this, name, false)
  }

  index(position: number): Path {
    return new Path(this, position, true)
  }

  key(name: string): Path {
    return new Path(this, name, true)
  }

  toString(): string {
    if (!this.#parent) return '<nil>'
    const parent = this.#parent === Path.root ? '' : this.#parent.toString()
    if (this.#key) return `${parent}[${this.#step}]`
    return parent ? `${parent}.${this.#step}` : String(this.#step)
  }
}

const titles = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueTypeInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  InternalError: 'Internal error',
} as const

export type ProblemReason = keyof typeof titles

export interface Problem {
  readonly reason: ProblemReason
  readonly field: string
  /** Everything after the field path: title, offending value, detail. */
  readonly message: string
}

/** Collects every problem of one object, in the order in which they were found. */
export class Problems {
  readonly list: Problem[] = []

  required(at: Path, detail = ''): void {
    this.#add('FieldValueRequired', at, undefined, detail)
  }

  invalid(at: Path, value: unknown, detail: string): void {
    this.#add('FieldValueInvalid', at, printed(value), detail)
  }

  /** For what is wrong with a combination, where no value is worth showing. */
  invalidTogether(at: Path, detail: string): void {
    this.#add('FieldValueInvalid', at, undefined, detail)
  }

  typeInvalid(at: Path, value: unknown, detail: string): void {
    this.#add('FieldValueTypeInvalid', at, printed(value), detail)
  }

  /** Supported values are listed sorted, as upstream does. */
  notSupported(at: Path, value: unknown, supported: Iterable<string>): void {
    const values = [...supported].sort().map((each) => JSON.stringify(each))
    const detail = values.length ? `supported values: ${values.join(', ')}` : ''
    this.#add('FieldValueNotSupported', at, printed(value), detail)
  }

  forbidden(at: Path, detail: string): void {
    this.#add('FieldValueForbidden', at, undefined, detail)
  }

  duplicate(at: Path, value: unknown, detail = ''): void {
    this.#add('FieldValueDuplicate', at, printed(value), detail)
  }

  notFound(at: Path, value: unknown, detail = ''): void {
    this.#add('FieldValueNotFound', at, printed(value), detail)
  }

  tooLong(at: Path, maxBytes: number): void {
    this.#add(
      'FieldValueTooLong',
      at,
      undefined,
      `may not be more than ${plural(maxBytes, 'byte')}`,
    )
  }

  tooLongCharacters(at: Path, max: number): void {
    this.#add(
      'FieldValueTooLong',
      at,
      undefined,
      `may not be more than ${plural(max, 'character')}`,
    )
  }

  tooMany(at: Path, actual: number, max: number): void {
    this.#add('FieldValueTooMany', at, `${actual}`, `must have at most ${plural(max, 'item')}`)
  }

  internal(at: Path, detail: string): void {
    this.#add('InternalError', at, undefined, detail)
  }

  #add(reason: ProblemReason, at: Path, value: string | undefined, detail: string): void {
    const shown = value === undefined ? titles[reason] : `${titles[reason]}: ${value}`
    const message = detail ? `${shown}: ${detail}` : shown
    this.list.push({ reason, field: at.toString(), message })
  }
}

/** Values in messages look as Go prints them: strings quoted, everything else as JSON. */
function printed(value: unknown): string {
  return JSON.stringify(value ?? null)
}

function plural(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : `${noun}s`}`
}
