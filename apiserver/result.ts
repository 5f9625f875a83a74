/** What a verb answers, before it is known in which representation the client wants it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { Kind } from '#api/kind.ts'
import type { Resource } from './resources.ts'
import type { Entry } from './store/store.ts'
import type { ApiObject } from './stored-object.ts'
import type { Sink, WatchSession } from './watch/session.ts'

export type Result =
  | EntryResult
  | ObjectResult
  | ListResult
  | PlainResult
  | WatchResult
  | TakeoverResult

/** A stored object; served as JSON it is never parsed. */
export interface EntryResult {
  readonly type: 'entry'
  readonly status: number
  readonly resource: Resource
  readonly entry: Entry
}

/** An object that is not stored as it is shown: a dry run, a Scale, a Status, a review. */
export interface ObjectResult {
  readonly type: 'object'
  readonly status: number
  readonly kind: Kind
  readonly object: object
  /** The resource it belongs to, if it can be shown as a table of that resource. */
  readonly resource?: Resource
}

export interface ListResult {
  readonly type: 'list'
  readonly resource: Resource
  readonly entries: readonly Entry[]
  readonly revision: number
  /** The token for the next page. */
  readonly continue?: string
  readonly remaining?: number
}

/** Bytes that no representation applies to: logs, metrics, discovery made elsewhere. */
export interface PlainResult {
  readonly type: 'plain'
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | string | Readable
}

/** Events over a time, whichever way they reach the client. */
export interface WatchResult {
  readonly type: 'watch'
  readonly contentType: string
  /** Nothing is sent before the session is started. */
  open(sink: Sink): WatchSession
}

/** The verb writes the answer itself, over a time: a proxied stream. */
export interface TakeoverResult {
  readonly type: 'takeover'
  run(response: ServerResponse, request: IncomingMessage): void | Promise<void>
}

export const entryResult = (status: number, resource: Resource, entry: Entry): EntryResult => ({
  type: 'entry',
  status,
  resource,
  entry,
})

export const objectResult = (
  status: number,
  resource: Resource,
  object: ApiObject,
): ObjectResult => ({ type: 'object', status, kind: resource.kind, object, resource })

/** What upstream answers where nothing is. */
export const PAGE_NOT_FOUND = '404 page not found\n'

export const plainText = (status: number, body: string): PlainResult => ({
  type: 'plain',
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body,
})
