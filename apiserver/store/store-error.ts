/** The one error the store throws; the API layer maps its code to a Status. */

export type StoreErrorCode =
  /** A create found the key taken. */
  | 'KeyExists'
  /** An update or delete found no such key. */
  | 'KeyNotFound'
  /** The key is at another revision than the writer expected. */
  | 'Conflict'
  /** The revision is older than what history still holds. */
  | 'Expired'
  /** The revision has not been reached within the wait allowed. */
  | 'FutureRevision'
  /** A key, value or transaction is beyond its limit, or malformed. */
  | 'Invalid'
  /** Writes are refused until the disk works again; reads and watches go on. */
  | 'ReadOnly'
  /** More bytes wait to be written than the queue may hold. */
  | 'Busy'
  | 'Closed'
  /** A stored file is not what was written; the store refuses to start. */
  | 'Damaged'
  /** Another process has the directory open. */
  | 'Locked'

export interface StoreErrorDetails {
  readonly key?: string
  /** The revision asked for or expected. */
  readonly wanted?: number
  /** The revision found: of the key, the oldest kept, or the newest. */
  readonly found?: number
  readonly file?: string
  readonly offset?: number
}

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  readonly details: StoreErrorDetails

  constructor(
    code: StoreErrorCode,
    message: string,
    details: StoreErrorDetails = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.details = details
  }
}

export function isStoreError(error: unknown, ...codes: StoreErrorCode[]): error is StoreError {
  return error instanceof StoreError && (codes.length === 0 || codes.includes(error.code))
}

export function expired(wanted: number, found: number): StoreError {
  const message = `read history: revision is ${wanted}, wanted ${found} or newer`
  return new StoreError('Expired', message, { wanted, found })
}

export function futureRevision(wanted: number, found: number): StoreError {
  const message = `read revision: the store is at ${found}, wanted ${wanted}`
  return new StoreError('FutureRevision', message, { wanted, found })
}

export function damaged(file: string, offset: number, what: string): StoreError {
  const message = `open store: "${file}" is damaged at byte ${offset}: ${what}`
  return new StoreError('Damaged', message, { file, offset })
}
