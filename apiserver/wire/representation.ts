/** Which of the forms that an answer can take the caller accepts. */
import { notAcceptable } from '#api/status.ts'
import type { RequestContext } from '../request-context.ts'
import {
  type Accepted,
  acceptedTypes,
  covers,
  type ObjectMediaType,
  protobuf,
} from './media-types.ts'

/** What an object is turned into before it is written. */
export type View = 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'

export interface Representation {
  readonly mediaType: ObjectMediaType
  readonly view: View | undefined
  /** The version of meta.k8s.io that the view is wanted in. */
  readonly viewVersion: string
  readonly pretty: boolean
}

export interface Offer {
  readonly mediaTypes: readonly ObjectMediaType[]
  readonly views: readonly View[]
}

const viewVersions = new Set(['v1', 'v1beta1'])

export function representationFor(context: RequestContext, offer: Offer): Representation {
  const pretty = isPretty(context)
  for (const accepted of acceptedTypes(context.headers.accept)) {
    const view = viewOf(accepted, offer)
    if (view === 'unknown') continue
    const mediaType = offer.mediaTypes.find((each) => covers(accepted, each))
    // A table is text for people: it has no protobuf form.
    if (!mediaType || (view === 'Table' && mediaType === protobuf)) continue
    return { mediaType, view, viewVersion: accepted.parameters.get('v') ?? 'v1', pretty }
  }
  throw notAcceptable(offer.mediaTypes)
}

function viewOf({ parameters }: Accepted, offer: Offer): View | 'unknown' | undefined {
  const wanted = parameters.get('as')
  if (wanted === undefined) return undefined
  const isMeta =
    parameters.get('g') === 'meta.k8s.io' && viewVersions.has(parameters.get('v') ?? '')
  const view = offer.views.find((each) => each === wanted)
  return isMeta && view ? view : 'unknown'
}

const browsersAndTools = /^(?:curl|Wget|Mozilla\/5\.0)/

/** People with curl or a browser read JSON better in lines. */
export function isPretty({ info, headers }: RequestContext): boolean {
  const wish = info.query.get('pretty')
  if (wish !== null) return !['false', '0'].includes(wish)
  return browsersAndTools.test(headers['user-agent'] ?? '')
}
