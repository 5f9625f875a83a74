/** The error of a value that its schema cannot hold, worded as upstream's decoder words it. */
import { goStructName, goTypeName, jsonTypeName } from './go-names.ts'
import type { Schema } from './schema.ts'

/** A mismatch of types names the field; any other message, such as a bad time, stands alone. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
  readonly #expected: string | undefined
  readonly #found: string
  #struct = ''
  #path = ''

  constructor(found: string, expected?: string) {
    super(found)
    this.#found = found
    this.#expected = expected
    this.#word()
  }

  /** Called by each struct that the error passes, innermost first. */
  within(struct: string, field: string): this {
    if (!this.#struct) this.#struct = goStructName(struct)
    this.#path = this.#path ? `${field}.${this.#path}` : field
    this.#word()
    return this
  }

  #word(): void {
    if (!this.#expected) return
    const place = this.#struct ? `struct field ${this.#struct}.${this.#path} of` : 'value of'
    this.message = `json: cannot unmarshal ${this.#found} into Go ${place} type ${this.#expected}`
  }
}

/** A value of the wrong JSON type. `shown` adds the value itself, as upstream does for numbers. */
export function mismatch(schema: Schema, value: unknown, shown = ''): DecodeError {
  return new DecodeError(jsonTypeName(value) + shown, goTypeName(schema))
}
