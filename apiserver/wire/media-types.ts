/** Media types: what a body is in, and what the caller accepts in return. */

export const json = 'application/json'
export const yaml = 'application/yaml'
export const protobuf = 'application/vnd.kubernetes.protobuf'

/** The formats of objects, in the order in which upstream lists and prefers them. */
export const objectMediaTypes = [json, yaml, protobuf] as const
export type ObjectMediaType = (typeof objectMediaTypes)[number]

/** The type alone, lower-cased, without parameters. */
export function mediaTypeOf(header: string | undefined): string {
  return (header ?? '').split(';', 1)[0]!.trim().toLowerCase()
}

export interface Accepted {
  /** Such as `application/json`. */
  readonly type: string
  /** Such as `as=Table;v=v1;g=meta.k8s.io`. */
  readonly parameters: ReadonlyMap<string, string>
  readonly quality: number
}

/** Clients send the same few headers again and again; past this many, remembering starts over. */
const KNOWN_HEADERS_MAX = 256
const KNOWN_LENGTH_MAX = 512
const known = new Map<string, readonly Accepted[]>()

/** The clauses of an Accept header, best first; those of equal quality in their order. */
export function acceptedTypes(header = ''): readonly Accepted[] {
  let accepted = known.get(header)
  if (!accepted) {
    accepted = parsedClauses(header)
    if (header.length > KNOWN_LENGTH_MAX) return accepted
    if (known.size >= KNOWN_HEADERS_MAX) known.clear()
    known.set(header, accepted)
  }
  return accepted
}

function parsedClauses(header: string): readonly Accepted[] {
  if (!header.trim()) return [{ type: '*/*', parameters: new Map(), quality: 1 }]
  return header
    .split(',')
    .map(clause)
    .filter(({ type, quality }) => type && quality > 0)
    .sort((a, b) => b.quality - a.quality)
}

function clause(text: string): Accepted {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim())
  const parameters = new Map(
    rest.map((parameter) => {
      const mark = parameter.indexOf('=')
      return [parameter.slice(0, mark).trim(), unquoted(parameter.slice(mark + 1).trim())] as const
    }),
  )
  const quality = Number(parameters.get('q') ?? 1)
  parameters.delete('q')
  return { type: type.toLowerCase(), parameters, quality: Number.isFinite(quality) ? quality : 0 }
}

const unquoted = (text: string): string => text.replace(/^"(.*)"$/, '$1')

/** Whether a clause such as `application/*` covers a media type. */
export function covers({ type }: Accepted, mediaType: string): boolean {
  if (type === '*/*' || type === '*' || type === mediaType) return true
  return type.endsWith('/*') && mediaType.startsWith(type.slice(0, -1))
}
