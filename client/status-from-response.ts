/** From an answer that is no success to the StatusError that says why. */
import { codes, type Details, type Reason, StatusError } from '#api/status.ts'

export interface Refusal {
  readonly method: string
  readonly path: string
  readonly code: number
  readonly body: Buffer
  /** From the header, where the body says nothing. */
  readonly retryAfterSeconds?: number | undefined
}

/** What remains to be said when whoever answered, be it a proxy, does not speak the API. */
const reasonsByCode: Readonly<Record<number, Reason>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

/** Enough of a foreign answer to recognise who gave it. */
const EXCERPT_BYTES_MAX = 200

export function statusFromResponse(refusal: Refusal): StatusError {
  const { method, path, code, body, retryAfterSeconds } = refusal
  const status = parsedStatus(body)
  if (status) return statusFromBody(status, code)
  const excerpt = body.subarray(0, EXCERPT_BYTES_MAX).toString().trim()
  const message = `${method} ${path}: the server answered ${code}${excerpt && `: ${excerpt}`}`
  const details: Details = retryAfterSeconds === undefined ? {} : { retryAfterSeconds }
  const error = new StatusError(reasonsByCode[code] ?? 'InternalError', message, details)
  return Object.assign(error, { code, ...(!reasonsByCode[code] && { reason: undefined }) })
}

/** Also for the Status in an ERROR event of a watch. */
export function statusFromBody(status: Readonly<Record<string, unknown>>, code = 500): StatusError {
  const { reason, message, details, metadata } = status
  const known = typeof reason === 'string' && reason in codes ? (reason as Reason) : undefined
  const text = typeof message === 'string' ? message : `the server answered ${code}`
  const error = new StatusError(known ?? 'InternalError', text, (details as Details) ?? undefined)
  error.metadata = (metadata as object | undefined) ?? {}
  const given = typeof status.code === 'number' ? status.code : code
  return Object.assign(error, { code: given, reason: known })
}

function parsedStatus(body: Buffer): Record<string, unknown> | undefined {
  if (body[0] !== '{'.charCodeAt(0)) return undefined
  try {
    const value = JSON.parse(body.toString())
    return value.kind === 'Status' ? value : undefined
  } catch {
    // Not JSON after all: the excerpt in the message shows what it is.
    return undefined
  }
}
