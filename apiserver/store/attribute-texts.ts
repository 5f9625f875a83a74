/** Labels and fields as JSON texts in the log, and as shared frozen records in memory. */
import type { Attributes } from './store.ts'

/** Replicas share their labels; past this many different texts, sharing starts over. */
const SHARED_TEXTS_MAX = 65_536
const EMPTY_TEXT = '{}'

export const noAttributes: Attributes = Object.freeze(Object.create(null))

export function attributesText(attributes: Readonly<Record<string, string>> | undefined): string {
  return attributes === undefined ? EMPTY_TEXT : JSON.stringify(attributes)
}

/** Gives equal texts the same record: 10,000 pods of one template keep one set of labels. */
export class AttributeTexts {
  readonly #shared = new Map<string, Attributes>()

  parse(text: string): Attributes {
    if (text === EMPTY_TEXT) return noAttributes
    const known = this.#shared.get(text)
    if (known) return known
    const parsed: Record<string, string> = JSON.parse(text)
    const attributes: Attributes = Object.freeze(Object.assign(Object.create(null), parsed))
    if (this.#shared.size >= SHARED_TEXTS_MAX) this.#shared.clear()
    this.#shared.set(text, attributes)
    return attributes
  }
}
