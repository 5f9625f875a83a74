/** StatusError: the one error that crosses processes, for every reason the API has. */
import type { Problem } from './problems.ts'

export const codes = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServerTimeout: 500,
  StoreReadError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
} as const

export type Reason = keyof typeof codes

export interface Cause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

export interface Details {
  readonly name?: string
  readonly group?: string
  /** Mostly the plural, not the Kind: clients print it, so it matches upstream. */
  readonly kind?: string
  readonly uid?: string
  readonly causes?: readonly Cause[]
  readonly retryAfterSeconds?: number
}

/** A Status as it goes over the wire. */
export interface StatusBody {
  readonly kind: 'Status'
  readonly apiVersion: 'v1'
  readonly metadata: object
  readonly status: 'Failure'
  readonly message: string
  readonly reason?: Reason
  readonly details?: Details
  readonly code: number
}

/** `message` and `details` reach the client; `cause` reaches only the log. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  /** Absent for the few answers that upstream gives no reason. */
  readonly reason: Reason | undefined
  readonly code: number
  readonly details: Details | undefined
  /** What a list would say about itself: the way on, when a page has expired. */
  metadata: object = {}

  constructor(reason: Reason, message: string, details?: Details, cause?: unknown) {
    super(message, { cause })
    this.reason = reason
    this.code = codes[reason]
    this.details = details
  }

  /** For the few answers to which upstream gives a code and no reason. */
  static withoutReason(code: number, message: string): StatusError {
    const error = new StatusError('InternalError', message)
    return Object.assign(error, { reason: undefined, code })
  }

  toJSON(): StatusBody {
    const { reason, code, message, details, metadata } = this
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata,
      status: 'Failure',
      message,
      ...(reason && { reason }),
      ...(details && { details }),
      code,
    }
  }
}

export const isReason = (error: unknown, ...reasons: Reason[]): error is StatusError =>
  error instanceof StatusError && reasons.some((reason) => reason === error.reason)

/** A resource as messages name it. */
export interface ResourceName {
  readonly group: string
  readonly plural: string
}

/** A kind as messages about invalid objects name it. */
export interface KindName {
  readonly group: string
  readonly kind: string
}

/** `deployments.apps`, or `pods` in the group without a name. */
export function qualified({ group, plural }: ResourceName): string {
  return group ? `${plural}.${group}` : plural
}

const about = ({ group, plural }: ResourceName, name: string): Details => ({
  ...(name && { name }),
  ...(group && { group }),
  ...(plural && { kind: plural }),
})

export const notFound = (resource: ResourceName, name: string) =>
  new StatusError('NotFound', `${qualified(resource)} "${name}" not found`, about(resource, name))

export const alreadyExists = (resource: ResourceName, name: string) =>
  new StatusError(
    'AlreadyExists',
    `${qualified(resource)} "${name}" already exists`,
    about(resource, name),
  )

/** All the names that generateName was allowed to try were taken. */
export const generateNameConflict = (resource: ResourceName, name: string, retrySeconds: number) =>
  new StatusError(
    'AlreadyExists',
    `${qualified(resource)} "${name}" already exists, ` +
      'the server was not able to generate a unique name for the object',
    { ...about(resource, name), retryAfterSeconds: retrySeconds },
  )

export const unauthorized = (message = 'Unauthorized') => new StatusError('Unauthorized', message)

export function forbidden(resource: ResourceName, name: string, why: string): StatusError {
  const subject = resource.plural && `${qualified(resource)}${name && ` "${name}"`} is `
  return new StatusError('Forbidden', `${subject}forbidden: ${why}`, about(resource, name))
}

export const modified =
  'the object has been modified; please apply your changes to the latest version and try again'

export const conflict = (resource: ResourceName, name: string, why: string = modified) =>
  new StatusError(
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
    about(resource, name),
  )

/** Another manager owns fields of an apply request; one cause for each. */
export const applyConflict = (message: string, causes: readonly Cause[]) =>
  new StatusError('Conflict', message, { causes })

export const gone = (message: string) => new StatusError('Gone', message)

export const expired = (message: string) => new StatusError('Expired', message)

export const badRequest = (message: string, cause?: unknown) =>
  new StatusError('BadRequest', message, undefined, cause)

/** The problems become one message and a cause each; equal messages are said once. */
export function invalid(
  { group, kind }: KindName,
  name: string,
  problems: readonly Problem[],
): StatusError {
  const texts = [...new Set(problems.map(({ field, message }) => `${field}: ${message}`))]
  const all = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  const subject = `${group ? `${kind}.${group}` : kind} "${name}" is invalid`
  const causes = problems.map(({ reason, message, field }) => ({ reason, message, field }))
  return new StatusError('Invalid', texts.length ? `${subject}: ${all}` : subject, {
    ...(name && { name }),
    ...(group && { group }),
    ...(kind && { kind }),
    ...(causes.length > 0 && { causes }),
  })
}

export const methodNotAllowed = () =>
  new StatusError(
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
  )

/** The resource exists, and does not do this to objects of its kind. */
export const methodNotSupported = (resource: ResourceName, action: string) =>
  new StatusError(
    'MethodNotAllowed',
    `${action} is not supported on resources of kind "${qualified(resource)}"`,
    about(resource, ''),
  )

export const notAcceptable = (offered: readonly string[]) =>
  new StatusError(
    'NotAcceptable',
    `406: Not Acceptable\n\nAvailable representations: ${offered.join(', ')}`,
    {},
  )

export const unsupportedMediaType = (accepted: readonly string[]) =>
  new StatusError(
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - ' +
      `accepted media types include: ${accepted.join(', ')}`,
  )

export const tooLarge = (message: string) =>
  new StatusError('RequestEntityTooLarge', `Request entity too large: ${message}`)

export const tooManyRequests = (message: string, retrySeconds: number) =>
  new StatusError('TooManyRequests', message, { retryAfterSeconds: retrySeconds })

export const serviceUnavailable = (message: string, cause?: unknown) =>
  new StatusError('ServiceUnavailable', message, undefined, cause)

export const serverTimeout = (resource: ResourceName, operation: string, retrySeconds: number) =>
  new StatusError(
    'ServerTimeout',
    `The ${operation} operation against ${qualified(resource)} ` +
      'could not be completed at this time, please try again.',
    { ...about(resource, ''), name: operation, retryAfterSeconds: retrySeconds },
  )

export const timeout = (message: string, retrySeconds: number) =>
  new StatusError('Timeout', `Timeout: ${message}`, { retryAfterSeconds: retrySeconds })

/** What went wrong inside is for the log; the client learns `message` only. */
export const internalError = (message: string, cause?: unknown) =>
  new StatusError(
    'InternalError',
    `Internal error occurred: ${message}`,
    { causes: [{ message }] },
    cause,
  )
