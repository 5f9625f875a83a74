/** Headers of proxied requests and answers: what is passed on, what is added, what stays here. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { offeredProtocols } from '#daemon/streams/channel-protocols.ts'
import type { LinkRewriter } from './proxy-links.ts'

/** They are about one connection, not about the request. */
const ofConnection = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** They tell us who the caller is; a pod that heard them could act in the caller's name. */
const isCredential = (name: string): boolean =>
  name === 'authorization' || name.startsWith('impersonate-') || name.startsWith('x-remote-')

export interface Forwarded {
  /** Of the client; absent when its connection is gone already. */
  readonly address: string | undefined
  readonly uri: string
  readonly isSecure: boolean
}

export function requestHeaders(
  headers: IncomingHttpHeaders,
  forwarded: Forwarded,
  isUpgrade: boolean,
): OutgoingHttpHeaders {
  const kept = withoutConnection(headers)
  for (const name of Object.keys(kept)) if (isCredential(name)) delete kept[name]
  if (isUpgrade) {
    kept.connection = 'Upgrade'
    kept.upgrade = headers.upgrade
    const protocols = offeredProtocols(headers['sec-websocket-protocol']).filter(Boolean)
    if (protocols.length) kept['sec-websocket-protocol'] = protocols.join(', ')
    else delete kept['sec-websocket-protocol']
  } else if (headers['transfer-encoding']) kept['transfer-encoding'] = 'chunked'
  if (headers.te?.includes('trailers')) kept.te = 'trailers'
  const hops = [headers['x-forwarded-for'] ?? [], forwarded.address ?? []].flat()
  if (hops.length) kept['x-forwarded-for'] = hops.join(', ')
  kept['x-forwarded-uri'] = forwarded.uri
  if (headers.host) kept['x-forwarded-host'] = headers.host
  kept['x-forwarded-proto'] = forwarded.isSecure ? 'https' : 'http'
  return kept
}

export function responseHeaders(
  headers: IncomingHttpHeaders,
  links: LinkRewriter,
): OutgoingHttpHeaders {
  const kept = withoutConnection(headers)
  if (headers.location !== undefined) kept.location = links.rewritten(headers.location)
  return kept
}

function withoutConnection(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((each) => each.trim().toLowerCase())
  const kept: OutgoingHttpHeaders = {}
  for (const [name, value] of Object.entries(headers)) {
    if (!ofConnection.has(name) && !named.includes(name)) kept[name] = value
  }
  return kept
}
