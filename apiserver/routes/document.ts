/** A document that stays as it is for long: each of its forms is encoded, and zipped, once. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { stringify } from 'yaml'
import { encodeProtobuf } from '#api/protobuf/envelope.ts'
import type { Schema } from '#api/schema.ts'
import type { RequestContext } from '../request-context.ts'
import type { PlainResult } from '../result.ts'
import { acceptsGzip, GZIP_BYTES_MIN } from '../wire/gzip.ts'
import {
  json,
  type ObjectMediaType,
  objectMediaTypes,
  protobuf,
  yaml,
} from '../wire/media-types.ts'
import { representationFor } from '../wire/representation.ts'

export interface Form {
  readonly mediaType: ObjectMediaType
  readonly pretty: boolean
}

export class Document {
  readonly #object: object
  readonly #schema: Schema
  readonly #forms = new Map<string, EncodedForm>()
  #etag: string | undefined

  constructor(object: object, schema: unknown) {
    this.#object = object
    this.#schema = schema as Schema
  }

  /** In the form that the caller accepts. */
  answer(context: RequestContext): PlainResult {
    const form = representationFor(context, { mediaTypes: objectMediaTypes, views: [] })
    return this.answerIn(context, form, { 'content-type': form.mediaType, ...uncached })
  }

  answerIn(
    context: RequestContext,
    form: Form,
    headers: Readonly<Record<string, string>>,
  ): PlainResult {
    return this.#form(form).answer(context, headers)
  }

  /** One for all forms: each is answered with `Vary: Accept`. */
  get etag(): string {
    this.#etag ??= quotedHash(this.#form({ mediaType: json, pretty: false }).bytes)
    return this.#etag
  }

  #form({ mediaType, pretty }: Form): EncodedForm {
    const name = `${mediaType} ${pretty}`
    const known = this.#forms.get(name)
    if (known) return known
    const form = new EncodedForm(Buffer.from(this.#encoded(mediaType, pretty)))
    this.#forms.set(name, form)
    return form
  }

  #encoded(mediaType: ObjectMediaType, pretty: boolean): string | Uint8Array {
    if (mediaType === protobuf) {
      // The envelope needs a version, which the oldest documents go without.
      const named = { apiVersion: 'v1', ...this.#object }
      return encodeProtobuf(this.#schema as never, named as never)
    }
    if (mediaType === yaml) return stringify(this.#object, { lineWidth: 0 })
    return `${JSON.stringify(this.#object, undefined, pretty ? 2 : 0)}\n`
  }
}

/** Bytes to answer with again and again. */
export class EncodedForm {
  readonly bytes: Buffer
  #zipped: Buffer | undefined

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  answer(
    { headers: asked }: RequestContext,
    headers: Readonly<Record<string, string>>,
  ): PlainResult {
    const isZipped = this.bytes.length > GZIP_BYTES_MIN && acceptsGzip(asked['accept-encoding'])
    if (!isZipped) return { type: 'plain', status: 200, headers, body: this.bytes }
    this.#zipped ??= gzipSync(this.bytes)
    const zippedHeaders = { ...headers, 'content-encoding': 'gzip', vary: varyOf(headers) }
    return { type: 'plain', status: 200, headers: zippedHeaders, body: this.#zipped }
  }
}

const varyOf = ({ vary }: Readonly<Record<string, string>>): string =>
  vary ? `${vary}, Accept-Encoding` : 'Accept-Encoding'

const uncached = { 'cache-control': 'no-cache, private' }

export const hashOf = (bytes: Buffer): string =>
  createHash('sha512').update(bytes).digest('hex').toUpperCase()

const quotedHash = (bytes: Buffer): string => `"${hashOf(bytes)}"`

/** Whether the caller has this version already. */
export function isKnown({ headers }: RequestContext, etag: string): boolean {
  const known = headers['if-none-match']
  if (known === undefined) return false
  return known.split(',').some((each) => ['*', etag].includes(each.trim().replace(/^W\//, '')))
}

export const notModified = (headers: Readonly<Record<string, string>>): PlainResult => ({
  type: 'plain',
  status: 304,
  headers,
  body: '',
})
